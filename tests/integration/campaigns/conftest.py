"""What the tests of campaigns and plans share: a vault, a zone and people."""

from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.people.models import Person
from tests.factories import make_person

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def vault(app: Flask) -> Vault:
    made: Vault = app.extensions["feedback_vault"]
    return made


def make_people(session: Session, count: int) -> list[Person]:
    return [make_person(session) for _ in range(count)]
