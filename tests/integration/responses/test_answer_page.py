"""The page behind an invitation's link: what it shows, what it takes, what it says when it takes nothing."""

import hashlib
import re
from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation, LinkVisit
from feedback_app.links import Links
from feedback_app.responses.models import Response, ResponseState
from feedback_app.surveys.services import change_survey
from tests.factories import NOON, make_invitation, make_person, make_response, make_survey
from tests.integration.responses.conftest import Link

HOSTILE = '"><script>alert(1)</script>{{ 7*7 }}%s%(age)s&amp;'


def soup(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html5lib")


def only_response(session: Session) -> Response:
    session.rollback()
    return session.scalars(select(Response)).one()


def invited(session: Session, links: Links, *, locale: str | None = None, **survey: Any) -> str:
    """The path of the answer page of a person with this language and a survey like this."""
    invitation = make_invitation(
        session, survey_id=make_survey(session, **survey).id, person_id=make_person(session, locale=locale).id
    )
    return f"/a/{links.answer_token(invitation.id)}"


def test_the_page_asks_one_question_and_every_rating_can_be_named(client: FlaskClient, link: Link) -> None:
    page = client.get(link.path)
    shown = soup(page.text)
    assert page.status_code == 200
    assert [heading.text for heading in shown.select("fieldset legend h1")] == [
        "How likely are you to recommend Northlight to a friend or colleague?"
    ]
    ratings = shown.select("label:has(input[name=rating])")
    assert [label.input["value"] for label in ratings] == [str(n) for n in range(11)]
    assert [label.select_one(".sr").text for label in ratings[::10]] == [
        "0 of 10: Not at all likely",
        "10 of 10: Extremely likely",
    ]
    assert shown.select("[checked]") == []
    assert shown.select_one("label[for=comment]") is not None
    assert shown.select_one("textarea#comment") is not None


def test_the_link_of_a_button_chooses_its_rating(client: FlaskClient, link: Link) -> None:
    assert [box["value"] for box in soup(client.get(f"{link.path}?rating=9").text).select("[checked]")] == [
        "9"
    ]
    for nonsense in ("11", "-1", "x", "9.0", "", "1" * 5_000):
        assert soup(client.get(f"{link.path}?rating={nonsense}").text).select("[checked]") == []


def test_each_rating_leads_to_the_question_of_its_band(client: FlaskClient, link: Link) -> None:
    shown = soup(client.get(link.path).text)
    tones = [box["class"][0] for box in shown.select("input[name=rating]")]
    assert tones == ["bad"] * 7 + ["middle"] * 2 + ["good"] * 2
    follow_ups = {span["class"][0]: span.text for span in shown.select("label[for=comment] span")}
    assert follow_ups == {
        "any": "Would you like to tell us more?",
        "bad": "What is the main reason for your score?",
        "middle": "What would it take to earn a 9 or 10 from you?",
        "good": "What do you value most about Northlight?",
    }


def test_the_page_is_for_nobody_elses_eyes_frames_or_caches(client: FlaskClient, link: Link) -> None:
    headers = client.get(link.path).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("locale", "query", "accept", "language"),
    [
        ("de-AT", "?lang=fr", "es", "de"),
        (None, "?lang=fr", "es", "fr"),
        ("pt-BR", "", "da, es;q=0.5", "es"),
        (None, "", "da", "fr"),
    ],
)
def test_the_language_is_the_persons_then_the_links_then_the_browsers_then_the_surveys(
    client: FlaskClient,
    session: Session,
    links: Links,
    clock: Any,
    locale: Any,
    query: str,
    accept: str,
    language: str,
) -> None:
    path = invited(session, links, locale=locale, language="fr")
    page = client.get(path + query, headers={"Accept-Language": accept})
    assert soup(page.text).html["lang"] == language


def test_an_answer_is_stored_and_thanked_for(client: FlaskClient, session: Session, link: Link) -> None:
    comment = '  Ça marche 👍🏽\r\n‮<b>bold</b>\x00 & "quoted" '
    sent = client.post(link.path, data={"rating": "9", "comment": comment, "language": "fr"})
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{link.path}/thanks")
    stored = only_response(session)
    assert stored.comment == '  Ça marche 👍🏽\n‮<b>bold</b> & "quoted" '
    assert (stored.rating, stored.state, stored.locale) == (9, ResponseState.CONFIRMED, "fr")
    thanks = client.get(sent.headers["Location"])
    assert thanks.status_code == 200
    assert "Thank you!" in thanks.text
    assert "<b>bold</b>" not in thanks.text


def test_the_earlier_answer_can_be_edited_until_the_window_closes(
    client: FlaskClient, session: Session, link: Link, clock: time_machine.Traveller
) -> None:
    client.post(link.path, data={"rating": "3", "comment": "\n</textarea>Slow"})
    shown = soup(client.get(link.path).text)
    assert shown.select_one("[checked]")["value"] == "3"
    assert shown.textarea.text == "\n</textarea>Slow"
    again = {"rating": "9", "comment": "", "shown": shown.select_one("[name=shown]")["value"]}
    client.post(link.path, data=again)
    assert (only_response(session).rating, only_response(session).comment) == (9, "")
    assert soup(client.get(f"{link.path}/thanks").text).select_one("main a")["href"] == link.path
    clock.shift(timedelta(hours=24))
    for path in (link.path, f"{link.path}?rating=3", f"{link.path}/thanks"):
        page = client.get(path)
        assert (page.status_code, "We have your answer" in page.text) == (200, True)
        assert soup(page.text).select("form, input, main a") == []


def test_after_the_window_nothing_of_the_answer_is_shown(
    client: FlaskClient, session: Session, link: Link, clock: time_machine.Traveller
) -> None:
    client.post(link.path, data={"rating": "3", "comment": "Confidential"})
    clock.shift(timedelta(days=2))
    pages = [client.get(path).text for path in (link.path, f"{link.path}/thanks")]
    pages.append(client.post(link.path, data={"rating": "3", "comment": ""}).text)
    assert not any("Confidential" in page or "sorry" in page for page in pages)


def test_what_was_written_too_late_is_given_back(
    client: FlaskClient, session: Session, link: Link, clock: time_machine.Traveller
) -> None:
    client.post(link.path, data={"rating": "3"})
    clock.shift(timedelta(days=2))
    late = client.post(link.path, data={"rating": "9", "comment": "Two <pages> of praise", "language": "de"})
    assert late.status_code == 200
    assert soup(late.text).textarea.text == "Two <pages> of praise"
    assert "nicht gespeichert" in late.text
    assert (only_response(session).rating, only_response(session).comment) == (3, "")


def test_without_a_rating_the_page_comes_back_with_what_was_written(
    client: FlaskClient, session: Session, link: Link
) -> None:
    page = client.post(link.path, data={"comment": "No number <3"})
    shown = soup(page.text)
    assert page.status_code == 422
    assert shown.textarea.text == "No number <3"
    assert shown.fieldset["aria-describedby"] == "rating-error"
    assert "choose an answer" in shown.select_one("#rating-error").text
    assert shown.title.text.startswith("Error: ")
    assert session.scalars(select(Response)).all() == []


def test_a_comment_that_is_too_long_comes_back_whole(
    client: FlaskClient, session: Session, link: Link
) -> None:
    comment = "ä" * 11_234
    page = client.post(link.path, data={"rating": "2", "comment": comment, "language": "en"})
    shown = soup(page.text)
    assert page.status_code == 422
    assert shown.textarea.text == comment
    assert (shown.textarea["aria-describedby"], shown.textarea["aria-invalid"]) == ("comment-error", "true")
    assert "1,234 characters over the 10,000" in shown.select_one("#comment-error").text
    assert shown.select_one("[checked]")["value"] == "2"
    assert session.scalars(select(Response)).all() == []


def test_a_rating_of_another_scale_is_refused(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    path = invited(session, links, metric_key="stars")
    for rating in ("0", "6", "10"):
        assert client.post(path, data={"rating": rating}).status_code == 422
    assert session.scalars(select(Response)).all() == []


def test_the_script_saves_a_rating_as_confirmed_only_with_a_human_sign(
    client: FlaskClient, session: Session, link: Link
) -> None:
    assert client.post(f"{link.path}/intent", json={"rating": 8, "human": False}).json == {"saved": True}
    assert (only_response(session).rating, only_response(session).state) == (8, ResponseState.UNCONFIRMED)
    assert soup(client.get(link.path).text).select("[checked]") == []
    assert client.get(f"{link.path}/thanks").headers["Location"] == link.path
    beacon = client.post(f"{link.path}/intent", data='{"rating":8,"human":true}', content_type="text/plain")
    assert beacon.status_code == 200
    assert only_response(session).state == ResponseState.CONFIRMED
    client.post(f"{link.path}/intent", data={"rating": "2"})
    assert only_response(session).rating == 8


def test_an_intent_that_is_none_is_refused_as_json(client: FlaskClient, session: Session, link: Link) -> None:
    bodies: list[Any] = [
        "",
        "[]",
        "nonsense",
        "{}",
        '{"rating": null}',
        '{"rating": 99}',
        '{"rating": true}',
        '{"rating": 99999999999999999999}',
        "[" * 100_000,
        b"\xff\xfe",
    ]
    for body in bodies:
        answer = client.post(f"{link.path}/intent", data=body, content_type="application/json")
        assert (answer.status_code, answer.is_json) == (422, True)
    assert session.scalars(select(Response)).all() == []


def test_an_intent_after_the_window_is_not_told_as_saved(
    client: FlaskClient, link: Link, clock: time_machine.Traveller
) -> None:
    client.post(link.path, data={"rating": "3"})
    clock.shift(timedelta(days=2))
    assert client.post(f"{link.path}/intent", json={"rating": 9, "human": True}).status_code == 409


def test_thanks_fit_the_band_and_link_only_where_the_survey_says(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    link = {"good": {"url": "https://example.org/rate?a=1&b=2", "label": "Rate <us>"}}
    path = invited(session, links, thanks_links=link)
    found = {}
    for rating in ("10", "8", "2"):
        client.post(path, data={"rating": rating})
        page = soup(client.get(f"{path}/thanks?next=https://evil.example&url=https://evil.example").text)
        found[rating] = (page.h1.text, [(a["href"], a.text) for a in page.select("a.button")])
        assert "evil" not in str(page)
    assert found == {
        "10": ("Thank you!", [("https://example.org/rate?a=1&b=2", "Rate <us>")]),
        "8": ("Thank you!", []),
        "2": ("Thank you for telling us", []),
    }


@pytest.mark.parametrize("language", ["en", "es", "de", "fr"])
def test_each_trouble_has_a_kind_page_of_its_own(
    client: FlaskClient, session: Session, links: Links, clock: Any, language: str
) -> None:
    closed = invited(session, links, locale=language, state="closed", closed_at=NOON)
    old = make_invitation(
        session, person_id=make_person(session, locale=language).id, sent_at=NOON - timedelta(days=91)
    )
    expired = f"/a/{links.answer_token(old.id)}"
    unknown = f"/a/{links.answer_token(987_654)}?lang={language}"
    headings = set()
    for path, status in ((closed, 410), (expired, 410), (unknown, 404)):
        for answer in (client.get(path), client.post(path, data={"rating": "3", "language": language})):
            page = soup(answer.text)
            assert (answer.status_code, page.html["lang"]) == (status, language)
            assert page.select("form") == []
            assert "{" not in page.main.text
            headings.add(page.h1.text)
    assert len(headings) == 3
    assert session.scalars(select(Response)).all() == []


def test_the_date_of_an_expired_link_is_written_out_in_the_language(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    old = make_invitation(
        session, person_id=make_person(session, locale="de").id, sent_at=NOON - timedelta(days=91)
    )
    assert "bis zum 19. November 2026 gültig" in client.get(f"/a/{links.answer_token(old.id)}").text


def test_who_answered_before_the_survey_closed_is_told_so(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    survey = make_survey(session, state="closed", closed_at=NOON)
    invitation = make_invitation(session, survey_id=survey.id)
    long_ago = NOON - timedelta(days=3)
    make_response(session, survey_id=survey.id, invitation_id=invitation.id, created_at=long_ago)
    page = client.get(f"/a/{links.answer_token(invitation.id)}")
    assert (page.status_code, "We have your answer" in page.text) == (200, True)


def test_the_wording_speaks_of_the_person_and_the_case(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    wording = {
        "en": {
            "question": "{first_name}, how was {agent} of {brand}?",
            "thanks_text_good": "Bye {first_name}",
        }
    }
    survey = make_survey(session, wording=wording)
    paths = []
    for name, context in (("Ada Lind", {"agent": "Priya"}), ("<b>Eve", {"agent": HOSTILE, "topic": 7})):
        person = make_person(session, name=name)
        invitation = make_invitation(session, survey_id=survey.id, person_id=person.id, context=context)
        paths.append(f"/a/{links.answer_token(invitation.id)}")
    shown = [soup(client.get(path).text) for path in paths]
    assert [page.h1.text for page in shown] == [
        "Ada, how was Priya of Northlight?",
        f"<b>Eve, how was {HOSTILE} of Northlight?",
    ]
    assert all(len(page.select("script")) == 1 for page in shown)
    client.post(paths[1], data={"rating": "10"})
    assert soup(client.get(f"{paths[1]}/thanks").text).select_one(".text").text == "Bye <b>Eve"


def test_hostile_wording_is_shown_and_not_obeyed(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    names = ("question", "low_label", "comment_label", "follow_up_bad", "thanks_title_bad", "thanks_text_bad")
    wording = {"en": dict.fromkeys(names, HOSTILE)}
    path = invited(session, links, brand=HOSTILE, wording=wording)
    page = client.get(path)
    assert soup(page.text).h1.text == HOSTILE
    client.post(path, data={"rating": "0", "comment": HOSTILE})
    again, thanks = client.get(path), client.get(f"{path}/thanks")
    assert soup(again.text).textarea.text == HOSTILE
    for answer in (page, again, thanks):
        assert "<script>alert" not in answer.text
        assert "49" not in soup(answer.text).main.text


def test_a_changed_survey_shows_at_once(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    invitation = make_invitation(session)
    path = f"/a/{links.answer_token(invitation.id)}"
    client.get(path)
    change_survey(session, invitation.survey_id, brand="Southlight", now=NOON)
    assert "Southlight" in client.get(path).text


def test_two_people_see_the_same_page_but_their_own_facts(
    client: FlaskClient, session: Session, links: Links, clock: Any
) -> None:
    survey_id = make_survey(session).id
    ages = []
    for minutes in (1, 90):
        sent = make_invitation(session, survey_id=survey_id, sent_at=NOON - timedelta(minutes=minutes))
        ages.append(soup(client.get(f"/a/{links.answer_token(sent.id)}").text).form["data-age"])
    assert ages == ["60", "5400"]


def test_the_hidden_link_shows_a_harmless_page_and_is_noted(
    client: FlaskClient, session: Session, link: Link, invitation: Invitation
) -> None:
    page = client.get(f"{link.path}/more")
    assert (page.status_code, soup(page.text).select("form, main a, input")) == (200, [])
    session.rollback()
    visit = session.scalars(select(LinkVisit)).one()
    assert (visit.invitation_id, visit.at) == (invitation.id, NOON)


def test_style_and_script_match_the_hashes_of_the_policy(client: FlaskClient, link: Link) -> None:
    page = client.get(f"{link.path}?rating=9")
    for tag in ("style", "script"):
        inner = re.search(rf"<{tag}>(.*?)</{tag}>", page.text, re.DOTALL)
        assert inner is not None
        digest = b64encode(hashlib.sha256(inner[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in page.headers["Content-Security-Policy"]
    assert re.search(r"\son\w+=|\sstyle=", page.text) is None


def test_too_much_at_once_is_refused_in_the_language_of_the_browser(
    client: FlaskClient, session: Session, link: Link
) -> None:
    data = {"rating": "9", "comment": "a" * 1_000_001}
    page = client.post(link.path, data=data, headers={"Accept-Language": "fr"})
    assert (page.status_code, soup(page.text).h1.text) == (413, "Cela n’a pas fonctionné")
    assert session.scalars(select(Response)).all() == []
