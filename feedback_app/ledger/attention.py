"""What an operator should look at, so that nobody has to wonder whether mail goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Boolean, ColumnElement, column, func, not_, or_, select, table
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Event, EventState, Invitation, InvitationState, Reminder
from feedback_app.invitations.pausing import Pause, pause_of
from feedback_app.ledger.received import listed

FAILED_DAYS = 7  # a mail that failed long ago is no news
WAITING_MINUTES = 5  # events are acted on within seconds; longer means that no worker runs
MOST = 10_000
PAUSING_FAILURES = 5  # in a row, after which an endpoint is left alone: webhooks/breaker.py
# By its name: the package of webhooks comes later in the house.
_ENDPOINT = table(
    "endpoint",
    column("id"),
    column("name"),
    column("active", Boolean()),
    column("failures"),
    column("stopped_because"),
)


@dataclass(frozen=True)
class StandingEndpoint:
    """An endpoint whose messages stand still, though nobody on our side said so."""

    id: int
    name: str
    is_stopped: bool  # for good; else it is tried again by and by
    reason: str


@dataclass(frozen=True)
class Attention:
    """Counts of what does not settle by itself, the sender's pause, and webhook endpoints that stand still."""

    uncertain: int
    uncertain_reminders: int
    failed: int
    unreadable: int
    waiting: int
    pause: Pause | None
    endpoints: tuple[StandingEndpoint, ...] = ()

    @property
    def is_needed(self) -> bool:
        counts = (self.uncertain, self.uncertain_reminders, self.failed, self.unreadable, self.waiting)
        return any(counts) or self.pause is not None or bool(self.endpoints)


def attention(session: Session, now: datetime) -> Attention:
    """What needs a look at this moment; every count comes from an index that is small when all is well."""
    failed_since = now - timedelta(days=FAILED_DAYS)
    waiting_since = now - timedelta(minutes=WAITING_MINUTES)
    return Attention(
        uncertain=number_of(session, Invitation.state == InvitationState.UNCERTAIN),
        uncertain_reminders=number_of(session, Reminder.state == InvitationState.UNCERTAIN),
        failed=number_of(
            session, Invitation.state == InvitationState.FAILED, Invitation.due_at >= failed_since
        ),
        unreadable=number_of_events(session, EventState.UNREADABLE, before=now),
        waiting=number_of_events(session, EventState.RECEIVED, before=waiting_since),
        pause=pause_of(session),
        endpoints=standing_endpoints(session),
    )


def standing_endpoints(session: Session) -> tuple[StandingEndpoint, ...]:
    """Endpoints that were paused after failures, or stopped by their own answer; not those that staff paused."""
    c = _ENDPOINT.c
    is_standing = or_(not_(c.active), c.failures >= PAUSING_FAILURES)
    found = (
        select(c.id, c.name, not_(c.active), c.stopped_because)
        .where(c.stopped_because != "", is_standing)
        .order_by(c.id)
    )
    return tuple(StandingEndpoint(*row) for row in session.execute(found))


def number_of(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def number_of_events(session: Session, state: EventState, *, before: datetime) -> int:
    """How many events in this state were received up to then; of very many, only the oldest MOST are looked at."""
    oldest = listed(state).add_columns(Event.received_at).limit(MOST).subquery()
    return session.scalar(select(func.count()).where(oldest.c.received_at <= before)) or 0
