"""A server on a port for programs that speak HTTP by themselves, and a key for them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.serving import make_server

from feedback_app import clock
from feedback_app.api.keys import create_key
from feedback_app.campaigns.plans import PlanTerms, activate_plan, set_plan
from feedback_app.config import Settings
from feedback_app.db import transaction
from feedback_app.invitations.models import SurveyPerson
from feedback_app.limiting import limiter
from feedback_app.surveys.models import Survey
from tests.conftest import make_settings
from tests.factories import make_person, make_response
from tests.installation import free_port


@dataclass(frozen=True)
class Served:
    """Where the server is, and the key of a survey without a limit of requests."""

    port: int
    key: str
    survey_id: int

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/"


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """The next page of a list is a link, so the server has to know where it is."""
    return make_settings(tmp_path, database, base_url=f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def served(app: Flask, settings: Settings, session: Session, survey: Survey) -> Iterator[Served]:
    """The application on a port of its own, with as many threads as it needs."""
    limiter.reset()
    key = create_key(session, survey.slug, per_minute=0, now=clock.now())
    port = int(settings.base_url.rpartition(":")[2])
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Served(server.port, key, survey.id)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def limited_key(session: Session, survey: Survey) -> str:
    """A key that is good for one request in a minute."""
    return create_key(session, survey.slug, per_minute=1, now=clock.now())


@pytest.fixture
def recurring(session: Session, survey: Survey) -> None:
    """The survey's own plan is on, which is what Autopilot was."""
    zone = ZoneInfo("UTC")
    plan_id = set_plan(session, survey.id, PlanTerms(90), zone=zone, user_id=None, now=clock.now())
    activate_plan(session, plan_id, zone=zone, user_id=None, now=clock.now())


@pytest.fixture
def busy(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """What lets the server's database be busy from now on."""
    from feedback_app.api.v1 import views
    from feedback_app.errors import DatabaseBusy

    def refuse(*_: object, **__: object) -> None:
        raise DatabaseBusy

    return lambda: monkeypatch.setattr(views, "known_key", refuse)


def answered(session: Session, survey: Survey, how_many: int) -> None:
    """So many people, each of whom answered 9 or less, a minute apart."""
    people = [make_person(session) for _ in range(how_many)]
    with transaction(session):
        session.add_all(
            SurveyPerson(survey_id=survey.id, person_id=one.id, added_at=clock.now()) for one in people
        )
    for number, one in enumerate(people):
        at = clock.now() - timedelta(minutes=number + 1)
        make_response(session, survey_id=survey.id, person_id=one.id, rating=number % 10, created_at=at)
