"""/t/<slug>: a survey for anyone who has its link."""

from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.responses.models import Response, ResponseState
from tests.factories import NOON, make_survey


def form_of(html: str) -> dict[str, str]:
    shown = BeautifulSoup(html, "html5lib")
    return {field["name"]: field["value"] for field in shown.select("input[type=hidden]")}


def answers(session: Session) -> list[Response]:
    session.rollback()
    return list(session.scalars(select(Response).order_by(Response.id)))


@pytest.fixture
def path(session: Session, clock: Any) -> str:
    return f"/t/{make_survey(session, slug='northlight').slug}"


def test_each_opening_is_a_new_form_and_stores_nothing(
    client: FlaskClient, session: Session, path: str
) -> None:
    nonces = {form_of(client.get(path).text)["nonce"] for _ in range(5)}
    assert len(nonces) == 5
    assert answers(session) == []


def test_a_form_sent_twice_is_one_answer(client: FlaskClient, session: Session, path: str) -> None:
    fields = form_of(client.get(path).text) | {"rating": "9", "comment": "Nice"}
    for _ in range(2):
        sent = client.post(path, data=fields)
        assert sent.status_code == 303
    thanks = client.get(sent.headers["Location"])
    assert (thanks.status_code, "glad" in thanks.text) == (200, True)
    assert [(one.rating, one.comment, one.state, one.channel) for one in answers(session)] == [
        (9, "Nice", ResponseState.CONFIRMED, "link")
    ]


def test_who_opens_the_link_again_answers_anew(client: FlaskClient, session: Session, path: str) -> None:
    for rating in ("9", "3"):
        client.post(path, data=form_of(client.get(path).text) | {"rating": rating})
    assert [one.rating for one in answers(session)] == [9, 3]


def test_what_the_link_says_is_kept_as_a_claim(client: FlaskClient, session: Session, path: str) -> None:
    query = "?email=Someone%40customer.example&name=Ada&plan=pro&empty=&rating=4&lang=de&n%00l=a%0d%0ab"
    page = client.get(path + query)
    assert 'lang="de"' in page.text
    client.post(path + query, data=form_of(page.text) | {"rating": "5"})
    answer = answers(session)[0]
    assert (answer.rating, answer.person_id, answer.locale) == (5, None, "de")
    assert answer.claimed_email == "Someone@customer.example"
    assert answer.properties == {"name": "Ada", "plan": "pro", "nl": "ab"}


def test_a_link_cannot_fill_the_table(client: FlaskClient, session: Session, path: str) -> None:
    query = "?email=" + "e" * 900 + "&" + "&".join(f"{'k' * 90}{n:02}={'v' * 900}" for n in range(30))
    client.post(path + query, data=form_of(client.get(path).text) | {"rating": "5"})
    answer = answers(session)[0]
    assert len(answer.claimed_email or "") == 254
    assert {len(name) for name in answer.properties} == {60}
    assert {len(text) for text in answer.properties.values()} == {500}
    assert len(answer.properties) <= 20


def test_a_tap_is_saved_before_the_button(client: FlaskClient, session: Session, path: str) -> None:
    fields = form_of(client.get(path).text)
    for human, state in ((False, ResponseState.UNCONFIRMED), (True, ResponseState.CONFIRMED)):
        intent = {"rating": 7, "human": human, "nonce": fields["nonce"], "language": "es"}
        assert client.post(f"{path}/intent?plan=pro", json=intent).json == {"saved": True}
        assert [(one.rating, one.state, one.properties) for one in answers(session)] == [
            (7, state, {"plan": "pro"})
        ]
    client.post(path, data=fields | {"rating": "7", "comment": "And a word"})
    assert [one.comment for one in answers(session)] == ["And a word"]


@pytest.mark.parametrize("nonce", ["", "1", "x" * 300, "../" * 7 + "x", "ä" * 22])
def test_a_nonce_that_we_did_not_make_is_refused(
    client: FlaskClient, session: Session, path: str, nonce: str
) -> None:
    assert client.post(path, data={"rating": "9", "nonce": nonce}).status_code == 422
    assert client.post(f"{path}/intent", json={"rating": 9, "human": True, "nonce": nonce}).status_code == 422
    assert answers(session) == []


def test_mistakes_come_back_in_the_same_form(client: FlaskClient, session: Session, path: str) -> None:
    fields = form_of(client.get(path).text)
    page = client.post(path, data=fields | {"comment": "No number"})
    assert page.status_code == 422
    assert form_of(page.text)["nonce"] == fields["nonce"]
    assert "No number" in page.text


def test_paused_takes_answers_closed_and_unknown_say_so(
    client: FlaskClient, session: Session, clock: Any
) -> None:
    paused = make_survey(session, state="paused")
    closed = make_survey(session, state="closed", closed_at=NOON)
    assert client.get(f"/t/{paused.slug}").status_code == 200
    for answer in (client.get(f"/t/{closed.slug}"), client.post(f"/t/{closed.slug}", data={"rating": "9"})):
        assert (answer.status_code, "November 20, 2026" in answer.text) == (410, True)
    assert client.get("/t/nothing-here").status_code == 404
    assert answers(session) == []


def test_thanks_take_nothing_from_the_address_but_the_tone(client: FlaskClient, path: str) -> None:
    page = client.get(f"{path}/thanks?tone=<script>&url=https://evil.example")
    assert (page.status_code, "evil" in page.text, "<script" in page.text) == (200, False, False)
