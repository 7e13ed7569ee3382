"""Which of our mails a report is about. One that names another address than the one we wrote to is about none."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation, Reminder
from feedback_app.mail.tracing import read_message_id
from feedback_app.people.models import Person

MOST_SAME_NAMED = 5  # a mail server may give its name for a mail anew after a while
_OUR_ID = re.compile(r"[0-9]{1,9}", re.ASCII)
_KINDS = {kind.value: kind for kind in Kind}
_COLUMNS = (Invitation.id, Invitation.person_id, Person.email_key)
_BY_ID = select(*_COLUMNS).join(Person, Person.id == Invitation.person_id)


@dataclass(frozen=True, slots=True)
class Mailed:
    """One of our mails: an invitation or its reminder, and to whom it went."""

    kind: Kind
    row_id: int  # of the invitation or the reminder
    invitation_id: int
    person_id: int
    address_key: str | None
    state: str
    was_handed_over: bool  # or may have been


@dataclass(frozen=True, slots=True)
class Clues:
    """What a report says about the mail. With `is_proven` the invitation comes out of an address that we signed."""

    invitation: str | None
    remote_id: str | None
    message_id: str | None
    is_proven: bool

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> "Clues":
        return cls(
            facts.get("invitation"),
            facts.get("remote_id"),
            facts.get("message_id"),
            bool(facts.get("is_proven")),
        )


def candidates(session: Session, clues: Clues, secrets: tuple[str, ...]) -> Iterator[Mailed]:
    """The mails that the report may mean, the surest first: by our id, the server's name for it, our Message-ID.

    Within the caller's transaction; the people are locked, so that reports about one person take turns.
    """
    ours = read_message_id(clues.message_id, *secrets) if clues.message_id else None
    kind, of_message = (_KINDS.get(ours[0]), ours[1]) if ours else (None, None)
    if clues.invitation and _OUR_ID.fullmatch(clues.invitation):
        invitation_id = int(clues.invitation)
        same = kind if of_message == invitation_id else _kind_by_name(session, invitation_id, clues.remote_id)
        yield from _mailed(session, same or Kind.SURVEY, invitation_id)
    if clues.is_proven:
        return
    for named in _named(session, clues.remote_id):
        yield from _mailed(session, *named)
    if of_message is not None and kind is not None:
        yield from _mailed(session, kind, of_message)


def _kind_by_name(session: Session, invitation_id: int, remote_id: str | None) -> Kind | None:
    if not remote_id:
        return None
    reminder = select(Reminder.id).where(
        Reminder.invitation_id == invitation_id, Reminder.remote_id == remote_id
    )
    return Kind.REMINDER if session.scalar(reminder) else None


def _named(session: Session, remote_id: str | None) -> Iterator[tuple[Kind, int]]:
    if not remote_id:
        return
    for kind, model, invitation_id in (
        (Kind.SURVEY, Invitation, Invitation.id),
        (Kind.REMINDER, Reminder, Reminder.invitation_id),
    ):
        newest = select(invitation_id).where(model.remote_id == remote_id).order_by(model.id.desc())
        for found in session.scalars(newest.limit(MOST_SAME_NAMED)).all():
            yield kind, found


def _mailed(session: Session, kind: Kind, invitation_id: int) -> Iterator[Mailed]:
    row = session.execute(
        _BY_ID.where(Invitation.id == invitation_id).with_for_update(of=Person)
    ).one_or_none()
    if row is None:
        return
    model: Any = kind.model
    about = model.id if kind is Kind.SURVEY else model.invitation_id
    own = session.execute(
        select(model.id, model.state, model.marked_at, model.sent_at).where(about == invitation_id)
    ).one_or_none()
    if own is not None:
        handed_over = own.marked_at is not None or own.sent_at is not None
        yield Mailed(kind, own.id, row.id, row.person_id, row.email_key, own.state, handed_over)
