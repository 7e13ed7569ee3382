"""Status, assignment and notes, and what is kept of who did it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.errors import Invalid, NotFound
from feedback_app.reviews import services
from feedback_app.reviews.models import Note, Review, ReviewStatus
from feedback_app.staff.models import AuditEntry, StaffUser
from tests.factories import make_response, make_user


@pytest.fixture
def user(session: Session) -> StaffUser:
    return make_user(session)


def audit(session: Session) -> list[tuple[str, int | None, dict[str, Any]]]:
    entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
    return [(entry.action, entry.user_id, entry.detail) for entry in entries]


def test_closing_says_when_and_opening_again_takes_that_back(
    session: Session, user: StaffUser, now: datetime
) -> None:
    response = make_response(session).id
    services.set_status(session, response, ReviewStatus.CLOSED, user_id=user.id, now=now)
    review = session.get_one(Review, response)
    assert (review.status, review.closed_at) == ("closed", now)
    services.set_status(session, response, ReviewStatus.OPEN, user_id=user.id, now=now + timedelta(hours=1))
    session.refresh(review)
    assert (review.status, review.closed_at, review.updated_at) == ("open", None, now + timedelta(hours=1))
    assert audit(session) == [
        ("review.status", user.id, {"from": "new", "to": "closed"}),
        ("review.status", user.id, {"from": "closed", "to": "open"}),
    ]


def test_of_two_who_assign_the_later_one_counts_and_both_are_on_record(
    session: Session, user: StaffUser, now: datetime
) -> None:
    response, other = make_response(session).id, make_user(session)
    services.assign(session, response, user.id, user_id=user.id, now=now)
    services.assign(session, response, other.id, user_id=other.id, now=now)
    services.assign(session, response, None, user_id=user.id, now=now)
    assert session.get_one(Review, response).assignee_id is None
    assert audit(session) == [
        ("review.assignee", user.id, {"from": None, "to": user.id}),
        ("review.assignee", other.id, {"from": user.id, "to": other.id}),
        ("review.assignee", user.id, {"from": other.id, "to": None}),
    ]


def test_choosing_what_is_already_so_leaves_no_entry(
    session: Session, user: StaffUser, now: datetime
) -> None:
    response = make_response(session).id
    services.set_status(session, response, ReviewStatus.NEW, user_id=user.id, now=now)
    services.assign(session, response, None, user_id=user.id, now=now)
    assert audit(session) == []


def test_nobody_is_assigned_whose_account_is_closed(session: Session, user: StaffUser, now: datetime) -> None:
    response, gone = make_response(session).id, make_user(session, active=False).id
    for nobody in (gone, 999):
        with pytest.raises(Invalid, match="was not assigned"):
            services.assign(session, response, nobody, user_id=user.id, now=now)
    assert session.get(Review, response) is None


def test_a_note_is_kept_as_written_and_the_record_holds_only_its_number(
    session: Session, user: StaffUser, now: datetime
) -> None:
    response = make_response(session).id
    note_id = services.add_note(
        session, response, "  Called Dana.\r\nShe is fine. ", user_id=user.id, now=now
    )
    note = session.get_one(Note, note_id)
    assert (note.text, note.author_id, note.created_at) == ("Called Dana.\nShe is fine.", user.id, now)
    assert audit(session) == [("review.note", user.id, {"note": note_id})]


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001])
def test_a_note_without_words_or_with_too_many_is_refused(
    session: Session, user: StaffUser, now: datetime, text: str
) -> None:
    with pytest.raises(Invalid, match="1 to 10,000 characters"):
        services.add_note(session, make_response(session).id, text, user_id=user.id, now=now)
    assert session.scalars(select(Note)).all() == []


def test_a_response_that_was_erased_takes_no_work(session: Session, user: StaffUser, now: datetime) -> None:
    with pytest.raises(NotFound, match="There is no response 7"):
        services.set_status(session, 7, ReviewStatus.OPEN, user_id=user.id, now=now)
