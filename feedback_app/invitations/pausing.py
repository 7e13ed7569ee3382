"""When nothing can be sent to anybody, the sender pauses: the queue is kept, no attempt is used up, staff see why."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.workspace import WorkspaceFact, fact, keep_fact

FACT = "sending_paused"
PAUSE_MINUTES = (1, 5, 15, 30)  # by how often in a row; then every half hour


@dataclass(frozen=True, slots=True)
class Pause:
    """Nothing is sent until then, and why; `since` the first of several troubles in a row."""

    reason: str
    since: datetime
    until: datetime
    times: int


def pause_of(session: Session) -> Pause | None:
    """The pause that the last attempt ended with; None if it went well. A pause may be over (`until`)."""
    kept = fact(session, FACT)
    if kept is None:
        return None
    moments = {name: datetime.fromisoformat(kept[name]) for name in ("since", "until")}
    return Pause(reason=kept["reason"], times=kept["times"], **moments)


def pause(session: Session, reason: str, *, now: datetime) -> Pause:
    """Pause the sender, longer each time in a row; of several threads that meet the same trouble, one counts."""
    with transaction(session):
        earlier = pause_of(session)
        if earlier and earlier.until > now:
            return earlier
        times = earlier.times + 1 if earlier else 1
        minutes = PAUSE_MINUTES[min(times, len(PAUSE_MINUTES)) - 1]
        made = Pause(reason, earlier.since if earlier else now, now + timedelta(minutes=minutes), times)
        kept = {
            "reason": made.reason,
            "since": made.since.isoformat(),
            "until": made.until.isoformat(),
            "times": made.times,
        }
        keep_fact(session, FACT, kept)
    return made


def end_pause(session: Session) -> None:
    """Something was sent: the trouble is over. Within the caller's transaction."""
    session.execute(delete(WorkspaceFact).where(WorkspaceFact.name == FACT))
