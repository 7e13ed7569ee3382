"""Who sends what: workers claim due invitations in batches, under a lease, and never two of one person at once.

Every message then has two commits of its own: a marker just before the final dot, and its result. A claim whose lease
ended without the marker is sent again (nobody got the first); one with the marker is uncertain and never resent.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Table, Update, bindparam, exists, func, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from feedback_app.db import UtcDateTime, reading, transaction
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.outcomes import why_suppressed
from feedback_app.invitations.states import REACHED
from feedback_app.invitations.throttle import Asked, asked, overall_days, throttle
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.queries import suppressions
from feedback_app.surveys.models import Survey, SurveyState

LEASE = timedelta(seconds=60)
FINAL_ANSWER = timedelta(
    minutes=11
)  # a server may take ten for its answer to the final dot (RFC 5321, 4.5.3.2.6)
CLAIM_LOCK = 7_305_001  # any number, the same everywhere: claims on PostgreSQL take turns


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed invitation with all that its mail and the last checks need."""

    id: int
    survey_id: int
    person_id: int
    context: dict[str, Any]
    attempts: int
    expires_at: datetime
    answered_at: datetime | None
    email: str | None
    email_key: str | None
    name: str
    locale: str | None
    survey_state: str
    version: int
    language: str
    brand: str
    sender_name: str
    sender_address: str
    reply_to: str
    throttle_days: int


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a due invitation that is not sent now."""

    state: State
    reason: str
    due_at: datetime | None = None  # for one that waits


@dataclass(slots=True)
class Batch:
    """What a worker has claimed until `lease`; of those it `found`, the others took another step."""

    found: int
    claimed: list[Due]
    lease: datetime


_TABLE: Table = Invitation.__table__  # type: ignore[assignment]
_C = _TABLE.c
_other = aliased(Invitation)
_DUE = (
    select(
        Invitation.id,
        Invitation.survey_id,
        Invitation.person_id,
        Invitation.context,
        Invitation.attempts,
        Invitation.expires_at,
        Invitation.answered_at,
        Person.email,
        Person.email_key,
        Person.name,
        Person.locale,
        Survey.state,
        Survey.version,
        Survey.language,
        Survey.brand,
        Survey.sender_name,
        Survey.sender_address,
        Survey.reply_to,
        Survey.throttle_days,
    )
    .join(Person, Invitation.person_id == Person.id)
    .join(Survey, Invitation.survey_id == Survey.id)
)
_CANDIDATES = (
    _DUE.where(
        Invitation.state == State.SCHEDULED,
        Invitation.due_at <= bindparam("now"),
        Survey.state != SurveyState.PAUSED,
        ~exists().where(_other.person_id == Invitation.person_id, _other.state == State.SENDING),
    )
    .order_by(Invitation.due_at, Invitation.id)
    .limit(bindparam("limit"))
    .with_for_update(of=Invitation, skip_locked=True)
)
_MINE = (
    _DUE.where(
        Invitation.id.in_(bindparam("ids", expanding=True)),
        Invitation.state == State.SENDING,
        Invitation.lease_until == bindparam("lease"),
    )
    .order_by(Invitation.due_at, Invitation.id)
    .with_for_update(of=Invitation)
)
_CLAIM = (
    update(_TABLE)
    .where(_C.id.in_(bindparam("ids", expanding=True)))
    .values(
        state=State.SENDING,
        lease_until=bindparam("new_lease"),
        changed_at=bindparam("now"),
        marked_at=None,
    )
)
_STEP = (
    update(_TABLE)
    .where(_C.id == bindparam("row"))
    .values(
        state=bindparam("to"),
        reason=bindparam("why"),
        due_at=func.coalesce(bindparam("at", type_=UtcDateTime), _C.due_at),
        changed_at=bindparam("now"),
        lease_until=None,
    )
)


def _settled(condition: ColumnElement[bool], state: State, reason: str) -> Update:
    return (
        update(_TABLE)
        .where(condition)
        .values(state=state, reason=reason, changed_at=bindparam("now"), lease_until=None)
    )


_HELD = (_C.state == State.SENDING) & (_C.lease_until < bindparam("now"))
_TOO_LATE = (
    (_C.state == State.SCHEDULED) & (_C.due_at <= bindparam("now")) & (_C.expires_at <= bindparam("now"))
)
_LAPSED = select(_C.id).where(or_(_HELD, _TOO_LATE)).limit(1)
_RESEND = _settled(_HELD & _C.marked_at.is_(None), State.SCHEDULED, "")
_DOUBT = _settled(
    _HELD & _C.marked_at.is_not(None),
    State.UNCERTAIN,
    "The worker ended between handing the mail over and hearing the server's answer.",
)
_EXPIRE = _settled(_TOO_LATE, State.EXPIRED, "It could not be sent in time.")
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:lock)")


def claim(session: Session, limit: int, *, hash_of: Callable[[str], str], now: datetime) -> Batch:
    """Take up to `limit` due invitations, never two of one person.

    What must not be sent any more (see `step_instead`) gets its new state in the same transaction.
    """
    with transaction(session):
        take_turns(session)
        found = [Due(*row) for row in session.execute(_CANDIDATES, {"now": now, "limit": limit})]
        first_of_each = list({due.person_id: due for due in reversed(found)}.values())[::-1]
        return _take(session, first_of_each, hash_of, now)


def renew(session: Session, batch: Batch, *, hash_of: Callable[[str], str], now: datetime) -> Batch:
    """The claims that are still ours and still to be sent, with a new lease; for when a batch takes long."""
    with transaction(session):
        ids = [due.id for due in batch.claimed]
        mine = [Due(*row) for row in session.execute(_MINE, {"ids": ids, "lease": batch.lease})]
        return _take(session, mine, hash_of, now)


def _take(session: Session, found: Sequence[Due], hash_of: Callable[[str], str], now: datetime) -> Batch:
    claimed, lease = _checked(session, found, hash_of, now), now + LEASE
    if claimed:
        session.execute(_CLAIM, {"ids": [due.id for due in claimed], "new_lease": lease, "now": now})
    return Batch(len(found), claimed, lease)


def _checked(
    session: Session, found: Sequence[Due], hash_of: Callable[[str], str], now: datetime
) -> list[Due]:
    """Those to be sent now; the others take their step."""
    if not found:
        return []
    known = suppressions(session, {hash_of(due.email_key) for due in found if due.email_key})
    earlier = asked(session, [due.person_id for due in found], REACHED)
    overall = overall_days(session)
    kept = []
    for due in found:
        address_hash = hash_of(due.email_key) if due.email_key else ""
        step = step_instead(
            due, known.reason(address_hash, due.survey_id), earlier[due.person_id], overall, now
        )
        if step is None:
            kept.append(due)
        else:
            values = {
                "row": due.id,
                "to": step.state,
                "why": step.reason,
                "at": step.due_at,
                "now": now,
            }
            session.execute(_STEP, values)
    return kept


def step_instead(
    due: Due,
    suppressed: SuppressionReason | None,
    earlier: Iterable[Asked],
    overall: int,
    now: datetime,
) -> Step | None:
    """What to do instead of sending, because of what happened since the invitation was made; None: send it."""
    if due.answered_at is not None:
        return Step(State.ANSWERED, "Answered before it was sent.")
    if due.email is None or due.email_key is None:
        return Step(State.CANCELLED, "The person has no address any more.")
    if due.survey_state == SurveyState.CLOSED:
        return Step(State.CANCELLED, "The survey was closed before this was sent.")
    if suppressed is not None:
        return Step(State.CANCELLED, why_suppressed(suppressed))
    if due.expires_at <= now:
        return Step(State.EXPIRED, "It could not be sent in time.")
    if due.survey_state == SurveyState.PAUSED:
        return Step(State.SCHEDULED, "Waits until the survey goes on.")
    limit = throttle(earlier, due.survey_id, at=now, survey_days=due.throttle_days, overall_days=overall)
    if limit is None:
        return None
    if limit.until < due.expires_at:  # the earlier one went out late: this one follows in time
        return Step(State.SCHEDULED, limit.reason, limit.until)
    return Step(State.CANCELLED, limit.reason)


def take_turns(session: Session) -> None:
    """On PostgreSQL one claim after the other, so that each sees whom the one before is sending to."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_TAKE_TURNS, {"lock": CLAIM_LOCK})


def recover(session: Session, *, now: datetime) -> None:
    """Settle what workers left behind when they died, and what could not be sent in time."""
    with reading() as connection:
        if connection.execute(_LAPSED, {"now": now}).first() is None:
            return
    with transaction(session):
        for statement in (_RESEND, _DOUBT, _EXPIRE):
            session.execute(statement, {"now": now})
