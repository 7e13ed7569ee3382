"""The mail before it goes to anybody: as a page, as a test in one's own mailbox, and where a test's links lead."""

import re

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.mail.catcher import list_caught, read_caught
from feedback_app.staff.models import Role
from feedback_app.surveys.models import Survey
from tests.conftest import make_settings
from tests.factories import make_survey
from tests.integration.surveys.test_pages import LOOK, send
from tests.pages import afresh, new_browser, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


def frame_of(page: str) -> BeautifulSoup:
    """The mail that stands in the page's frame."""
    return BeautifulSoup(BeautifulSoup(page, "html5lib").iframe["srcdoc"], "html5lib")


def caught(app: Flask):
    folder = app.extensions["feedback_settings"].outbox
    return [read_caught(folder, mail.key) for mail in list_caught(folder, 10)]


def test_the_preview_shows_subject_sender_html_and_text(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, metric_key="csat", about="support", sender_name="Priya").id
    page = signed_in(app, Role.VIEWER).get(f"/surveys/{survey_id}/preview")
    assert "Your request “Export to Excel”: how was our help?" in page.text
    assert "from Priya &lt;surveys@northlight.example&gt;" in page.text
    assert "How satisfied are you with the help you received from Northlight?" in frame_of(page.text).text
    assert "Hello Dana," in BeautifulSoup(page.text, "html5lib").pre.text


def test_language_kind_person_and_width_are_in_the_address(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, wording={"de": {"sender_name": "Northlight Kundendienst"}}).id
    address = f"/surveys/{survey_id}/preview?language=de&kind=reminder&person=unknown&width=phone"
    page = signed_in(app).get(address).text
    assert "Noch eine kurze Frage von Northlight" in page
    assert "from Northlight Kundendienst" in page
    assert "Dana" not in frame_of(page).text
    assert BeautifulSoup(page, "html5lib").iframe["width"] == "375"


@pytest.mark.parametrize("query", ["language=xx", "kind=bill", "person=everybody", "width=-1"])
def test_what_the_address_does_not_mean_is_the_usual(query: str, app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    page = signed_in(app).get(f"/surveys/{survey_id}/preview?{query}").text
    assert "How likely are you to recommend Northlight?" in page
    assert BeautifulSoup(page, "html5lib").iframe["width"] == "640"


def test_the_frame_runs_nothing_and_loads_nothing(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, wording={"en": {"intro": "<script>alert(1)</script>"}}).id
    page = signed_in(app).get(f"/surveys/{survey_id}/preview")
    frame = BeautifulSoup(page.text, "html5lib").iframe
    assert frame.has_attr("sandbox")
    assert not frame["sandbox"]  # nothing is allowed
    assert not frame_of(page.text).find_all("script")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy


def test_every_link_of_a_preview_leads_to_the_page_that_records_nothing(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, slug="northlight").id
    page = signed_in(app).get(f"/surveys/{survey_id}/preview?language=fr").text
    links = {link["href"].partition("?")[0] for link in frame_of(page).find_all("a")}
    assert links == {"http://localhost/surveys/try/northlight/fr"}


def test_unsaved_words_are_shown_and_not_saved(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    page = send(
        signed_in(app, Role.LEAD),
        f"/surveys/{survey_id}/wording/de",
        subject="Na, {first_name}?",
        greeting="",
        question=" ",
        do="preview",
    )
    assert page.status_code == 200
    assert "Na, Dana?" in page.text
    assert "Guten Tag Dana," in frame_of(page.text).text
    assert "Wie wahrscheinlich ist es" in frame_of(page.text).text
    assert "This is not saved yet" in page.text
    assert "Send me this mail" not in page.text
    assert "'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert afresh(session).get_one(Survey, survey_id).wording == {}


def test_an_unsaved_look_is_shown_and_not_saved(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    page = send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}/look", do="preview", **LOOK)
    assert "from Priya &lt;ask@northlight.example&gt;" in page.text
    assert "Northlight Ltd Dublin" in " ".join(frame_of(page.text).text.split())
    assert afresh(session).get_one(Survey, survey_id).accent == "#3b5bdb"


def test_a_test_goes_to_who_asks_for_it_and_is_marked(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, reply_to="help@northlight.example").id
    lead = signed_in(app, Role.LEAD, email="lena@northlight.example", name="Lena")
    answer = send(lead, f"/surveys/{survey_id}/test", language="de", kind="reminder", person="known")
    assert answer.status_code == 303
    assert "in the outbox" in lead.get(answer.location).text
    (mail,) = caught(app)
    headers = dict(mail.headers)
    assert headers["Subject"] == "[Test] Noch eine kurze Frage von Northlight"
    assert headers["To"] == "Lena <lena@northlight.example>"
    assert headers["Reply-To"] == "help@northlight.example"
    assert "List-Unsubscribe" not in headers
    assert "/surveys/try/" in mail.text
    assert "/a/" not in mail.text


def test_a_mail_server_that_does_not_answer_is_told_on_the_page(app: Flask, session: Session) -> None:
    survey_id = make_survey(session).id
    folder = app.extensions["feedback_settings"].instance
    app.extensions["feedback_settings"] = make_settings(
        folder, str(app.extensions["feedback_settings"].database_url), smtp_url="smtp://127.0.0.1:1"
    )
    lead = signed_in(app, Role.LEAD)
    answer = send(lead, f"/surveys/{survey_id}/test")
    assert "The test was not sent." in lead.get(answer.location).text
    assert caught(app) == []


def test_a_tap_in_a_test_shows_what_it_would_have_chosen(app: Flask, session: Session) -> None:
    make_survey(session, slug="northlight", wording={"en": {"follow_up_good": "What, {first_name}?"}})
    page = new_browser(app).get("/surveys/try/northlight/en?rating=9")
    assert page.status_code == 200
    for shown in ("nothing is recorded", "9 of 10", "What, Dana?"):
        assert shown in page.text
    assert not re.search("<form|<input|<button", page.text)


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", "chooses an answer here"),
        ("?rating=11", "chooses an answer here"),
        ("?leave=1", "whether to stop"),
    ],
)
def test_the_other_links_of_a_test_say_what_they_are(
    query: str, shown: str, app: Flask, session: Session
) -> None:
    make_survey(session, slug="northlight")
    assert shown in new_browser(app).get(f"/surveys/try/northlight/de{query}").text


def test_a_test_of_a_survey_that_is_none_is_not_found(app: Flask) -> None:
    assert new_browser(app).get("/surveys/try/nothing/en").status_code == 404
