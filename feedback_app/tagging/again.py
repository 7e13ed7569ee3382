"""Reading every comment again, in the background, because somebody asked for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.staff.services import record_audit
from feedback_app.tagging.batches import tag_again
from feedback_app.workspace import fact, keep_fact

FACT = "tag_again_asked"


def ask_to_tag_again(session: Session, *, user_id: int | None, now: datetime) -> None:
    """Let a worker make every comment due again; each keeps its tag until it has the new one."""
    with transaction(session):
        keep_fact(session, FACT, now.isoformat())
        record_audit(session, user_id, "comments.tagged_again", "workspace", None, {}, now)


def is_asked_to_tag_again(session: Session) -> bool:
    """Whether the comments are still to be made due."""
    return fact(session, FACT) is not None


def mark_if_asked(session: Session) -> bool:
    """Make every comment due again if that was asked for; whether it was.

    A worker that is killed at it leaves it asked for, and the next one marks again what may have been read by then.
    """
    asked = fact(session, FACT)
    if asked is None:
        return False
    tag_again(session)
    with transaction(session):
        if fact(session, FACT) == asked:
            keep_fact(session, FACT, None)
    return True
