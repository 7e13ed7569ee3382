"""What people say to tags on the pages: corrections, themes, second looks and blind checks."""

import re
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.responses.models import Response
from feedback_app.staff.models import Role
from feedback_app.tagging.models import Judgement
from feedback_app.themes.models import ResponseTheme
from tests.factories import give_theme, make_response, make_theme, make_user
from tests.pages import Browser, afresh, browser_of, signed_in

PRESSED = re.compile(r'value="(\w+)" aria-pressed="true"')


@pytest.fixture
def csm(app: Flask) -> Browser:
    return signed_in(app)


def tagged(session: Session, now: datetime, **given: object) -> int:
    read = {
        "comment": "Great invoice",
        "rating": 2,
        "sentiment": "positive",
        "sentiment_source": "words",
        "tagger_sentiment": "positive",
        "polarity": 0.9,
        "tagger": "words 1",
        "tagged_at": now,
        "evidence": [{"start": 0, "end": 5, "word": "Great", "weight": 0.9}],
    }
    return make_response(session, **read | given).id


def test_a_csm_corrects_a_tag_and_takes_it_back(app: Flask, session: Session, now: datetime) -> None:
    response = tagged(session, now)
    dana = browser_of(app, make_user(session, name="Dana Reed").id)
    page = f"/responses/{response}"
    done = dana.send(f"{page}/sentiment?back=band%3Dbad", form_on=page, label="negative")
    assert (done.status_code, done.location) == (303, f"{page}?back=band%3Dbad&at=words")
    assert 'value="negative" aria-pressed="true" autofocus' in dana.get(done.location).text
    shown = dana.get(page).text
    assert "corrected by Dana Reed" in shown
    assert "<b>Dana Reed</b> corrected the sentiment to negative" in shown
    assert PRESSED.findall(shown) == ["negative"]
    assert "by a person" in dana.get("/inbox").text
    dana.send(f"{page}/sentiment/undo", form_on=page)
    shown = dana.get(page).text
    assert "took the correction back: positive" in shown
    assert PRESSED.findall(shown) == ["positive"]
    dana.send(f"{page}/sentiment", form_on=page, label="positive")
    assert "confirmed by Dana Reed" in dana.get(page).text


def test_a_tag_from_the_rating_says_so_on_every_page(csm: Browser, session: Session, now: datetime) -> None:
    response = tagged(
        session,
        now,
        sentiment="negative",
        sentiment_source="rating",
        tagger_sentiment=None,
        polarity=None,
        untagged_reason="language",
        comment_language="de",
    )
    for url in ("/inbox", f"/responses/{response}"):
        assert "from the rating (German, not read)" in csm.get(url).text
    assert "Great invoice" in csm.get("/inbox?sentiment=rating").text
    assert "Great invoice" not in csm.get("/inbox?sentiment=person").text
    page = f"/responses/{response}"
    assert "The tag says what the rating says." in csm.get(page).text
    csm.send(f"{page}/sentiment", form_on=page, label="negative")
    assert "read by " in csm.get(page).text  # there was no word of the tagger's to correct
    assert "corrected by" not in csm.get(page).text


def test_the_words_of_a_chosen_theme_are_underlined(csm: Browser, session: Session, now: datetime) -> None:
    response, theme = tagged(session, now), make_theme(session, "Billing").id
    give_theme(session, response, theme, sentiment="negative", spans=[[6, 13]])
    plain = csm.get(f"/responses/{response}").text
    assert '<mark class="good">Great</mark> invoice' in plain
    assert f'href="/responses/{response}?theme={theme}"' in plain
    chosen = csm.get(f"/responses/{response}?theme={theme}").text
    assert '<mark class="good">Great</mark> <mark class="theme">invoice</mark>' in chosen
    assert "the words that are about <b>Billing</b>" in chosen
    for nonsense in ("999", "x", "99999999999999999999"):
        assert csm.get(f"/responses/{response}?theme={nonsense}").status_code == 200


def test_a_csm_adds_and_takes_away_themes(csm: Browser, session: Session, now: datetime) -> None:
    response, found, other = (
        tagged(session, now),
        make_theme(session, "Billing"),
        make_theme(session, "Speed"),
    )
    give_theme(session, response, found.id)
    page = f"/responses/{response}"
    for theme, present in ((found.id, "no"), (other.id, "yes")):
        assert csm.send(f"{page}/themes", form_on=page, theme=str(theme), present=present).status_code == 303
    kept = afresh(session).scalars(select(ResponseTheme).order_by(ResponseTheme.theme_id)).all()
    assert [(row.source, row.removed) for row in kept] == [("person", True), ("person", False)]
    shown = csm.get(page).text
    assert "Speed is added: your word counts from now on." in shown
    assert "took away the theme Billing" in shown
    assert 'aria-label="Take away the theme Speed"' in shown
    assert f'<option value="{found.id}">Billing</option>' in shown


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("sentiment", {"label": "angry"}),
        ("sentiment", {}),
        ("themes", {"theme": "999", "present": "yes"}),
        ("themes", {"theme": "99999999999999999999", "present": "yes"}),
        ("themes", {"theme": "1 OR 1=1", "present": "perhaps"}),
    ],
)
def test_what_was_not_offered_changes_nothing(
    csm: Browser, session: Session, now: datetime, url: str, fields: dict[str, str]
) -> None:
    response = tagged(session, now)
    assert csm.send(f"/responses/{response}/{url}", **fields).status_code == 422
    assert afresh(session).scalars(select(Judgement)).all() == []


@pytest.mark.parametrize(
    "url",
    ["responses/{}/sentiment", "responses/{}/sentiment/undo", "responses/{}/themes", "responses/{}/looked"],
)
def test_a_viewer_reads_tags_and_cannot_change_them(
    app: Flask, session: Session, now: datetime, url: str
) -> None:
    response = tagged(session, now, look_twice="words-better")
    viewer = signed_in(app, Role.VIEWER)
    page = viewer.get(f"/responses/{response}").text
    assert "Look twice." in page
    assert f'action="/{url.format(response)}' not in page
    assert viewer.send(f"/{url.format(response)}", label="negative").status_code == 403
    assert afresh(session).get_one(Response, response).looked_at is None


def test_comments_to_look_at_twice_have_a_list_with_the_reason(
    csm: Browser, session: Session, now: datetime
) -> None:
    odd = tagged(session, now, look_twice="words-better")
    tagged(session, now, comment="As expected")
    listed = csm.get("/inbox?look=twice").text
    assert "The words sound happy, the rating is 2: scale misread, or sarcasm?" in listed
    assert "As expected" not in listed
    assert 'Look twice <span class="count">1</span>' in csm.get("/inbox").text
    page = f"/responses/{odd}"
    csm.send(f"{page}/looked", form_on=page)
    assert "looked twice and found it fine" in csm.get(page).text
    assert "Nothing to look at twice" in csm.get("/inbox?look=twice").text
    assert afresh(session).get_one(Response, odd).rating == 2


def test_a_blind_check_shows_the_tag_only_after_the_person_s_word(
    csm: Browser, session: Session, now: datetime
) -> None:
    response = tagged(session, now)
    asked = csm.get("/tagging/check").text
    assert re.search(
        "<article[^>]* autofocus", asked
    )  # the keys go on from the comment, not through the menu
    assert "Great invoice" in asked
    for told in ("<mark", "Positive</span>", "Detractor", "words 1"):
        assert told not in asked
    assert csm.get(f"/tagging/check/{response}").status_code == 404
    for _ in range(2):  # the second time is the form sent twice
        done = csm.send(f"/tagging/check/{response}", form_on="/settings/profile", label="negative")
        assert (done.status_code, done.location) == (303, f"/tagging/check/{response}")
    told = csm.get(f"/tagging/check/{response}").text
    assert '<a class="button" href="/tagging/check" autofocus' in told
    assert "You differ" in told
    assert "Tagger: + Positive" in told
    assert '<mark class="good">Great</mark>' in told
    assert "This month 0 of 1 check agreed" in told
    said = afresh(session).scalars(select(Judgement)).all()
    assert [(one.tagger_said, one.person_said, one.blind) for one in said] == [("positive", "negative", True)]
    assert session.get_one(Response, response).sentiment == "negative"
    assert "Nothing to check" in csm.get("/tagging/check").text


def test_agreement_with_the_tagger_is_said(csm: Browser, session: Session, now: datetime) -> None:
    response = tagged(session, now)
    csm.send(f"/tagging/check/{response}", form_on="/settings/profile", label="positive")
    assert "You agree" in csm.get(f"/tagging/check/{response}").text


def test_viewers_check_no_tags(app: Flask, session: Session, now: datetime) -> None:
    response = tagged(session, now)
    viewer = signed_in(app, Role.VIEWER)
    assert viewer.get("/tagging/check").status_code == 403
    assert viewer.send(f"/tagging/check/{response}", label="negative").status_code == 403
