"""The links of a survey's thank-you page, set by a lead and seen before they are saved."""

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.staff.models import AuditEntry, Role
from feedback_app.surveys.models import Survey
from tests.factories import make_survey
from tests.integration.surveys.test_pages import send
from tests.pages import afresh, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

RATE_US = {"good_label": " Rate us ", "good_url": "https://example.org/rate?a=1&b=2"}
KEPT = {"good": {"url": "https://example.org/rate?a=1&b=2", "label": "Rate us"}}


def buttons(page: str) -> dict[str, list[tuple[str, str]]]:
    """The links on the thank-you pages shown, by the band that each is for."""
    frames = BeautifulSoup(page, "html5lib").find_all("iframe")
    drawn = {frame["title"].removeprefix("Thank-you page: "): frame["srcdoc"] for frame in frames}
    return {
        band: [(link["href"], link.text) for link in BeautifulSoup(shown, "html5lib").select("a.button")]
        for band, shown in drawn.items()
    }


def test_links_are_saved_shown_and_noted(app: Flask, session: Session) -> None:
    survey_id, lead = make_survey(session).id, signed_in(app, Role.LEAD)
    assert send(lead, f"/surveys/{survey_id}/thanks", **RATE_US).status_code == 303
    assert afresh(session).get_one(Survey, survey_id).thanks_links == KEPT
    assert buttons(lead.get(f"/surveys/{survey_id}/thanks").text) == {
        "Promoter": [("https://example.org/rate?a=1&b=2", "Rate us")],
        "Passive": [],
        "Detractor": [],
    }
    assert session.scalars(select(AuditEntry.detail)).all() == [{"thanks_links": True}]


def test_emptying_both_fields_takes_a_link_away(app: Flask, session: Session) -> None:
    survey_id = make_survey(session, thanks_links=KEPT).id
    send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}/thanks", good_label="", good_url=" ")
    assert afresh(session).get_one(Survey, survey_id).thanks_links == {}


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"good_url": "http://example.org/rate"}, "must be a web address that begins with https://"),
        ({"good_url": "javascript:alert(1)"}, "cannot be linked, so nothing was saved"),
        ({"good_url": ""}, "Enter the address that the button leads to, or empty its label."),
        ({"good_label": " "}, "Say where the link leads"),
        ({"good_label": "x" * 81}, "must be one line of at most 80 characters"),
    ],
)
def test_a_link_that_cannot_be_is_told_beside_its_field(
    wrong: dict[str, str], told: str, app: Flask, session: Session
) -> None:
    survey_id = make_survey(session).id
    answer = send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}/thanks", **RATE_US | wrong)
    assert answer.status_code == 422
    assert told in BeautifulSoup(answer.text, "html5lib").find(class_="error").text
    assert afresh(session).get_one(Survey, survey_id).thanks_links == {}


def test_the_preview_shows_what_is_not_saved_in_a_frame_that_runs_nothing(
    app: Flask, session: Session
) -> None:
    survey_id = make_survey(session, brand="Northlight <b>").id
    answer = send(signed_in(app, Role.LEAD), f"/surveys/{survey_id}/thanks", do="preview", **RATE_US)
    assert (answer.status_code, "This is not saved yet." in answer.text) == (200, True)
    assert buttons(answer.text)["Promoter"] == [("https://example.org/rate?a=1&b=2", "Rate us")]
    frame = BeautifulSoup(answer.text, "html5lib").iframe
    assert frame.has_attr("sandbox")
    assert not frame["sandbox"]  # and it allows nothing
    assert "Northlight &lt;b&gt;" in frame["srcdoc"]
    assert afresh(session).get_one(Survey, survey_id).thanks_links == {}


def test_each_band_of_the_metric_has_its_fields_in_the_words_of_the_answers(
    app: Flask, session: Session
) -> None:
    survey_id = make_survey(session, metric_key="thumbs", points=2).id
    page = BeautifulSoup(
        signed_in(app, Role.VIEWER).get(f"/surveys/{survey_id}/thanks?language=de").text, "html5lib"
    )
    assert [heading.text for heading in page.select(".thanks-band h2")] == ["Up", "Down"]
    assert [spoken.text for spoken in page.select(".thanks-band span[lang=de]")] == ["Ja", "Nein"]
    assert page.find("fieldset").has_attr("disabled")
