"""What the tests of events out share: endpoints, and an installation that may send to loopback."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.config import Settings
from feedback_app.crypto import Vault
from feedback_app.happenings import Kind
from feedback_app.webhooks.endpoints import EndpointDraft, add_endpoint
from feedback_app.webhooks.jobs import reach_of
from feedback_app.webhooks.models import Endpoint, Shape, WebhookDelivery
from feedback_app.webhooks.targets import Reach
from tests.conftest import NOON, make_settings
from tests.pages import afresh
from tests.receivers import LOOPBACK, Receiver, receiving

SECRET = "T8jtGnuYaNerDedVMYrcgn1dRdywfGOl"


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return make_settings(tmp_path, database, webhooks_may_reach=LOOPBACK)


@pytest.fixture
def vault(app: Flask) -> Vault:
    made: Vault = app.extensions["feedback_vault"]
    return made


@pytest.fixture
def reach(settings: Settings) -> Reach:
    return reach_of(settings)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


class Endpoints:
    """Makes endpoints that hear of everything unless told otherwise."""

    def __init__(self, session: Session, vault: Vault, reach: Reach) -> None:
        self.session, self.vault, self.reach = session, vault, reach

    def add(self, url: str = "https://hooks.example.com/in", **given: Any) -> Endpoint:
        draft = {"name": "Ours", "url": url, "shape": Shape.EVENT, "kinds": list(Kind)} | given
        made, _ = add_endpoint(
            self.session,
            EndpointDraft(**draft),
            SECRET,
            reach=self.reach,
            vault=self.vault,
            user_id=None,
            now=NOON,
        )
        return self.session.get_one(Endpoint, made)


@pytest.fixture
def endpoints(session: Session, vault: Vault, reach: Reach) -> Endpoints:
    return Endpoints(session, vault, reach)


def deliveries(session: Session) -> list[WebhookDelivery]:
    """Every delivery as the database has it now, oldest first."""
    afresh(session).expire_all()
    return list(session.scalars(select(WebhookDelivery).order_by(WebhookDelivery.id)))
