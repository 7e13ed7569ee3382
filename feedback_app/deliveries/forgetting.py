"""How long reports about mail are kept, and their end.

What a report led to stays: the mail's state and reason, the suppression and its detail. Forgotten is how it came, and
that it came: so a report of something long past is not acted on when it arrives (`is_too_late`), or a repetition of one
that is forgotten would count again. Soft bounces are counted over a month. Hence nothing is forgotten before SHORTEST.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback_app.config import SHORTEST_REPORT_DAYS
from feedback_app.db import reading, transaction
from feedback_app.deliveries.models import MailEvent

ACTED_ON_WITHIN = timedelta(days=30)  # providers repeat themselves for three days at most
SHORTEST = timedelta(days=SHORTEST_REPORT_DAYS)
AT_ONCE = 500

TOO_LATE = (
    f"It came more than {ACTED_ON_WITHIN.days} days after what it reports, so nothing was done about it."
)
_OLDEST = select(MailEvent.received_at).order_by(MailEvent.id).limit(1)


def is_too_late(occurred_at: datetime | None, now: datetime) -> bool:
    """Whether a report that comes now is of something so old that we may have forgotten the first one."""
    return occurred_at is not None and occurred_at < now - ACTED_ON_WITHIN


def forget_old_reports(session: Session, days: int, *, now: datetime) -> int:
    """Delete reports of more than so many days ago that nothing is left to do about, at most AT_ONCE; how many.

    They are numbered as they come, so one look at the first says whether there are any.
    """
    begin = now - max(timedelta(days=days), SHORTEST)
    with reading() as connection:
        oldest = connection.scalar(_OLDEST)
        if oldest is None or oldest >= begin:
            return 0
        old = select(MailEvent.id).where(MailEvent.received_at < begin, MailEvent.try_at.is_(None))
        ids = list(connection.scalars(old.order_by(MailEvent.id).limit(AT_ONCE)))
    if ids:
        with transaction(session):
            session.execute(delete(MailEvent).where(MailEvent.id.in_(ids)))
    return len(ids)
