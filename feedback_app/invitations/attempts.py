"""One attempt at a message: the marker before its final dot, and the commit that says what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Table, Update, bindparam, case, or_, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.happenings import Kind as Happens
from feedback_app.happenings import note_happening
from feedback_app.invitations.claims import FINAL_ANSWER
from feedback_app.invitations.due import Due
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.pausing import end_pause
from feedback_app.invitations.states import before
from feedback_app.jitter import jittered
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress

# Minutes until the next attempt after "later", give or take JITTER; from then on every hour. Together 28 attempts in
# about a day.
LATER_MINUTES = (1, 5, 15, 30)
MOST_ATTEMPTS = 28
JITTER = 0.2  # a share of the wait: what was refused at once does not come back at once


class ClaimLost(Exception):
    """The claim is not ours any more: its lease ended, or the mail was cancelled. It must not go out."""


class Statements:
    """The statements of one kind of mail, built once."""

    def __init__(self, kind: Kind) -> None:
        table = kind.table
        c = table.c
        now: BindParameter[Any] = bindparam("now")
        ours = (c.state == State.SENDING) & (c.lease_until == bindparam("lease"))
        one = c.id == bindparam("row")
        let_go = update(table).where(ours).values(state=State.SCHEDULED, changed_at=now, lease_until=None)
        let_go = let_go.values(marked_at=None)
        self.mark = update(table).where(one, ours).values(marked_at=now, lease_until=bindparam("new_lease"))
        self.sent = _sent(table, one)
        self.release = let_go.where(c.id.in_(bindparam("rows", expanding=True)))
        self.postpone = let_go.where(one).values(due_at=bindparam("at"), reason=bindparam("why"))
        self.ended = _ended(table, one & ours)
        self.later = self.ended.values(due_at=bindparam("at"), marked_at=None)
        # A refusal can come so late that the mail was given up as uncertain.
        self.bounced = _ended(table, one & or_(ours, c.state == State.UNCERTAIN))


def _sent(table: Table, condition: ColumnElement[bool]) -> Update:
    """A person can be quicker with the answer than we with our commit; the state then stays "answered"."""
    state = table.c.state
    return (
        update(table)
        .where(condition)
        .values(
            state=case((state.in_(before(State.SENT)), State.SENT), else_=state),
            sent_at=bindparam("now"),
            changed_at=bindparam("now"),
            remote_id=bindparam("remote"),
            lease_until=None,
            reason="",
        )
    )


def _ended(table: Table, condition: ColumnElement[bool]) -> Update:
    return (
        update(table)
        .where(condition)
        .values(
            state=bindparam("to"),
            reason=bindparam("why"),
            changed_at=bindparam("now"),
            attempts=table.c.attempts + 1,
            lease_until=None,
        )
    )


_OF = {kind: Statements(kind) for kind in Kind}


@dataclass
class Attempt:
    """Our claim on one message; `lease` says that it is ours, `is_marked` that the mail may have been delivered."""

    session: Session
    due: Due
    lease: datetime
    clock: Callable[[], datetime]
    is_marked: bool = False

    @property
    def statements(self) -> Statements:
        return _OF[self.due.kind]

    def mark(self) -> None:
        """Commit that from here on the mail may have been delivered; for the transport, before the final dot.

        Raises ClaimLost, and then the mail must not go out.
        """
        now = self.clock()
        lease = now + FINAL_ANSWER
        with transaction(self.session):
            values = {"row": self.due.id, "lease": self.lease, "now": now, "new_lease": lease}
            if self.session.execute(self.statements.mark, values).rowcount != 1:  # type: ignore[attr-defined]
                raise ClaimLost
        self.lease = lease
        self.is_marked = True

    def sent(self, remote_id: str | None, *, after_pause: bool) -> None:
        """Somebody else is answerable for the mail now, under their own name for it; a pause is over by that."""
        with transaction(self.session):
            values = {"row": self.due.id, "now": self.clock(), "remote": remote_id}
            self.session.execute(self.statements.sent, values)
            if after_pause:
                end_pause(self.session)

    def bounced(self, reason: str, address_hash: str | None) -> None:
        """Refused for good; with a hash, nothing is sent to that address again."""
        now = self.clock()
        with transaction(self.session):
            bounced = self.session.execute(self.statements.bounced, self._values(State.BOUNCED, reason, now))
            if bounced.rowcount:  # type: ignore[attr-defined]
                self._note_bounce(now, permanent=bool(address_hash))
            if address_hash:
                person_id = self.due.person_id
                suppress(
                    self.session,
                    address_hash,
                    SuppressionReason.BOUNCED,
                    person_id=person_id,
                    detail=reason,
                    now=now,
                )

    def _note_bounce(self, now: datetime, *, permanent: bool) -> None:
        note_happening(
            self.session,
            Happens.BOUNCED,
            survey_id=self.due.survey_id,
            person_id=self.due.person_id,
            detail={"permanent": permanent},
            now=now,
        )

    def ended(self, state: State, reason: str) -> None:
        """The end of it, as far as the sender goes."""
        with transaction(self.session):
            self.session.execute(self.statements.ended, self._values(state, reason, self.clock()))

    def later(self, reason: str) -> None:
        """Nothing was delivered: again after a while, or failed after a day of attempts."""
        tried = self.due.attempts + 1
        if tried >= MOST_ATTEMPTS:
            self.ended(State.FAILED, f"Given up after {tried} attempts. {reason}")
            return
        now = self.clock()
        with transaction(self.session):
            values = self._values(State.SCHEDULED, reason, now)
            again = now + wait_after(tried, self.due.invitation_id)
            self.session.execute(self.statements.later, values | {"at": again})

    def released(self) -> None:
        """As if it had never been claimed: nothing was delivered, and it is no fault of this message."""
        release(self.session, [self.due], self.lease, now=self.clock())

    def _values(self, state: State, reason: str, now: datetime) -> dict[str, Any]:
        return {"row": self.due.id, "lease": self.lease, "to": state, "why": reason[:300], "now": now}


def release(session: Session, claimed: Sequence[Due], lease: datetime, *, now: datetime) -> None:
    """Let go of claims of one kind that are still ours; no attempt is used up."""
    if claimed:
        with transaction(session):
            values = {"rows": [due.id for due in claimed], "lease": lease, "now": now}
            session.execute(_OF[claimed[0].kind].release, values)


def postpone(
    session: Session,
    claimed: Sequence[tuple[Due, datetime]],
    lease: datetime,
    reason: str,
    *,
    now: datetime,
) -> None:
    """Let go of claims of one kind until their moments; no attempt is used up."""
    rows = [
        {"row": due.id, "lease": lease, "at": moment, "why": reason[:300], "now": now}
        for due, moment in claimed
    ]
    with transaction(session):
        session.execute(_OF[claimed[0][0].kind].postpone, rows)


def wait_after(attempts: int, invitation_id: int) -> timedelta:
    """How long to wait after that many attempts: the same whenever one asks, and different for each invitation.

    >>> [round(wait_after(n, 7).total_seconds() / 60, 1) for n in (1, 2, 3, 4, 5, 27)]
    [1.0, 5.1, 12.4, 30.3, 67.9, 58.8]
    """
    minutes = LATER_MINUTES[attempts - 1] if attempts <= len(LATER_MINUTES) else 60
    return jittered(timedelta(minutes=minutes), JITTER, invitation_id, attempts)
