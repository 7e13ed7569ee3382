"""Unsubscribing by the link that every mail carries. It never expires, and doing it twice is doing it once."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into, transaction
from feedback_app.errors import LinkUnknown
from feedback_app.happenings import Kind, note_happening
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.invitations.reminders import cancel_reminders
from feedback_app.invitations.requests import note_came_through
from feedback_app.invitations.states import not_on_its_way
from feedback_app.people.addresses import normalised_address
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.surveys.models import Survey

CANCELLED_BECAUSE = "unsubscribed by the link in a mail"


class Scope(StrEnum):
    """What the person wants no more of."""

    SURVEY = "survey"  # mails of this survey
    ALL = "all"  # mails of any survey


MAILED: Any = (
    select(
        Invitation.survey_id,
        Invitation.person_id,
        Person.email_key,
        Person.locale,
        Survey.brand,
        Survey.accent,
        Survey.language,
    )
    .join(Person, Person.id == Invitation.person_id)
    .join(Survey, Survey.id == Invitation.survey_id)
    .where(Invitation.id == bindparam("invitation_id"))
)


def find_mailed(connection: Connection, invitation_id: int) -> Row[Any] | None:
    """Whom the mail with this link went to, and for which survey; None if the invitation is gone."""
    row: Row[Any] | None = connection.execute(MAILED, {"invitation_id": invitation_id}).one_or_none()
    return row


def unsubscribe(session: Session, invitation_id: int, scope: Scope, *, vault: Vault, now: datetime) -> None:
    """Send the person of this invitation no more mail of that scope; raises LinkUnknown.

    The address goes on the suppression list and what has not left is cancelled, in one transaction, even what a
    worker has already claimed. Only a mail whose final dot is just going out is not to be stopped.
    """
    with transaction(session):
        mailed = find_mailed(session.connection(), invitation_id)
        if mailed is None:
            raise LinkUnknown
        survey_id = mailed.survey_id if scope is Scope.SURVEY else None
        if mailed.email_key:
            entry = {
                "address_hash": vault.address_hash(mailed.email_key),
                "reason": SuppressionReason.UNSUBSCRIBED,
                "survey_id": survey_id,
                "person_id": mailed.person_id,
                "detail": f"by the link of invitation {invitation_id}",
                "created_at": now,
            }
            keeping = insert_into(session, Suppression).values(entry).on_conflict_do_nothing()
            if session.scalar(keeping.returning(Suppression.id)) is not None:
                note_happening(
                    session,
                    Kind.UNSUBSCRIBED,
                    survey_id=mailed.survey_id,
                    person_id=mailed.person_id,
                    detail={"scope": scope.value},
                    now=now,
                )
        cancel_scheduled(session, mailed.person_id, survey_id, now=now)


def unsubscribe_address(session: Session, survey_id: int, email: str, *, vault: Vault, now: datetime) -> None:
    """Send no more mail of this survey to the address, whether or not it is a person's. Raises Invalid.

    Again is as once: the first time stays. An address that nobody has yet is remembered by its hash.
    """
    key = normalised_address(email)
    with transaction(session):
        person_id = session.scalar(select(Person.id).where(Person.email_key == key))
        entry = {
            "address_hash": vault.address_hash(key),
            "reason": SuppressionReason.UNSUBSCRIBED,
            "survey_id": survey_id,
            "person_id": person_id,
            "detail": "by a program",
            "created_at": now,
        }
        keeping = insert_into(session, Suppression).values(entry).on_conflict_do_nothing()
        is_first = session.scalar(keeping.returning(Suppression.id)) is not None
        if person_id is None:
            return
        note_came_through(session, survey_id, person_id, now=now)
        cancel_scheduled(session, person_id, survey_id, "unsubscribed by a program", now=now)
        if is_first:
            note_happening(session, Kind.UNSUBSCRIBED, survey_id=survey_id, person_id=person_id, now=now)


def cancel_scheduled(
    session: Session,
    person_id: int,
    survey_id: int | None,
    because: str = CANCELLED_BECAUSE,
    *,
    now: datetime,
) -> None:
    """Cancel what is scheduled for the person or claimed by a worker (of one survey, or of any), reminders too.

    Within the caller's transaction.
    """
    cancel_reminders(session, person_id, survey_id, because, now=now)
    scheduled = update(Invitation).where(Invitation.person_id == person_id, not_on_its_way(Invitation))
    if survey_id is not None:
        scheduled = scheduled.where(Invitation.survey_id == survey_id)
    session.execute(
        scheduled.values(
            state=InvitationState.CANCELLED, reason=because, changed_at=now, lease_until=None
        ).execution_options(synchronize_session=False)
    )
