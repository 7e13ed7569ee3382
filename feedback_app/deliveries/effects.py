"""What a report does: to the mail that it is about, and to whoever got it.

| outcome | the mail | the address |
| --- | --- | --- |
| delivered | delivered, if it is not further already | |
| deferred | a note | |
| bounced_transient | bounced | suppressed after SOFT_BOUNCES in SOFT_BOUNCE_DAYS |
| bounced_permanent | bounced | suppressed |
| complained | complained | suppressed: never written to again until the person asks |
| unsubscribed | | suppressed |
| rejected | failed | suppressed if it was refused because of an old bounce |

Every one of them settles an uncertain mail: somebody has had it. Suppressed is the address that we wrote to, whatever
address the report ends with after forwarding.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import UtcDateTime, transaction
from feedback_app.deliveries.matching import Clues, Mailed, candidates
from feedback_app.deliveries.models import MailEvent, MailEventState, MailOutcome
from feedback_app.deliveries.reports import suppression_of, told
from feedback_app.happenings import Kind as Happens
from feedback_app.happenings import is_listened_to, note_happening
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation
from feedback_app.invitations.models import InvitationState as State
from feedback_app.invitations.states import before
from feedback_app.invitations.unsubscribing import cancel_scheduled
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.staff.models import AuditEntry

SOFT_BOUNCES = 3
SOFT_BOUNCE_DAYS = 30
MATCHED_WITHIN = timedelta(hours=24)
FIRST_WAIT = timedelta(seconds=5)  # our own commit is a matter of milliseconds; then ever longer waits

STATE_AFTER = {
    MailOutcome.DELIVERED: State.DELIVERED,
    MailOutcome.DEFERRED: State.SENT,
    MailOutcome.BOUNCED_TRANSIENT: State.BOUNCED,
    MailOutcome.BOUNCED_PERMANENT: State.BOUNCED,
    MailOutcome.COMPLAINED: State.COMPLAINED,
    MailOutcome.UNSUBSCRIBED: State.SENT,
    MailOutcome.REJECTED: State.FAILED,
}
_WORDS = {
    MailOutcome.DEFERRED: "Delayed on the way to the mailbox",
    MailOutcome.BOUNCED_TRANSIENT: "It came back, perhaps not for good",
    MailOutcome.BOUNCED_PERMANENT: "It came back: the address does not take mail",
    MailOutcome.COMPLAINED: "The person reported it as spam",
    MailOutcome.REJECTED: "The mail provider refused to send it on",
}
_CANCELLED_BECAUSE = {
    SuppressionReason.BOUNCED: "mail to the address came back",
    SuppressionReason.COMPLAINED: "the person reported a mail as spam",
    SuppressionReason.UNSUBSCRIBED: "unsubscribed at the mail provider",
}
_ABOUT = select(
    MailEvent.id,
    MailEvent.provider,
    MailEvent.outcome,
    MailEvent.address_hash,
    MailEvent.received_at,
    MailEvent.facts,
)


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report, as far as its effects go."""

    id: int
    provider: str
    outcome: MailOutcome
    address_hash: str | None  # of whom it names
    received_at: datetime
    facts: dict[str, Any]

    @property
    def reason(self) -> str:
        """For staff, on the mail."""
        words = _WORDS.get(self.outcome, "")
        return told(f"{words} ({self.provider}: {self.facts.get('detail', '')})." if words else "")


class NotYet(Exception):
    """The report fits no mail that we have handed over, or ours is still being committed; the message says which."""


def apply_stored(
    session: Session, event_ids: Sequence[int], *, vault: Vault, secrets: tuple[str, ...], now: datetime
) -> int:
    """Act on stored reports, in one transaction; how many of them have to wait.

    What fits no mail is tried again for MATCHED_WITHIN, because reports can beat our own commit; then it stays listed.
    Two workers never act on the same report: what another one has locked is left to it.
    """
    with transaction(session):
        due = _ABOUT.where(MailEvent.id.in_(event_ids), MailEvent.try_at.is_not(None))
        rows = {row.id: row for row in session.execute(due.with_for_update(skip_locked=True))}
        ordered = (rows[event_id] for event_id in event_ids if event_id in rows)
        reports = [Report(row.id, row.provider, MailOutcome(row.outcome), *row[3:]) for row in ordered]
        return sum(not _apply(session, report, vault, secrets, now) for report in reports)


def _apply(session: Session, report: Report, vault: Vault, secrets: tuple[str, ...], now: datetime) -> bool:
    """Whether the report could be acted on; else it waits."""
    try:
        mailed = _about(session, report, vault, secrets)
        _advance(session, mailed, report, now)
    except NotYet as error:
        _postpone(session, report, str(error), now)
        return False
    _stop_writing(session, mailed, report, vault, now)
    _settle(session, report, mailed, vault)
    return True


def _about(session: Session, report: Report, vault: Vault, secrets: tuple[str, ...]) -> Mailed:
    """The mail that the report is about; raises NotYet."""
    problem = "It names no mail that we sent."
    clues = Clues.of(report.facts)
    for mailed in candidates(session, clues, secrets):
        written_to = vault.address_hash(mailed.address_key) if mailed.address_key else None
        if not clues.is_proven and report.address_hash not in (None, written_to):
            problem = "It names another address than the one we wrote to."
        elif not mailed.was_handed_over:
            problem = "It names a mail that we have not sent."
        else:
            return mailed
    raise NotYet(problem)


def _advance(session: Session, mailed: Mailed, report: Report, now: datetime) -> None:
    """The mail's next state, if it is not further already; raises NotYet while our own commit is under way."""
    target = STATE_AFTER[report.outcome]
    may_follow = _may_follow(target)
    if mailed.state == State.SENDING and State.SENDING not in may_follow:
        raise NotYet("The mail is just being sent.")
    is_new = _step(session, mailed.kind, mailed.row_id, may_follow, target, report.reason, now)
    if is_new and target is State.BOUNCED:
        _note_bounce(session, mailed, report, now)
    if report.outcome is MailOutcome.DEFERRED:
        _note(session, mailed, report.reason)
    if target is State.COMPLAINED and mailed.kind is Kind.REMINDER:
        _step(session, Kind.SURVEY, mailed.invitation_id, may_follow, target, report.reason, now)


def _may_follow(target: State) -> tuple[State, ...]:
    """The states that a report may move on to this one: never one whose mail did not leave.

    That somebody has the mail (SENT) is news about an uncertain one only; a claim of ours ends with our own commit.
    """
    if target is State.SENT:
        return (State.UNCERTAIN,)
    return tuple(state for state in before(target) if state is not State.SCHEDULED)


def _step(
    session: Session,
    kind: Kind,
    row_id: int,
    may_follow: tuple[State, ...],
    target: State,
    reason: str,
    now: datetime,
) -> bool:
    """Whether the mail has taken this step; False if it is further already."""
    c = kind.table.c
    values = {
        "state": target,
        "reason": reason,
        "changed_at": now,
        "sent_at": func.coalesce(c.sent_at, c.marked_at, literal(now, UtcDateTime)),
        "lease_until": None,
    }
    stepped = session.execute(
        update(kind.table).where(c.id == row_id, c.state.in_(may_follow)).values(**values).returning(c.id)
    )
    return stepped.first() is not None


def _note_bounce(session: Session, mailed: Mailed, report: Report, now: datetime) -> None:
    if not is_listened_to(session, Happens.BOUNCED):
        return
    survey_id = session.scalar(select(Invitation.survey_id).where(Invitation.id == mailed.invitation_id))
    note_happening(
        session,
        Happens.BOUNCED,
        survey_id=survey_id,
        person_id=mailed.person_id,
        detail={"permanent": report.outcome is MailOutcome.BOUNCED_PERMANENT},
        now=now,
    )


def _note(session: Session, mailed: Mailed, reason: str) -> None:
    c = mailed.kind.table.c
    session.execute(
        update(mailed.kind.table).where(c.id == mailed.row_id, c.state == State.SENT).values(reason=reason)
    )


def _stop_writing(session: Session, mailed: Mailed, report: Report, vault: Vault, now: datetime) -> None:
    """Suppress the address that we wrote to and cancel what is scheduled, if the report asks for it."""
    if mailed.address_key is None:
        return  # erased meanwhile
    address_hash = vault.address_hash(mailed.address_key)
    reason = suppression_of(report.outcome, bool(report.facts.get("is_old_bounce")))
    if report.outcome is MailOutcome.BOUNCED_TRANSIENT and _is_one_too_many(
        session, address_hash, mailed.person_id, now
    ):
        reason = SuppressionReason.BOUNCED
    if reason is None:
        return
    detail = told(f"Invitation {mailed.invitation_id}, {report.provider}:", report.facts.get("detail"))
    suppress(session, address_hash, reason, person_id=mailed.person_id, detail=detail, now=now)
    cancel_scheduled(session, mailed.person_id, None, _CANCELLED_BECAUSE[reason], now=now)


def _is_one_too_many(session: Session, address_hash: str, person_id: int | None, now: datetime) -> bool:
    """Whether this transient bounce is the last one that we put up with: staff who lift a suppression begin anew."""
    lifted = select(func.max(AuditEntry.at)).where(
        AuditEntry.subject_kind == "person",
        AuditEntry.subject_id == person_id,
        AuditEntry.action == "suppression.lift",
    )
    month = now - timedelta(days=SOFT_BOUNCE_DAYS)
    earlier = select(func.count()).where(
        MailEvent.address_hash == address_hash,
        MailEvent.received_at > max(session.scalar(lifted) or month, month),
        MailEvent.outcome == MailOutcome.BOUNCED_TRANSIENT,
        MailEvent.state == MailEventState.DONE,
    )
    return (session.scalar(earlier) or 0) + 1 >= SOFT_BOUNCES


def _settle(session: Session, report: Report, mailed: Mailed, vault: Vault) -> None:
    """The report is dealt with; it counts for the address that we wrote to."""
    written_to = vault.address_hash(mailed.address_key) if mailed.address_key else report.address_hash
    _change(
        session,
        report.id,
        state=MailEventState.DONE,
        problem="",
        try_at=None,
        invitation_id=mailed.invitation_id,
        address_hash=written_to,
    )


def _postpone(session: Session, report: Report, problem: str, now: datetime) -> None:
    age = now - report.received_at
    later = now + max(FIRST_WAIT, age) if age < MATCHED_WITHIN else None
    _change(session, report.id, state=MailEventState.UNMATCHED, problem=problem, try_at=later)


def give_up(session: Session, event_id: int, problem: str) -> None:
    """Put a report aside that we choke on; it stays listed."""
    with transaction(session):
        _change(session, event_id, state=MailEventState.UNREADABLE, problem=problem, try_at=None)


def _change(session: Session, event_id: int, **values: Any) -> None:
    table: Any = MailEvent.__table__
    session.execute(update(table).where(table.c.id == event_id).values(**values))
