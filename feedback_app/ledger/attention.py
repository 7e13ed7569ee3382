"""What an operator should look at, so that nobody has to wonder whether mail goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Event, EventState, Invitation, InvitationState, Reminder
from feedback_app.invitations.pausing import Pause, pause_of
from feedback_app.ledger.received import listed

FAILED_DAYS = 7  # a mail that failed long ago is no news
WAITING_MINUTES = 5  # events are acted on within seconds; longer means that no worker runs
MOST = 10_000


@dataclass(frozen=True)
class Attention:
    """Counts of what does not settle by itself, and the sender's pause."""

    uncertain: int
    uncertain_reminders: int
    failed: int
    unreadable: int
    waiting: int
    pause: Pause | None

    @property
    def is_needed(self) -> bool:
        counts = (self.uncertain, self.uncertain_reminders, self.failed, self.unreadable, self.waiting)
        return any(counts) or self.pause is not None


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
    )


def number_of(session: Session, *conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).where(*conditions)) or 0


def number_of_events(session: Session, state: EventState, *, before: datetime) -> int:
    """How many events in this state were received up to then; of very many, only the oldest MOST are looked at."""
    oldest = listed(state).add_columns(Event.received_at).limit(MOST).subquery()
    return session.scalar(select(func.count()).where(oldest.c.received_at <= before)) or 0
