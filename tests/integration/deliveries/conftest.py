"""What the tests of reports share: a hook, and reports put straight into the store."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.deliveries.effects import apply_stored
from feedback_app.deliveries.models import MailEvent, MailHook, MailOutcome
from feedback_app.deliveries.reports import MailReport
from feedback_app.deliveries.services import receive_reports
from tests.conftest import NOON, SECRET
from tests.factories import keep


@pytest.fixture
def tell(session: Session) -> Callable[..., MailEvent]:
    """Store a report of Postmark and act on it; gives the row afterwards."""
    numbers = iter(range(1000))

    def report(outcome: MailOutcome, *, at: Any = NOON, key: str = "", **given: Any) -> MailEvent:
        vault = current_app.extensions["feedback_vault"]
        made = MailReport(outcome, key or f"postmark:{next(numbers)}", **given)
        receive_reports(session, "postmark", None, [made], vault=vault, now=at)
        event = session.scalars(select(MailEvent).where(MailEvent.dedupe_key == made.dedupe_key)).one()
        apply_stored(session, [event.id], vault=vault, secrets=(SECRET,), now=at)
        session.refresh(event)
        return event

    return report


@pytest.fixture
def make_hook(session: Session) -> Callable[..., MailHook]:
    def make(kind: str, signs_with: str = "a secret", **given: Any) -> MailHook:
        sealed = current_app.extensions["feedback_vault"].seal(signs_with)
        defaults = {"key": f"key-of-{kind}", "name": kind, "created_at": NOON, "settings": {}}
        return keep(session, MailHook(**defaults | given, kind=kind, sealed_secret=sealed))

    return make


@pytest.fixture(autouse=True)
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon, unless a test sets the clock."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
