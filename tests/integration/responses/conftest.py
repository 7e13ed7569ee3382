"""A clock that stands at noon until it is moved, and the links of an invitation."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation
from feedback_app.links import Links
from tests.factories import NOON, make_invitation


@dataclass
class Link:
    """An invitation, sent an hour before noon, and the path of its answer page."""

    invitation_id: int
    path: str


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Noon, until the test moves it."""
    with time_machine.travel(NOON, tick=False) as moved:
        yield moved


@pytest.fixture
def links(app: Flask) -> Links:
    made: Links = app.extensions["feedback_links"]
    return made


@pytest.fixture
def invitation(session: Session) -> Invitation:
    return make_invitation(session)


@pytest.fixture
def link(invitation: Invitation, links: Links, clock: time_machine.Traveller) -> Link:
    return Link(invitation.id, f"/a/{links.answer_token(invitation.id)}")
