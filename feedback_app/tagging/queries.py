"""What pages show of tags beside the response's own columns."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.staff.models import StaffUser
from feedback_app.tagging.models import Judgement

GONE = "somebody who has left"


def who_judged(session: Session, response_id: int) -> str:
    """The name of whoever last said something about the comment's sentiment."""
    user = session.scalar(
        select(StaffUser)
        .join(Judgement, Judgement.user_id == StaffUser.id)
        .where(Judgement.response_id == response_id, Judgement.kind == "sentiment")
        .order_by(Judgement.id.desc())
        .limit(1)
    )
    return user.display_name if user else GONE
