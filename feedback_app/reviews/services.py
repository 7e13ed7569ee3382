"""What a CSM does with a response: set its status, assign it, note something. Each is one transaction.

Of two who change the same thing at once, the later one's choice stands; the audit trail keeps who chose what. Where
that is a program, `user_id` is None and `by` the name of its key.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.happenings import Kind, is_listened_to, note_happening
from feedback_app.responses.models import Response
from feedback_app.reviews.models import Note, Review, ReviewStatus
from feedback_app.staff.models import StaffUser
from feedback_app.staff.services import record_audit

LONGEST_NOTE = 10_000


def set_status(
    session: Session,
    response_id: int,
    status: ReviewStatus,
    *,
    user_id: int | None,
    by: str = "",
    now: datetime,
) -> None:
    """Put the response's review into this status. Raises NotFound."""
    with transaction(session):
        review = review_of(session, response_id, now)
        if review.status == status:
            return
        detail = {"from": review.status, "to": status.value}
        review.status, review.updated_at = status, now
        review.closed_at = now if status == ReviewStatus.CLOSED else None
        touch(session, response_id, now)
        record_audit(session, user_id, "review.status", "response", response_id, detail | said(by), now)
        note_status(session, response_id, detail, now)


def note_status(session: Session, response_id: int, detail: dict[str, str], now: datetime) -> None:
    """Leave the change for those who listen, within the caller's transaction."""
    if not is_listened_to(session, Kind.STATUS_CHANGED):
        return
    survey_id, person_id = session.execute(
        select(Response.survey_id, Response.person_id).where(Response.id == response_id)
    ).one()
    note_happening(
        session,
        Kind.STATUS_CHANGED,
        survey_id=survey_id,
        person_id=person_id,
        response_id=response_id,
        detail=detail,
        now=now,
    )


def assign(
    session: Session,
    response_id: int,
    assignee_id: int | None,
    *,
    user_id: int | None,
    by: str = "",
    now: datetime,
) -> None:
    """Give the response to an active member of staff, or to nobody. Raises NotFound or Invalid."""
    with transaction(session):
        review = review_of(session, response_id, now)
        if review.assignee_id == assignee_id:
            return
        if assignee_id is not None and not is_active(session, assignee_id):
            raise Invalid("This account is closed or does not exist, so the response was not assigned.")
        detail = {"from": review.assignee_id, "to": assignee_id, **said(by)}
        review.assignee_id, review.updated_at = assignee_id, now
        touch(session, response_id, now)
        record_audit(session, user_id, "review.assignee", "response", response_id, detail, now)


def add_note(
    session: Session, response_id: int, text: str, *, user_id: int | None, by: str = "", now: datetime
) -> int:
    """Keep a note for colleagues and return its id. Raises NotFound or Invalid."""
    words = text.replace("\r\n", "\n").strip()
    if not words or len(words) > LONGEST_NOTE:
        raise Invalid(f"A note has 1 to {LONGEST_NOTE:,} characters; nothing was added.")
    with transaction(session):
        review_of(session, response_id, now).updated_at = now
        touch(session, response_id, now)
        note = Note(response_id=response_id, author_id=user_id, author_name=by, text=words, created_at=now)
        session.add(note)
        session.flush()
        detail = {"note": note.id, **said(by)}
        record_audit(session, user_id, "review.note", "response", response_id, detail, now)
        return note.id


def touch(session: Session, response_id: int, now: datetime) -> None:
    """Mark the response as changed: programs that keep a copy ask for what has changed, and this is part of it."""
    session.execute(update(Response).where(Response.id == response_id).values(updated_at=now))


def said(by: str) -> dict[str, str]:
    """For the audit trail: which program it was, if it was one."""
    return {"by": by} if by else {}


def review_of(session: Session, response_id: int, now: datetime) -> Review:
    """The response's review row, made if this is the first change; locked until the transaction ends."""
    if session.scalar(select(Response.id).where(Response.id == response_id)) is None:
        raise NotFound(
            f"There is no response {response_id}, so nothing was changed. It may have been erased."
        )
    first: dict[str, Any] = {"response_id": response_id, "status": ReviewStatus.NEW, "updated_at": now}
    session.execute(insert_into(session, Review).values(first).on_conflict_do_nothing())
    return session.scalars(select(Review).where(Review.response_id == response_id).with_for_update()).one()


def is_active(session: Session, user_id: int) -> bool:
    active = select(StaffUser.id).where(StaffUser.id == user_id, StaffUser.active.is_(True))
    return session.scalar(active) is not None
