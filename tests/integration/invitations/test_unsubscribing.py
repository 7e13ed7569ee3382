"""Unsubscribing by the link in a mail: asked by GET, done by POST, once and for ever."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation
from feedback_app.people.models import Person, Suppression
from tests.factories import NOON, make_invitation, make_person, make_survey

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def person(session: Session) -> Person:
    return make_person(session, email="Ada@customer.example", locale="de")


@pytest.fixture
def mailed(session: Session, person: Person) -> Invitation:
    return make_invitation(session, person_id=person.id)


@pytest.fixture
def path(app: Flask, mailed: Invitation) -> Iterator[str]:
    with time_machine.travel(NOON, tick=False):
        yield f"/u/{app.extensions['feedback_links'].unsubscribe_token(mailed.id)}"


def suppressed(session: Session) -> list[tuple[str, str, int | None]]:
    session.rollback()
    rows = session.scalars(select(Suppression).order_by(Suppression.id))
    return [(row.address_hash, row.reason, row.survey_id) for row in rows]


def test_opening_the_link_asks_in_the_persons_language_and_does_nothing(
    client: FlaskClient, session: Session, path: str
) -> None:
    page = client.get(path)
    shown = BeautifulSoup(page.text, "html5lib")
    assert (page.status_code, shown.html["lang"], shown.h1.text) == (200, "de", "Diese E-Mails abbestellen?")
    assert [(button["name"], button["value"]) for button in shown.select("form[method=post] button")] == [
        ("scope", "all"),
        ("scope", "survey"),
    ]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert suppressed(session) == []


@pytest.mark.parametrize(
    ("sent", "is_for_all"),
    [
        ({"scope": "survey"}, False),
        ({"scope": "all"}, True),
        (ONE_CLICK, True),
        ({}, True),
        ({"scope": "x"}, True),
    ],
)
def test_a_post_stops_this_survey_or_all_and_the_mail_programs_button_all(
    app: Flask,
    client: FlaskClient,
    session: Session,
    mailed: Invitation,
    path: str,
    sent: dict[str, str],
    is_for_all: bool,
) -> None:
    assert client.post(path, data=sent).status_code == 200
    hashed = app.extensions["feedback_vault"].address_hash("ada@customer.example")
    survey_id = mailed.survey_id
    assert suppressed(session) == [(hashed, "unsubscribed", None if is_for_all else survey_id)]


def test_doing_it_again_is_fine_and_changes_nothing(client: FlaskClient, session: Session, path: str) -> None:
    for scope in ("survey", "all"):
        for _ in range(3):
            assert client.post(path, data={"scope": scope}).status_code == 200
    assert len(suppressed(session)) == 2


def test_the_link_works_for_ever(client: FlaskClient, session: Session, path: str) -> None:
    with time_machine.travel(NOON + timedelta(days=4_000), tick=False):
        assert client.post(path, data=ONE_CLICK).status_code == 200
    assert len(suppressed(session)) == 1


@pytest.mark.parametrize(
    ("scope", "states"),
    [
        ("survey", ["cancelled", "scheduled", "scheduled", "sent"]),
        ("all", ["cancelled", "cancelled", "scheduled", "sent"]),
    ],
)
def test_what_is_scheduled_is_cancelled_with_its_reason(
    client: FlaskClient,
    session: Session,
    person: Person,
    mailed: Invitation,
    path: str,
    scope: str,
    states: list[str],
) -> None:
    survey_id, person_id = mailed.survey_id, person.id
    other = make_survey(session).id
    waiting = [
        make_invitation(session, survey_id=survey_id, person_id=person_id, sent_at=None).id,
        make_invitation(session, survey_id=other, person_id=person_id, sent_at=None).id,
        make_invitation(session, survey_id=survey_id, sent_at=None).id,
        mailed.id,
    ]
    client.post(path, data={"scope": scope})
    session.rollback()
    found = [session.get_one(Invitation, row) for row in waiting]
    assert [invitation.state for invitation in found] == states
    assert (found[0].reason, found[0].changed_at) == ("unsubscribed by the link in a mail", NOON)


def test_a_closed_survey_can_be_unsubscribed_from(app: Flask, client: FlaskClient, session: Session) -> None:
    closed = make_invitation(session, survey_id=make_survey(session, state="closed").id)
    token = app.extensions["feedback_links"].unsubscribe_token(closed.id)
    assert client.post(f"/u/{token}", data=ONE_CLICK).status_code == 200
    assert len(suppressed(session)) == 1


def test_someone_without_an_address_gets_the_same_answer(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    nobody = make_person(session, email=None)
    invitation = make_invitation(session, person_id=nobody.id)
    token = app.extensions["feedback_links"].unsubscribe_token(invitation.id)
    assert client.post(f"/u/{token}", data=ONE_CLICK).status_code == 200
    assert suppressed(session) == []
