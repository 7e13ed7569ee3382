"""What an operator should look at, so that nobody has to wonder whether mail goes out."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Event, EventState, Invitation, InvitationState, Reminder
from feedback_app.invitations.pausing import Pause, pause_of
from feedback_app.ledger.received import is_in

FAILED_DAYS = 7  # a mail that failed long ago is no news
WAITING_MINUTES = 5  # events are acted on within seconds; longer means that no worker runs


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
    counts = select(
        number_of(Invitation.state == InvitationState.UNCERTAIN),
        number_of(Reminder.state == InvitationState.UNCERTAIN),
        number_of(Invitation.state == InvitationState.FAILED, Invitation.due_at >= failed_since),
        number_of(is_in(EventState.UNREADABLE)),
        number_of(is_in(EventState.RECEIVED), Event.received_at < waiting_since),
    )
    uncertain, uncertain_reminders, failed, unreadable, waiting = session.execute(counts).one()
    return Attention(uncertain, uncertain_reminders, failed, unreadable, waiting, pause_of(session))


def number_of(*conditions: Any) -> Any:
    return select(func.count()).where(*conditions).scalar_subquery()
