"""The worker's job over themes."""

from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from feedback_app.queue import JOBS
from feedback_app.tagging import theme_jobs
from feedback_app.themes.services import WALK, add_theme
from feedback_app.themes.walking import left_to_walk
from tests.integration.themes.conftest import Reader, make_comment, rows

pytestmark = pytest.mark.only("sqlite")


def test_the_job_that_services_ask_for_walks_until_nothing_is_due(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme_jobs, "shared_tagger", Reader)
    bills = add_theme(session, "Bills", "bill*", user_id=None, now=now)
    response = make_comment(session, "A bill")
    JOBS[WALK].run()
    assert rows(session) == [(response, bills, "rule")]
    assert not left_to_walk(session)


def test_a_worker_that_ends_leaves_the_walk_to_the_next(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(theme_jobs, "is_stopping", lambda: True)
    add_theme(session, "Bills", "bill*", user_id=None, now=now)
    JOBS[WALK].run()
    assert left_to_walk(session)
