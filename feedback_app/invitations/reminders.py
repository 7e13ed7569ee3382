"""The one reminder of an invitation that nobody has answered for `reminder_days`: one more mail, never a third."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, exists, select, update
from sqlalchemy.orm import Session

from feedback_app.db import UtcDateTime, insert_into, reading, transaction
from feedback_app.invitations.asking import EMAIL
from feedback_app.invitations.models import Invitation, Reminder
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.states import not_on_its_way
from feedback_app.invitations.windows import SendingWindow, zone_of
from feedback_app.people.models import Person
from feedback_app.surveys.models import Survey, SurveyState

SEND_WITHIN = timedelta(hours=72)  # of being due
# Older invitations are left alone, so that switching reminders on does not mail everybody who was ever asked.
NOT_LATER_THAN = timedelta(days=3)

_REMINDING = select(Survey.id, Survey.reminder_days).where(
    Survey.reminder_days.is_not(None), Survey.state == SurveyState.OPEN
)
# Unconfirmed and suspect ratings leave `answered_at` empty, so they do not stop the reminder.
_UNANSWERED = (
    select(Invitation.id, Invitation.survey_id, Invitation.person_id, Invitation.window, Person.time_zone)
    .join(Person, Invitation.person_id == Person.id)
    .where(
        Invitation.survey_id == bindparam("survey"),
        Invitation.channel == EMAIL,  # whoever hands links over by other ways also reminds by them
        Invitation.sent_at <= bindparam("latest", type_=UtcDateTime),
        Invitation.sent_at > bindparam("earliest", type_=UtcDateTime),
        Invitation.state.in_((State.SENT, State.DELIVERED)),
        Invitation.answered_at.is_(None),
        Person.email_key.is_not(None),
        ~exists().where(Reminder.invitation_id == Invitation.id),
    )
    .order_by(Invitation.sent_at)
    .limit(bindparam("limit"))
)


def schedule_due_reminders(session: Session, limit: int, *, zone: ZoneInfo, now: datetime) -> int:
    """Schedule up to `limit` reminders that are due, in their people's hours; gives how many there were.

    Two workers at it make one reminder: the unique index decides. Whether the person is to get it is looked at when
    it is sent, as for an invitation; until then it can be cancelled.
    """
    found = _due(limit, now)
    if found:
        with transaction(session):
            rows = [_reminder(row, zone, now) for row in found]
            session.execute(insert_into(session, Reminder).on_conflict_do_nothing(), rows)
    return len(found)


def cancel_reminders(
    session: Session, person_id: int, survey_id: int | None, reason: str, *, now: datetime
) -> None:
    """Cancel the reminders of a person that did not leave (of one survey, or of any), in the caller's transaction."""
    scheduled = update(Reminder).where(Reminder.person_id == person_id, not_on_its_way(Reminder))
    if survey_id is not None:
        scheduled = scheduled.where(Reminder.survey_id == survey_id)
    values = {"state": State.CANCELLED, "reason": reason, "changed_at": now, "lease_until": None}
    session.execute(scheduled.values(**values).execution_options(synchronize_session=False))


def _due(limit: int, now: datetime) -> Sequence[Row[Any]]:
    """The invitations that are to be repeated, of the first survey that has any."""
    with reading() as connection:
        for survey_id, days in connection.execute(_REMINDING).all():
            latest = now - timedelta(days=days or 0)
            values = {"survey": survey_id, "latest": latest, "earliest": latest - NOT_LATER_THAN}
            found = connection.execute(_UNANSWERED, values | {"limit": limit}).all()
            if found:
                return found
    return []


def _reminder(asked: Row[Any], zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    window = SendingWindow.of_json(asked.window)
    due = window.next_open(now, zone_of(asked.time_zone, zone)) if window else now
    return {
        "invitation_id": asked.id,
        "survey_id": asked.survey_id,
        "person_id": asked.person_id,
        "state": State.SCHEDULED,
        "reason": "",
        "window": asked.window,
        "created_at": now,
        "changed_at": now,
        "due_at": due,
        "expires_at": due + SEND_WITHIN,
        "attempts": 0,
    }
