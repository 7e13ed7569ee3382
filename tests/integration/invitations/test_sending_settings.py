"""/settings/sending: the limit over all surveys, and the sender's pause."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid
from feedback_app.invitations.limits import set_overall_days
from feedback_app.invitations.pausing import pause, pause_of
from feedback_app.invitations.throttle import overall_days
from feedback_app.staff.models import AuditEntry, Role
from tests.factories import NOON
from tests.pages import afresh, signed_in

PAGE = "/settings/sending"


def test_an_administrator_changes_the_limit_and_it_is_noted(app: Flask, session: Session) -> None:
    admin = signed_in(app, Role.ADMIN)
    assert 'value="7"' in admin.get(PAGE).text
    assert admin.send(PAGE, days="3").status_code == 303
    assert overall_days(afresh(session)) == 3
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "limit.changed"))
    assert entry.detail == {"before": 7, "days": 3}


@pytest.mark.parametrize("days", ["", "-1", "366"])
def test_a_limit_that_does_not_fit_changes_nothing(days: str, app: Flask, session: Session) -> None:
    refused = signed_in(app, Role.ADMIN).send(PAGE, days=days)
    assert refused.status_code == 422
    assert "whole number of days from 0 to 365" in refused.text
    assert overall_days(afresh(session)) == 7


def test_the_service_checks_too(session: Session) -> None:
    with pytest.raises(Invalid, match="0 to 365"):
        set_overall_days(session, 366, user_id=None, now=NOON)


def test_others_see_the_limit_and_leave_it(app: Flask, session: Session) -> None:
    lead = signed_in(app, Role.LEAD)
    assert "An administrator can change it" in lead.get(PAGE).text
    assert lead.send(PAGE, days="3").status_code == 403
    assert signed_in(app, Role.VIEWER).get(PAGE).status_code == 403


def test_a_pause_is_shown_with_its_reason_and_can_be_ended(app: Flask, session: Session) -> None:
    lead = signed_in(app, Role.LEAD)
    assert "Try again now" not in lead.get(PAGE).text
    pause(session, "The mail server refused our password.", now=NOON)
    page = lead.get(PAGE).text
    assert "The mail server refused our password." in page
    assert "Try again now" in page
    assert "Try again now" not in signed_in(app, Role.CSM).get(PAGE).text
    assert lead.send(f"{PAGE}/again").status_code == 303
    assert pause_of(afresh(session)) is None
    assert session.scalar(select(AuditEntry.action).where(AuditEntry.action == "pause.ended")) is not None
