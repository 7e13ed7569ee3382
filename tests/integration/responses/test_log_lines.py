"""What was written stays out of the log, whatever goes wrong with it."""

import logging
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback_app.config import Settings
from feedback_app.happenings import Kind
from feedback_app.logs import set_up_logging
from feedback_app.responses import views
from feedback_app.tagging import batches, jobs
from feedback_app.webhooks.endpoints import EndpointDraft, add_endpoint
from feedback_app.webhooks.jobs import deliver_webhooks, reach_of, tell_others
from feedback_app.webhooks.models import Shape
from tests.conftest import NOON, make_settings
from tests.factories import make_invitation
from tests.receivers import LOOPBACK, receiving

SAID = "The zebra in my invoice, ring 07700 900123"
pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    return make_settings(tmp_path, database, webhooks_may_reach=LOOPBACK)


@pytest.fixture
def log(app: Flask) -> Iterator[StringIO]:
    """Every line that the application writes, of every level, as an operator reads it."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    set_up_logging("DEBUG")
    lines = StringIO()
    root.handlers[0].setStream(lines)
    yield lines
    root.handlers[:], root.level = before
    structlog.reset_defaults()


class Failing:
    """A tagger that repeats the comment when it breaks."""

    def tag_many(self, texts: Sequence[str]) -> list[object]:
        raise ValueError(f"cannot read {texts[0]!r}")


def test_no_line_has_a_word_of_a_comment(
    app: Flask, client: FlaskClient, session: Session, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/a/{app.extensions['feedback_links'].answer_token(make_invitation(session).id)}"
    answer = {"rating": "3", "comment": SAID}
    with receiving() as receiver:
        receiver.answer(500, body=SAID.encode())
        draft = EndpointDraft("CRM", receiver.url, Shape.EVENT, list(Kind))
        given = {"vault": app.extensions["feedback_vault"], "user_id": None, "now": NOON}
        add_endpoint(session, draft, reach=reach_of(app.extensions["feedback_settings"]), **given)
        assert client.post(path, data=answer).status_code == 303
        monkeypatch.setattr(batches, "shared_tagger", Failing)
        for work in (jobs.tag_new_comments, tell_others, deliver_webhooks):
            app.extensions["feedback_queue"]._run(work.name)  # as a worker does
        assert b"zebra" in receiver.came[0].body

    def broken(*_given: object, **_named: object) -> None:
        raise RuntimeError(f"cannot store {SAID!r}")

    monkeypatch.setattr(views, "record_response", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert client.post(path, data=answer).status_code == 500
    written = log.getvalue()
    assert "job failed" in written
    assert "RuntimeError" in written
    assert "zebra" not in written
    assert "900123" not in written
