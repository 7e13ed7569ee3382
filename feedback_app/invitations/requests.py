"""Asking a person because a program said so: at that moment, whatever else was sent; limits decide at sending."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into, transaction
from feedback_app.invitations.asking import SEND_WITHIN
from feedback_app.invitations.models import (
    EarlierAsk,
    Invitation,
    InvitationState,
    LedgerEntry,
    Outcome,
    SurveyPerson,
)
from feedback_app.invitations.reminders import cancel_reminders
from feedback_app.people.knowing import Named, Unfit, know_person
from feedback_app.people.models import Person

CANCELLED_BECAUSE = "cancelled by a program"

_INVITE = insert(Invitation.__table__).returning(Invitation.id)  # type: ignore[arg-type]
_NOTE = insert(LedgerEntry.__table__)  # type: ignore[arg-type]
_REACHED_BY: Mapping[str, Any] = {"email": Person.email, "sms": Person.phone_number}


@dataclass(frozen=True, slots=True)
class Request:
    """What a program wants: the survey, to that person, after the delay, with properties for it and its response."""

    delay: timedelta = timedelta(0)
    properties: Mapping[str, Any] = field(default_factory=dict)
    channel: str = "email"


@dataclass(frozen=True, slots=True)
class Received:
    """The person whom a program named; with a request, when they are to be asked."""

    person_id: int
    is_new: bool
    due_at: datetime | None


def receive_person(
    session: Session,
    survey_id: int,
    named: Named,
    request: Request | None,
    *,
    last_sent_at: datetime | None = None,
    vault: Vault,
    now: datetime,
) -> Received:
    """Take in a person for the survey, and ask them if there is a request, all in one transaction. Raises Unfit."""
    with transaction(session):
        known = know_person(session, named, vault=vault, now=now)
        note_came_through(session, survey_id, known.person_id, now=now)
        if last_sent_at is not None:
            note_earlier_ask(session, survey_id, known.person_id, sent_at=last_sent_at)
        if request is None:
            return Received(known.person_id, known.is_new, None)
        reached = session.scalar(select(_REACHED_BY[request.channel]).where(Person.id == known.person_id))
        if reached is None:
            raise Unfit(_REACHED_BY[request.channel].key, "can't be blank")
        _, due_at = request_survey(session, survey_id, known.person_id, request, now=now)
    return Received(known.person_id, known.is_new, due_at)


def request_survey(
    session: Session, survey_id: int, person_id: int, request: Request, *, now: datetime
) -> tuple[int, datetime]:
    """Schedule the survey and note it in the ledger, within the caller's transaction; the invitation and its time.

    Whoever unsubscribed or was asked lately is taken like anybody else: the sender looks again when it is due, and
    then drops the survey for good, with the reason.
    """
    due_at = now + request.delay
    row = {
        "survey_id": survey_id,
        "person_id": person_id,
        "channel": request.channel,
        "state": InvitationState.SCHEDULED,
        "reason": "",
        "context": {},
        "properties": dict(request.properties),
        "may_wait": False,
        "created_at": now,
        "changed_at": now,
        "due_at": due_at,
        "expires_at": due_at + SEND_WITHIN,
        "attempts": 0,
    }
    invitation_id = int(session.execute(_INVITE, row).scalar_one())
    entry = {
        "survey_id": survey_id,
        "person_id": person_id,
        "outcome": Outcome.INVITED,
        "reason": "",
        "invitation_id": invitation_id,
        "at": now,
    }
    session.execute(_NOTE, entry)
    return invitation_id, due_at


def note_came_through(session: Session, survey_id: int, person_id: int, *, now: datetime) -> None:
    """Keep that the person came to us for this survey, so that its key sees them; within the caller's transaction."""
    row = {"survey_id": survey_id, "person_id": person_id, "added_at": now}
    session.execute(insert_into(session, SurveyPerson).values(row).on_conflict_do_nothing())


def note_earlier_ask(session: Session, survey_id: int, person_id: int, *, sent_at: datetime) -> None:
    """Keep when the survey last went to the person by other ways, as we are told; within the caller's transaction."""
    row = {"survey_id": survey_id, "person_id": person_id, "sent_at": sent_at}
    noting = insert_into(session, EarlierAsk).values(row)
    noting = noting.on_conflict_do_update(
        index_elements=[EarlierAsk.person_id, EarlierAsk.survey_id], set_={"sent_at": noting.excluded.sent_at}
    )
    session.execute(noting)


def cancel_pending(session: Session, survey_id: int, person_id: int, *, now: datetime) -> int:
    """Cancel what the survey has scheduled for the person, reminders too; how many invitations those were."""
    with transaction(session):
        cancel_reminders(session, person_id, survey_id, CANCELLED_BECAUSE, now=now)
        scheduled = (
            update(Invitation)
            .where(
                Invitation.survey_id == survey_id,
                Invitation.person_id == person_id,
                Invitation.state == InvitationState.SCHEDULED,
            )
            .values(state=InvitationState.CANCELLED, reason=CANCELLED_BECAUSE, changed_at=now)
            .execution_options(synchronize_session=False)
        )
        cancelled: Any = session.execute(scheduled)
    return int(cancelled.rowcount)
