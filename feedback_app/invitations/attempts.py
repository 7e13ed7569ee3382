"""One attempt at a message: the marker before its final dot, and the commit that says what became of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, Update, bindparam, case, or_, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.invitations.claims import FINAL_ANSWER, Due
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.pausing import end_pause
from feedback_app.invitations.states import before
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress

# Minutes until the next attempt after "later"; from then on every hour. Together 28 attempts in 23 h 51 min.
LATER_MINUTES = (1, 5, 15, 30)
MOST_ATTEMPTS = 28


class ClaimLost(Exception):
    """The claim is not ours any more: its lease ended, or the invitation was cancelled. The mail must not go out."""


_TABLE: Table = Invitation.__table__  # type: ignore[assignment]  # Core: the ORM would cost as much as the commit
_C = _TABLE.c
_OURS = (_C.state == State.SENDING) & (_C.lease_until == bindparam("lease"))
_MARK = (
    update(_TABLE)
    .where(_C.id == bindparam("row"), _OURS)
    .values(marked_at=bindparam("now"), lease_until=bindparam("new_lease"))
)
# A person can be quicker with the answer than we with our commit; the state then stays "answered".
_SENT = (
    update(_TABLE)
    .where(_C.id == bindparam("row"))
    .values(
        state=case((_C.state.in_(before(State.SENT)), State.SENT), else_=_C.state),
        sent_at=bindparam("now"),
        changed_at=bindparam("now"),
        lease_until=None,
        reason="",
    )
)
_RELEASE = (
    update(_TABLE)
    .where(_C.id.in_(bindparam("rows", expanding=True)), _OURS)
    .values(state=State.SCHEDULED, changed_at=bindparam("now"), lease_until=None, marked_at=None)
)


def _ended(condition: Any, **more: Any) -> Update:
    return (
        update(_TABLE)
        .where(_C.id == bindparam("row"), condition)
        .values(
            state=bindparam("to"),
            reason=bindparam("why"),
            changed_at=bindparam("now"),
            attempts=_C.attempts + 1,
            lease_until=None,
            **more,
        )
    )


_ENDED = _ended(_OURS)
_LATER = _ended(_OURS, due_at=bindparam("at"), marked_at=None)
# A refusal can come so late that the mail was given up as uncertain.
_BOUNCED = _ended(or_(_OURS, _C.state == State.UNCERTAIN))


@dataclass
class Attempt:
    """Our claim on one message; `lease` says that it is ours, `is_marked` that the mail may have been delivered."""

    session: Session
    due: Due
    lease: datetime
    clock: Callable[[], datetime]
    is_marked: bool = False

    def mark(self) -> None:
        """Commit that from here on the mail may have been delivered; for the transport, before the final dot.

        Raises ClaimLost, and then the mail must not go out.
        """
        now = self.clock()
        lease = now + FINAL_ANSWER
        with transaction(self.session):
            values = {"row": self.due.id, "lease": self.lease, "now": now, "new_lease": lease}
            if self.session.execute(_MARK, values).rowcount != 1:  # type: ignore[attr-defined]
                raise ClaimLost
        self.lease = lease
        self.is_marked = True

    def sent(self, *, after_pause: bool) -> None:
        """Somebody else is answerable for the mail now; and if nothing could be sent before, that is over."""
        with transaction(self.session):
            self.session.execute(_SENT, {"row": self.due.id, "now": self.clock()})
            if after_pause:
                end_pause(self.session)

    def bounced(self, reason: str, address_hash: str | None) -> None:
        """Refused for good; with a hash, nothing is sent to that address again."""
        now = self.clock()
        with transaction(self.session):
            self.session.execute(_BOUNCED, self._values(State.BOUNCED, reason, now))
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

    def ended(self, state: State, reason: str) -> None:
        """The end of it, as far as the sender goes."""
        with transaction(self.session):
            self.session.execute(_ENDED, self._values(state, reason, self.clock()))

    def later(self, reason: str) -> None:
        """Nothing was delivered: again after a while, or failed after a day of attempts."""
        tried = self.due.attempts + 1
        if tried >= MOST_ATTEMPTS:
            self.ended(State.FAILED, f"Given up after {tried} attempts. {reason}")
            return
        now = self.clock()
        with transaction(self.session):
            values = self._values(State.SCHEDULED, reason, now)
            self.session.execute(_LATER, values | {"at": now + wait_after(tried)})

    def released(self) -> None:
        """As if it had never been claimed: nothing was delivered, and it is no fault of this message."""
        release(self.session, [self.due.id], self.lease, now=self.clock())

    def _values(self, state: State, reason: str, now: datetime) -> dict[str, Any]:
        return {"row": self.due.id, "lease": self.lease, "to": state, "why": reason[:300], "now": now}


def release(session: Session, ids: Sequence[int], lease: datetime, *, now: datetime) -> None:
    """Let go of claims that are still ours; no attempt is used up."""
    if ids:
        with transaction(session):
            session.execute(_RELEASE, {"rows": list(ids), "lease": lease, "now": now})


def wait_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts.

    >>> [wait_after(n).total_seconds() / 60 for n in (1, 2, 3, 4, 5, 27)]
    [1.0, 5.0, 15.0, 30.0, 60.0, 60.0]
    """
    return timedelta(minutes=LATER_MINUTES[attempts - 1] if attempts <= len(LATER_MINUTES) else 60)
