"""Reports are forgotten after their time; what they led to is not, and a repetition does not bring them back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.deliveries import forgetting
from feedback_app.deliveries.effects import SOFT_BOUNCE_DAYS
from feedback_app.deliveries.forgetting import ACTED_ON_WITHIN, SHORTEST, forget_old_reports
from feedback_app.deliveries.jobs import forget_reports
from feedback_app.deliveries.models import MailEvent, MailOutcome
from feedback_app.deliveries.reports import MailReport
from feedback_app.deliveries.services import receive_reports
from feedback_app.invitations.models import InvitationState
from feedback_app.people.models import Suppression
from feedback_app.people.services import lift_suppression
from tests.conftest import NOON, make_settings
from tests.factories import keep, make_invitation, make_user

DAY = timedelta(days=1)
Tell = Callable[..., MailEvent]


def make_event(session: Session, key: str, **given: object) -> MailEvent:
    defaults = {"provider": "ses", "dedupe_key": key, "state": "done", "received_at": NOON, "body": b"{}"}
    return keep(session, MailEvent(**defaults | given))


def kept(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(MailEvent.dedupe_key).order_by(MailEvent.id)))


def test_old_reports_go_a_few_at_a_time_and_what_is_left_to_do_stays(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forgetting, "AT_ONCE", 2)
    long_ago = NOON - 90 * DAY - timedelta(seconds=1)
    make_event(session, "not acted on", state="received", received_at=long_ago, try_at=long_ago)
    for number in range(3):
        make_event(session, f"old {number}", received_at=long_ago)
    make_event(session, "unreadable", received_at=long_ago, state="unreadable")
    make_event(session, "of the first day that is kept", received_at=NOON - 90 * DAY)
    assert [forget_old_reports(session, 90, now=NOON) for _ in range(3)] == [2, 2, 0]
    assert kept(session) == ["not acted on", "of the first day that is kept"]


@pytest.mark.only("sqlite")
def test_the_job_keeps_reports_for_as_long_as_the_setting_says(app: Flask, session: Session) -> None:
    make_event(session, "of spring", received_at=NOON - 200 * DAY)
    make_event(session, "of summer", received_at=NOON - 100 * DAY)
    make_event(session, "of autumn", received_at=NOON - 10 * DAY)
    settings = app.extensions["feedback_settings"]
    for days, left in ((0, 3), (150, 2), (90, 1)):
        given = make_settings(settings.instance, settings.database_url, mail_report_days=days)
        app.extensions["feedback_settings"] = given
        forget_reports.run()
        assert len(kept(session)) == left


def test_what_a_report_led_to_outlives_it_and_its_repetition_changes_nothing(
    session: Session, tell: Tell
) -> None:
    invitation = make_invitation(session)
    told = {"key": "postmark:7", "invitation": str(invitation.id), "occurred_at": NOON}
    tell(MailOutcome.BOUNCED_PERMANENT, **told)
    later = NOON + SHORTEST + timedelta(seconds=1)
    assert forget_old_reports(session, SHORTEST.days, now=later) == 1
    (row,) = session.scalars(select(Suppression)).all()
    session.refresh(invitation)
    assert (invitation.state, row.reason) == (InvitationState.BOUNCED, "bounced")
    assert row.detail.startswith(f"Invitation {invitation.id}, postmark")
    lift_suppression(session, row.id, reason="It works again.", user_id=make_user(session).id, now=later)

    again = MailReport(MailOutcome.BOUNCED_PERMANENT, "postmark:7", invitation="1", occurred_at=NOON)
    vault = current_app.extensions["feedback_vault"]
    assert receive_reports(session, "postmark", None, [again], vault=vault, now=later) == 1
    (event,) = session.scalars(select(MailEvent)).all()
    assert (event.state, event.try_at, event.body) == ("ignored", None, b"")
    assert event.problem.startswith("It came more than 30 days after what it reports")
    assert session.scalars(select(Suppression)).all() == []


def test_nothing_is_forgotten_while_it_may_still_count() -> None:
    assert timedelta(days=SOFT_BOUNCE_DAYS) < SHORTEST
    assert ACTED_ON_WITHIN < SHORTEST
