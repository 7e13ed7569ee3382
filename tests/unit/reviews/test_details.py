"""One response: its marked comment, its way here, and what a viewer sees of a person."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import NotFound
from feedback_app.privacy.masking import initials, masked_email
from feedback_app.responses.models import ResponseVersion
from feedback_app.reviews import services
from feedback_app.reviews.details import response_details, response_id_of
from feedback_app.reviews.models import ReviewStatus
from tests.factories import make_invitation, make_response, make_user


def test_the_way_to_the_answer_is_told_in_order(session: Session, now: datetime) -> None:
    invitation = make_invitation(session, sent_at=now - timedelta(hours=1), state="answered")
    response = make_response(
        session, survey_id=invitation.survey_id, invitation_id=invitation.id, rating=3, created_at=now
    )
    with transaction(session):
        for minutes, rating, comment in ((0, 8, None), (5, 3, "Slow")):
            session.add(
                ResponseVersion(
                    response_id=response.id,
                    rating=rating,
                    comment=comment,
                    state="confirmed" if minutes else "unconfirmed",
                    at=now + timedelta(minutes=minutes),
                )
            )
    details = response_details(session, response.id)
    assert [step.text for step in details.steps] == [
        "Invitation scheduled",
        "Invitation sent",
        "Answered with 8 (unconfirmed)",
        "Answered with 3 and a comment",
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", ""])
def test_only_a_web_address_becomes_a_link_to_the_case(session: Session, url: str) -> None:
    invitation = make_invitation(session, context={"url": url, "topic": "Export"})
    response = make_response(session, survey_id=invitation.survey_id, invitation_id=invitation.id)
    assert response_details(session, response.id).case_url == ""


def test_the_case_in_the_helpdesk_is_linked(session: Session) -> None:
    invitation = make_invitation(session, context={"url": "https://help.example/1"})
    response = make_response(session, survey_id=invitation.survey_id, invitation_id=invitation.id)
    assert response_details(session, response.id).case_url == "https://help.example/1"


def test_the_activity_says_who_did_what(session: Session, now: datetime) -> None:
    mia, leo = make_user(session, name="Mia"), make_user(session, name="Leo")
    response = make_response(session).id
    services.set_status(session, response, ReviewStatus.OPEN, user_id=mia.id, now=now)
    services.assign(session, response, leo.id, user_id=mia.id, now=now)
    services.add_note(session, response, "Called.", user_id=leo.id, now=now)
    services.assign(session, response, None, user_id=leo.id, now=now)
    told = [(act.who, act.text, act.note) for act in response_details(session, response).activity]
    assert told == [
        ("Mia", "set the status to open", ""),
        ("Mia", "assigned it to Leo", ""),
        ("Leo", "noted", "Called."),
        ("Leo", "took the assignment back", ""),
    ]


def test_a_permalink_leads_to_its_response(session: Session) -> None:
    response = make_response(session, permalink="a" * 32)
    assert response_id_of(session, "a" * 32) == response.id
    with pytest.raises(NotFound):
        response_id_of(session, "b" * 32)


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("dana.whitfield@harrowfinch.example", "d•••@harrowfinch.example"),
        ("a@b.example", "a•••@b.example"),
        ('"odd@local"@b.example', '"•••@b.example'),
        ("nonsense", "•••"),
    ],
)
def test_a_masked_address_shows_a_letter_and_the_domain(address: str, seen: str) -> None:
    assert masked_email(address) == seen


def test_a_masked_name_shows_initials() -> None:
    assert initials("  Dana van Whitfield ") == "D. v. W."
    assert initials("") == ""
