"""What a viewer sees of personal data in what was written, and what everybody else does."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.responses.models import ResponseVersion
from feedback_app.reviews.services import add_note
from feedback_app.staff.models import Role
from tests.conftest import NOON
from tests.factories import keep, make_invitation, make_person, make_response, make_user
from tests.pages import signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

PERSONAL = (
    "whitfield",
    "4111 1111 1111 1111",
    "+44 20 7946 0123",
    "other@example.com",
    "DE89 3704 0044 0532 0130 00",
    "0161 496 0234",
)


@pytest.fixture
def response_id(session: Session) -> int:
    """A response with personal data in its comment, an earlier version, a note and its support case."""
    dana = make_person(session, email="dana.w@harrow.example", name="Dana Whitfield")
    context = {"topic": "Refund to DE89 3704 0044 0532 0130 00", "agent": "Marta"}
    asked = make_invitation(session, person_id=dana.id, context=context)
    response = make_response(
        session,
        survey_id=asked.survey_id,
        person_id=dana.id,
        invitation_id=asked.id,
        rating=2,
        comment="WHITFIELD here: charged 4111 1111 1111 1111. Never, never again.",
        evidence=[{"start": 45, "end": 50, "word": "Never", "weight": -2.0}],
        sentiment="negative",
        polarity=-0.8,
    )
    for comment in ("Ring +44 20 7946 0123", response.comment):
        version = {"rating": 2, "comment": comment, "state": "confirmed", "at": NOON}
        keep(session, ResponseVersion(response_id=response.id, **version))
    user = make_user(session, Role.CSM)
    text = "Wants it at other@example.com, rang from 0161 496 0234"
    add_note(session, response.id, text, user_id=user.id, now=NOON)
    return response.id


def pages(app: Flask, role: Role, response_id: int) -> str:
    browser = signed_in(app, role)
    found = [browser.get(path) for path in (f"/responses/{response_id}", "/inbox", "/people/1")]
    assert [page.status_code for page in found] == [200, 200, 200]
    return "\n".join(page.text for page in found)


def test_a_viewer_sees_placeholders_everywhere(app: Flask, response_id: int) -> None:
    shown = pages(app, Role.VIEWER, response_id)
    assert [one for one in PERSONAL if one.lower() in shown.lower()] == []
    assert shown.count("[name] here: charged [card]. ") == 3  # the response, the inbox, the person
    assert '<mark class="bad">Never</mark>, never again.' in shown
    assert "Wants it at [e-mail], rang from [phone]" in shown
    assert "Refund to [IBAN]" in shown
    assert "Ring [phone]" in shown


def test_a_csm_sees_what_was_written(app: Flask, response_id: int) -> None:
    shown = pages(app, Role.CSM, response_id)
    assert [one for one in PERSONAL if one.lower() not in shown.lower()] == []
    assert "[card]" not in shown


def test_the_end_of_a_long_comment_is_no_way_around_it(app: Flask, session: Session) -> None:
    make_response(session, comment="Slow. " * 50 + "4111 1111 1111 1111 was charged")  # cut at 320
    shown = signed_in(app, Role.VIEWER).get("/inbox").text
    assert "4111" not in shown
    assert "4111" in signed_in(app, Role.CSM).get("/inbox").text
