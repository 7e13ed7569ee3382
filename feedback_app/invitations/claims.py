"""Who sends what: workers claim due mails in batches, under a lease, and never two of one person at once.

Every message then has two commits of its own: a marker just before the final dot, and its result. A claim whose lease
ended without the marker is sent again (nobody got the first); one with the marker is uncertain and never resent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Select,
    Table,
    Update,
    bindparam,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Session, aliased

from feedback_app.db import UtcDateTime, reading, transaction
from feedback_app.invitations.checks import TOO_LATE, House, Step, step_instead
from feedback_app.invitations.due import Due, due_rows
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.states import REACHED
from feedback_app.invitations.throttle import asked, overall_days
from feedback_app.people.queries import suppressions
from feedback_app.surveys.models import Survey, SurveyState

LEASE = timedelta(seconds=60)
FINAL_ANSWER = timedelta(
    minutes=11
)  # a server may take ten for its answer to the final dot (RFC 5321, 4.5.3.2.6)
CLAIM_LOCK = 7_305_001  # any number, the same everywhere: claims on PostgreSQL take turns
UNHEARD = "The worker ended between handing the mail over and hearing the server's answer."


@dataclass(slots=True)
class Batch:
    """What a worker has claimed until `lease`; of those it `found`, the others took another step."""

    kind: Kind
    found: int
    claimed: list[Due]
    lease: datetime


class Statements:
    """The statements of one kind of mail, built once."""

    def __init__(self, kind: Kind) -> None:
        table = kind.table
        c = table.c
        now: BindParameter[Any] = bindparam("now")
        held = (c.state == State.SENDING) & (c.lease_until < now)
        late = (c.state == State.SCHEDULED) & (c.due_at <= now) & (c.expires_at <= now)
        self.candidates = _candidates(kind)
        self.mine = _mine(kind)
        self.claim = _claim(table)
        self.step = _step(table)
        self.lapsed = select(c.id).where(or_(held, late)).limit(1)
        self.settle = (
            _settled(table, held & c.marked_at.is_(None), State.SCHEDULED, ""),
            _settled(table, held & c.marked_at.is_not(None), State.UNCERTAIN, UNHEARD),
            _settled(table, late, State.EXPIRED, TOO_LATE),
        )


def _candidates(kind: Kind) -> Select[Any]:
    """What is due, but for people who are just being written to, be it an invitation or a reminder."""
    mail = kind.model
    in_hand = [aliased(other.model) for other in Kind]
    return (
        due_rows(kind)
        .where(
            mail.state == State.SCHEDULED,
            mail.due_at <= bindparam("now"),
            Survey.state != SurveyState.PAUSED,
            *(
                ~exists().where(other.person_id == mail.person_id, other.state == State.SENDING)
                for other in in_hand
            ),
        )
        .order_by(mail.due_at, mail.id)
        .limit(bindparam("limit"))
        .with_for_update(of=mail, skip_locked=True)
    )


def _mine(kind: Kind) -> Select[Any]:
    mail = kind.model
    return (
        due_rows(kind)
        .where(
            mail.id.in_(bindparam("ids", expanding=True)),
            mail.state == State.SENDING,
            mail.lease_until == bindparam("lease"),
        )
        .order_by(mail.due_at, mail.id)
        .with_for_update(of=mail)
    )


def _claim(table: Table) -> Update:
    return (
        update(table)
        .where(table.c.id.in_(bindparam("ids", expanding=True)))
        .values(
            state=State.SENDING,
            lease_until=bindparam("new_lease"),
            changed_at=bindparam("now"),
            marked_at=None,
        )
    )


def _step(table: Table) -> Update:
    c = table.c
    return (
        update(table)
        .where(c.id == bindparam("row"))
        .values(
            state=bindparam("to"),
            reason=bindparam("why"),
            due_at=func.coalesce(bindparam("at", type_=UtcDateTime), c.due_at),
            expires_at=func.coalesce(bindparam("end", type_=UtcDateTime), c.expires_at),
            changed_at=bindparam("now"),
            lease_until=None,
        )
    )


def _settled(table: Table, condition: ColumnElement[bool], state: State, reason: str) -> Update:
    return (
        update(table)
        .where(condition)
        .values(state=state, reason=reason, changed_at=bindparam("now"), lease_until=None)
    )


_OF = {kind: Statements(kind) for kind in Kind}
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:lock)")


def claim(session: Session, kind: Kind, limit: int, *, house: House, now: datetime) -> Batch:
    """Take up to `limit` due mails of a kind, never two of one person.

    What must not be sent any more (see `step_instead`) gets its new state in the same transaction.
    """
    with transaction(session):
        take_turns(session)
        rows = session.execute(_OF[kind].candidates, {"now": now, "limit": limit})
        found = [Due(kind, *row) for row in rows]
        first_of_each = list({due.person_id: due for due in reversed(found)}.values())[::-1]
        return _take(session, kind, first_of_each, house, now)


def renew(session: Session, batch: Batch, *, house: House, now: datetime) -> Batch:
    """The claims that are still ours and still to be sent, with a new lease; for when a batch takes long."""
    with transaction(session):
        ids = [due.id for due in batch.claimed]
        rows = session.execute(_OF[batch.kind].mine, {"ids": ids, "lease": batch.lease})
        return _take(session, batch.kind, [Due(batch.kind, *row) for row in rows], house, now)


def _take(session: Session, kind: Kind, found: Sequence[Due], house: House, now: datetime) -> Batch:
    claimed, lease = _checked(session, kind, found, house, now), now + LEASE
    if claimed:
        values = {"ids": [due.id for due in claimed], "new_lease": lease, "now": now}
        session.execute(_OF[kind].claim, values)
    return Batch(kind, len(found), claimed, lease)


def _checked(session: Session, kind: Kind, found: Sequence[Due], house: House, now: datetime) -> list[Due]:
    """Those to be sent now; the others take their step."""
    if not found:
        return []
    known = suppressions(session, {house.hash_of(due.email_key) for due in found if due.email_key})
    earlier = asked(session, [due.person_id for due in found], REACHED)
    overall = overall_days(session)
    kept, steps = [], []
    for due in found:
        address_hash = house.hash_of(due.email_key) if due.email_key else ""
        suppressed = known.reason(address_hash, due.survey_id)
        step = step_instead(due, suppressed, earlier[due.person_id], overall, house.zone, now)
        if step is None:
            kept.append(due)
        else:
            steps.append(_values(due.id, step, now))
    if steps:
        session.execute(_OF[kind].step, steps)
    return kept


def _values(row: int, step: Step, now: datetime) -> dict[str, object]:
    return {
        "row": row,
        "to": step.state,
        "why": step.reason,
        "at": step.due_at,
        "end": step.expires_at,
        "now": now,
    }


def take_turns(session: Session) -> None:
    """On PostgreSQL one claim after the other, so that each sees whom the one before is sending to."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_TAKE_TURNS, {"lock": CLAIM_LOCK})


def recover(session: Session, kind: Kind, *, now: datetime) -> None:
    """Settle what workers left behind when they died, and what could not be sent in time."""
    with reading() as connection:
        if connection.execute(_OF[kind].lapsed, {"now": now}).first() is None:
            return
    with transaction(session):
        for statement in _OF[kind].settle:
            session.execute(statement, {"now": now})
