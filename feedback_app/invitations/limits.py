"""What staff may change about sending as a whole."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid
from feedback_app.invitations.pausing import end_pause
from feedback_app.invitations.throttle import OVERALL_FACT, overall_days
from feedback_app.staff.services import record_audit
from feedback_app.workspace import keep_fact

MOST_OVERALL_DAYS = 365


def set_overall_days(session: Session, days: int, *, user_id: int | None, now: datetime) -> None:
    """Let nobody be asked twice within so many days, whatever the surveys; 0 switches it off. Raises Invalid."""
    if not 0 <= days <= MOST_OVERALL_DAYS:
        raise Invalid(f"The limit must be from 0 to {MOST_OVERALL_DAYS} days; nothing was changed.")
    with transaction(session):
        detail = {"before": overall_days(session), "days": days}
        keep_fact(session, OVERALL_FACT, days)
        record_audit(session, user_id, "limit.changed", "workspace", None, detail, now)


def try_again(session: Session, *, user_id: int | None, now: datetime) -> None:
    """End the sender's pause; the next attempt shows whether the trouble is over."""
    with transaction(session):
        end_pause(session)
        record_audit(session, user_id, "pause.ended", "workspace", None, {}, now)
