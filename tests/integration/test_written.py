"""What somebody wrote is given back where it cannot be kept."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.surveys.models import SurveyState
from tests.factories import make_invitation, make_response, make_survey
from tests.pages import form_token, new_browser, signed_in

pytestmark = pytest.mark.only("sqlite")
WORDS = 'Slow & dear, "as ever" <sigh>'
SHOWN = "Slow &amp; dear, &#34;as ever&#34; &lt;sigh&gt;</textarea>"


@pytest.mark.parametrize(
    ("survey", "sent", "status", "told"),
    [
        ({"state": SurveyState.CLOSED}, timedelta(days=1), 410, "This survey is closed"),
        ({"link_days": 2}, timedelta(days=3), 410, "This link has expired"),
    ],
)
def test_a_customer_who_comes_too_late_gets_the_comment_back(
    app: Flask, session: Session, survey: dict[str, object], sent: timedelta, status: int, told: str
) -> None:
    asked = make_invitation(session, survey_id=make_survey(session, **survey).id, sent_at=now() - sent)
    path = f"/a/{app.extensions['feedback_links'].answer_token(asked.id)}"
    page = new_browser(app).post(path, data={"rating": "3", "comment": WORDS})
    assert page.status_code == status
    assert told in page.text
    assert SHOWN in page.text
    german = {"rating": "3", "comment": "Oh", "language": "de"}
    assert "Hier ist Ihr Text" in new_browser(app).post(path, data=german).text
    assert 'class="written"' not in new_browser(app).get(path).text


def test_who_was_signed_out_while_writing_gets_the_note_back(app: Flask, session: Session) -> None:
    path = f"/responses/{make_response(session).id}/notes"
    page = new_browser(app).post(path, data={"csrf_token": "of an old page", "text": WORDS})
    assert page.status_code == 400
    assert "Your session has ended" in page.text
    assert SHOWN in page.text
    assert "of an old page" not in page.text


def test_a_session_that_was_ended_elsewhere_loses_no_words_either(app: Flask, session: Session) -> None:
    path = f"/responses/{make_response(session).id}/notes"
    browser = signed_in(app)
    token, cookie = form_token(browser.get("/settings/profile").text), browser.copy_of_cookie()
    browser.send("/logout")
    browser.set_cookie("feedback", cookie)
    page = browser.post(path, data={"csrf_token": token, "text": WORDS})
    assert page.status_code == 400
    assert SHOWN in page.text


def test_a_key_of_a_mail_provider_does_not_come_back(app: Flask) -> None:
    sent = {"csrf_token": "of an old page", "given": "a key of two words", "password": "three plain words"}
    page = new_browser(app).post("/settings/mail/hooks/1/proof", data=sent)
    assert page.status_code == 400
    assert "Your session has ended" in page.text
    assert "words" not in page.text
