"""/inbox and /responses/<id> as staff see them."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.reviews.models import Note, Review
from feedback_app.staff.models import Role
from tests.factories import make_account, make_invitation, make_person, make_response, make_survey, make_user
from tests.pages import Browser, afresh, browser_of, new_browser, signed_in

ATTACK = "<script>alert(1)</script><img src=x onerror=alert(2)>"
ESCAPED = "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;"


@pytest.fixture
def csm(app: Flask) -> Browser:
    return signed_in(app)


def test_an_empty_inbox_says_how_answers_come(csm: Browser) -> None:
    page = csm.get("/inbox").text
    assert "No answers yet" in page
    assert "Clear the filters" not in page


def test_a_band_of_two_words_is_read_as_words(csm: Browser, session: Session) -> None:
    survey = make_survey(session, metric_key="pmf", points=3)
    make_response(session, survey_id=survey.id, rating=2)
    assert "<b>2</b> Somewhat disappointed" in csm.get("/inbox").text


def test_filters_that_nothing_fits_can_be_cleared(csm: Browser, session: Session) -> None:
    make_response(session)
    narrowed = csm.get("/inbox?status=new&since=2020-01-02").text
    assert "1 answer fits." in narrowed
    assert "Status: New · From: 2 Jan 2020</span></summary>" in narrowed
    page = csm.get("/inbox?band=bad").text
    assert "Nothing matches" in page
    assert '<a class="button plain" href="/inbox">Clear the filters</a>' in page
    assert "“From” is after “To”" in csm.get("/inbox?since=2026-11-20&until=2026-11-19").text
    assert "There is no word to find" in csm.get("/inbox?q=%22*").text


def test_a_line_says_what_and_who_and_whose(csm: Browser, session: Session) -> None:
    owner = make_user(session, name="Marta Lindqvist")
    account = make_account(session, name="Harrow & Finch", owner_id=owner.id)
    person = make_person(session, name="Dana Whitfield", account_id=account.id)
    survey = make_survey(session, name="After support")
    make_response(
        session,
        survey_id=survey.id,
        person_id=person.id,
        rating=4,
        comment="Too slow",
        sentiment="negative",
        created_at=now() - timedelta(hours=3),
    )
    page = csm.get("/inbox").text
    for words in (
        '<span class="rating bad"><b>4</b> Detractor</span>',
        "Too slow",
        "Dana Whitfield",
        "Harrow &amp; Finch",
        "Marta Lindqvist’s account",
        "After support",
        "− Negative",
        ">3 h</time>",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("band=dreadful", "Rating"),
        ("survey=999", "Survey"),
        ("survey=1%20OR%201=1", "Survey"),
        ("sentiment=%27;--", "Sentiment"),
        ("status=done", "Status"),
        ("assignee=7", "Assigned to"),
        ("since=yesterday", "From"),
        ("until=9999-12-31", "To"),
        ("since=0001-01-01", "From"),
        ("state=all", "Answers"),
        ("order=random", "Order"),
        ("q=" + "x" * 201, "Text"),
    ],
)
def test_a_filter_that_is_not_understood_is_left_out_and_said(
    csm: Browser, session: Session, query: str, label: str
) -> None:
    make_response(session, comment="Still listed")
    page = csm.get(f"/inbox?{query}")
    assert page.status_code == 200
    assert f"Not understood and left out: {label}." in page.text
    assert "Still listed" in page.text


@pytest.mark.parametrize(
    "query", ["after=zzz", "before=%00", "after=" + "A" * 5000, "q=%00", "q=%ff%fe", "x=1"]
)
def test_a_mangled_address_still_shows_the_inbox(csm: Browser, session: Session, query: str) -> None:
    make_response(session, comment="Still listed")
    page = csm.get(f"/inbox?{query}")
    assert page.status_code == 200


def test_the_pages_link_to_each_other_and_keep_the_filters(csm: Browser, session: Session) -> None:
    survey = make_survey(session).id
    for minutes in range(41):
        make_response(
            session,
            survey_id=survey,
            rating=2,
            comment=f"number {minutes}.",
            created_at=now() - timedelta(minutes=minutes),
        )
    first = csm.get("/inbox?band=bad").text
    assert "number 39." in first
    assert "number 40." not in first
    assert 'rel="prev"' not in first
    second = csm.get(link_named("next", first)).text
    assert "number 40." in second
    assert "number 39." not in second
    assert 'rel="next"' not in second
    assert ["41 answers fit." in page for page in (first, second)] == [True, True]
    assert "answers fit" not in csm.get("/inbox?order=worst").text
    assert "band=bad" in link_named("prev", second)
    assert "number 0." in csm.get(link_named("prev", second)).text


def link_named(rel: str, page: str) -> str:
    return page.split(f'rel="{rel}" href="')[1].split('"')[0].replace("&amp;", "&")


def test_a_viewer_sees_personal_data_masked(app: Flask, session: Session) -> None:
    person = make_person(session, name="Dana Whitfield", email="dana.whitfield@harrow.example")
    response = make_response(session, person_id=person.id, comment="Fine")
    claimed = make_response(session, claimed_email="someone.else@harrow.example")
    viewer = signed_in(app, Role.VIEWER)
    for url in ("/inbox", f"/responses/{response.id}", f"/responses/{claimed.id}"):
        page = viewer.get(url).text
        assert "Whitfield" not in page
        assert "dana.w" not in page
        assert "someone.else" not in page
    assert "D. W." in viewer.get("/inbox").text
    assert "d•••@harrow.example" in viewer.get(f"/responses/{response.id}").text


def test_what_customers_write_is_shown_as_written_and_never_run(csm: Browser, session: Session) -> None:
    survey = make_survey(session, name=ATTACK, brand=ATTACK)
    account = make_account(session, name=ATTACK)
    person = make_person(session, name=ATTACK, account_id=account.id)
    invitation = make_invitation(
        session, survey_id=survey.id, person_id=person.id, context={"topic": ATTACK, "agent": ATTACK}
    )
    evidence = [{"start": 0, "end": 8, "word": "<script>", "weight": -1}]
    response = make_response(
        session,
        survey_id=survey.id,
        person_id=person.id,
        invitation_id=invitation.id,
        comment=ATTACK,
        claimed_email=ATTACK,
        evidence=evidence,
    )
    for url in ("/inbox", f"/responses/{response.id}"):
        page = csm.get(url)
        assert ESCAPED in page.text
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    assert '<mark class="bad">&lt;script&gt;</mark>alert(1)' in csm.get(f"/responses/{response.id}").text


def test_the_comment_keeps_its_lines(csm: Browser, session: Session) -> None:
    response = make_response(session, comment="One\n  two\n\nthree", comment_language="en")
    page = csm.get(f"/responses/{response.id}").text
    assert '<p class="comment" dir="auto" lang="en">One\n  two\n\nthree</p>' in page


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"untagged_reason": "language", "comment_language": "fi"}, "does not know this language (Finnish)"),
        ({"untagged_reason": "no-content"}, "there are no words to go by"),
        ({"untagged_reason": "failed"}, "the tagger failed on it"),
        ({}, "Not read yet"),
        (
            {
                "tagger_sentiment": "positive",
                "polarity": -0.5,
                "confidence": 0.876,
                "tagger": "textblob 0.19-1",
            },
            "<dd>Positive, 88 % sure</dd>\n    <dt>Polarity</dt><dd>−0.50 ",
        ),
    ],
)
def test_the_page_says_what_the_tagger_made_of_it(
    csm: Browser, session: Session, given: dict[str, object], told: str
) -> None:
    response = make_response(session, comment="Hyvä", **given)
    assert told in csm.get(f"/responses/{response.id}").text


@pytest.mark.parametrize(
    ("given", "chip"),
    [
        ({}, "Waiting"),
        ({"untagged_reason": "language", "comment_language": "de"}, "Not read: German"),
        ({"untagged_reason": "language"}, "Not read"),
        ({"untagged_reason": "no-content"}, "Not read"),
        ({"sentiment": "negative", "polarity": -0.5}, "− Negative"),
    ],
)
def test_inbox_and_page_say_why_a_comment_has_no_verdict(
    csm: Browser, session: Session, given: dict[str, object], chip: str
) -> None:
    response = make_response(session, comment="Es geht so", **given)
    for url in ("/inbox", f"/responses/{response.id}"):
        chips = re.findall(r'class="chip[^"]*">([^<]*)<', csm.get(url).text)
        assert chips[0] == chip


def test_an_answer_without_a_comment_has_no_chip(csm: Browser, session: Session) -> None:
    make_response(session, comment="")
    assert 'class="chip' not in csm.get("/inbox").text


def test_a_csm_sets_the_status_assigns_and_notes(app: Flask, session: Session) -> None:
    mia = make_user(session, name="Mia Berg")
    response, browser = make_response(session).id, browser_of(app, mia.id)
    page = f"/responses/{response}"
    for url, fields in (
        ("status", {"status": "waiting"}),
        ("assignee", {"assignee": str(mia.id)}),
        ("notes", {"text": f"Called. {ATTACK}"}),
    ):
        done = browser.send(f"{page}/{url}?back=band%3Dbad", form_on=page, **fields)
        assert (done.status_code, done.location) == (303, f"{page}?back=band%3Dbad")
    review = afresh(session).get_one(Review, response)
    assert (review.status, review.assignee_id) == ("waiting", mia.id)
    shown = browser.get(page).text
    assert "<b>Mia Berg</b> set the status to waiting" in shown
    assert "<b>Mia Berg</b> assigned it to Mia Berg" in shown
    assert f"Called. {ESCAPED}" in shown


@pytest.mark.parametrize(
    ("url", "fields"),
    [
        ("status", {"status": "done"}),
        ("status", {}),
        ("assignee", {"assignee": "9999"}),
        ("assignee", {"assignee": "1 OR 1=1"}),
        ("notes", {"text": "  "}),
    ],
)
def test_a_choice_that_was_not_offered_changes_nothing(
    csm: Browser, session: Session, url: str, fields: dict[str, str]
) -> None:
    response = make_response(session).id
    assert csm.send(f"/responses/{response}/{url}", **fields).status_code == 422
    assert afresh(session).get(Review, response) is None
    assert session.scalar(select(func.count()).select_from(Note)) == 0


@pytest.mark.parametrize("url", ["status", "assignee", "notes"])
def test_a_viewer_reads_and_cannot_change(app: Flask, session: Session, url: str) -> None:
    response = make_response(session).id
    viewer = signed_in(app, Role.VIEWER)
    assert f'action="/responses/{response}/{url}' not in viewer.get(f"/responses/{response}").text
    refused = viewer.send(f"/responses/{response}/{url}", status="open", assignee="", text="Hello")
    assert refused.status_code == 403
    assert "This needs the role csm; yours is viewer" in refused.text
    assert afresh(session).get(Review, response) is None


@pytest.mark.parametrize("url", ["status", "assignee", "notes"])
def test_work_on_a_response_needs_the_forms_token(csm: Browser, session: Session, url: str) -> None:
    response = make_response(session).id
    sent = csm.post(f"/responses/{response}/{url}", data={"status": "open", "assignee": "", "text": "Hello"})
    assert sent.status_code == 400
    assert "Your session has ended" in sent.text
    assert afresh(session).get(Review, response) is None


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_the_inbox(app: Flask, session: Session, role: Role) -> None:
    response = make_response(session, permalink="a" * 32).id
    browser = signed_in(app, role)
    assert browser.get("/inbox").status_code == 200
    assert browser.get(f"/responses/{response}").status_code == 200
    assert browser.get("/r/" + "a" * 32).location == f"/responses/{response}"


@pytest.mark.parametrize("url", ["/inbox", "/responses/1", "/r/" + "a" * 32, "/outbox"])
def test_strangers_are_sent_to_the_sign_in_page(app: Flask, session: Session, url: str) -> None:
    make_response(session, permalink="a" * 32)
    sent = new_browser(app).get(url)
    assert (sent.status_code, sent.location) == (302, f"/login?next={url}")


@pytest.mark.parametrize(
    "url", ["/responses/999", "/responses/9223372036854775808", "/responses/-1", "/r/nothing"]
)
def test_what_is_not_there_is_said_to_be_so(csm: Browser, url: str) -> None:
    assert csm.get(url).status_code == 404


def test_back_leads_to_the_inbox_whatever_the_address_says(csm: Browser, session: Session) -> None:
    response = make_response(session).id
    for back in ("//evil.example", "javascript:alert(1)", "a=b&band=bad&order=worst", "%00"):
        page = csm.get(f"/responses/{response}", query_string={"back": back}).text
        assert "evil" not in page
        assert "javascript" not in page
    kept = csm.get(f"/responses/{response}", query_string={"back": "band=good&order=worst"}).text
    assert 'href="/inbox?band=good&amp;order=worst"' in kept


def test_a_page_needs_no_second_connection_while_it_has_one(app: Flask, session: Session) -> None:
    """With two for each request, as many readers as the pool is large would wait for each other."""
    response = make_response(session)
    number, permalink = response.id, response.permalink
    csm = signed_in(app)
    session.close()
    engine = db.engine
    engine.dispose()
    engine.pool = QueuePool(engine.pool._creator, pool_size=1, max_overflow=0, timeout=0.5)
    for path in ("/", "/inbox", f"/responses/{number}", f"/r/{permalink}", "/settings/profile"):
        assert csm.get(path).status_code in (200, 302), path


def test_a_viewer_learns_no_masked_name_from_search_or_neighbours(app: Flask, session: Session) -> None:
    people = [make_person(session, name=name, email=f"{name}@harrow.example") for name in ("dana", "lena")]
    hers, other = (make_response(session, person_id=one.id, comment="Fine").id for one in people)
    asked = {"/inbox?q=dana": f"/responses/{hers}?", "/inbox?q=harrow.example": f"/responses/{other}?"}
    beside = f"/responses/{hers}?back=q%3Dharrow.example"
    viewer, csm = signed_in(app, Role.VIEWER), signed_in(app)
    for query, found in asked.items():
        assert (found in csm.get(query).text, found in viewer.get(query).text) == (True, False), query
    assert (
        f"/responses/{other}?" in csm.get(beside).text,
        f"/responses/{other}?" in viewer.get(beside).text,
    ) == (
        True,
        False,
    )
