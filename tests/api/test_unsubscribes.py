"""POST and GET of unsubscribes."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.happenings import Happening, Kind, Listener, forget_who_listens
from feedback_app.invitations.jobs import sender
from feedback_app.invitations.models import Invitation
from feedback_app.mail.memory import MemoryTransport
from feedback_app.people.models import Suppression, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import Survey
from feedback_app.webhooks.models import Endpoint
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import LONG_AGO, NOON, keep, make_survey
from tests.pages import afresh

AT_NOON = int(NOON.timestamp())
pytestmark = pytest.mark.usefixtures("noon")


def unsubscribed(program: Program, *names: str) -> None:
    for name in names:
        program.post("/people", email=f"{name}@b.example", name=name.title(), send=False)
        program.post("/unsubscribes", person_email=f"{name}@b.example")


def test_who_unsubscribed_is_listed_and_gets_no_more_mail(program: Program, post: MemoryTransport) -> None:
    program.post("/people", email="leslie@b.example", name="Leslie Wong")
    answer = program.post("/unsubscribes", person_email="LESLIE@b.example")
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    sender().send_due()
    assert post.sent == []
    assert program.get("/unsubscribes.json").json == [
        {"person_id": "1", "email": "leslie@b.example", "name": "Leslie Wong", "unsubscribed_at": AT_NOON}
    ]
    assert len(program.get("/people").json) == 1


def test_it_is_this_survey_alone_that_stops(
    app: Flask, program: Program, session: Session, post: MemoryTransport
) -> None:
    other = program_of(app, session, make_survey(session))
    for asking in (program, other):
        asking.post("/people", email="leslie@b.example")
    program.post("/unsubscribes", person_email="leslie@b.example")
    sender().send_due()
    assert len(post.sent) == 1
    states = {one.survey_id: one.state for one in afresh(session).scalars(select(Invitation))}
    assert list(states.values()) == ["cancelled", "sent"]
    assert other.get("/unsubscribes").json == []


def test_again_is_as_once_and_the_first_time_stays(program: Program, session: Session, noon: Any) -> None:
    unsubscribed(program, "leslie")
    noon.move_to(NOON + timedelta(days=1), tick=False)
    answer = program.post("/unsubscribes", person_email="leslie@b.example")
    assert (answer.status_code, answer.json) == (200, {"ok": True})
    assert [one["unsubscribed_at"] for one in program.get("/unsubscribes").json] == [AT_NOON]
    assert afresh(session).query(Suppression).count() == 1


def test_an_address_that_is_nobodys_is_remembered_and_told_once_it_is_somebodys(
    program: Program, post: MemoryTransport
) -> None:
    assert program.post("/unsubscribes", person_email="new@b.example").json == {"ok": True}
    assert program.get("/unsubscribes").json == []
    program.post("/people", email="New@b.example")
    sender().send_due()
    assert post.sent == []
    assert [one["email"] for one in program.get("/unsubscribes").json] == ["New@b.example"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({}, "can't be blank"),
        ({"person_email": ""}, "can't be blank"),
        ({"person_email": "jo@"}, "is invalid"),
    ],
)
def test_without_an_address_nobody_is_unsubscribed(program: Program, body: dict[str, str], said: str) -> None:
    assert errors_of(program.call("POST", "/unsubscribes", body)) == {"person_email": [said]}


def test_a_form_unsubscribes_too(program: Program, session: Session) -> None:
    answer = program.call("POST", "/unsubscribes", data={"person_email": "jo@b.example"})
    assert (answer.status_code, afresh(session).query(Suppression).count()) == (200, 1)


def test_those_who_left_every_survey_are_listed_with_their_first_time(
    app: Flask, program: Program, session: Session
) -> None:
    unsubscribed(program, "leslie")
    vault = app.extensions["feedback_vault"]
    for reason in (SuppressionReason.UNSUBSCRIBED, SuppressionReason.BOUNCED):
        suppress(session, vault.address_hash("leslie@b.example"), reason, person_id=1, now=LONG_AGO)
    session.commit()
    [one] = program.get("/unsubscribes").json
    assert one["unsubscribed_at"] == int(LONG_AGO.timestamp())


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "abcde"),
        ({"per_page": 2}, "ab"),
        ({"per_page": 2, "page": 3}, "e"),
        ({"per_page": 2, "page": 4}, ""),
        ({"per_page": 500}, "abcde"),
        ({"since": AT_NOON + 120}, "cde"),
        ({"until": AT_NOON + 120}, "abc"),
        ({"until": 253_402_300_799}, "abcde"),
        ({"since": AT_NOON + 60, "until": AT_NOON + 60}, "b"),
    ],
)
def test_pages_are_numbered_and_bounds_are_included(
    program: Program, noon: Any, query: dict[str, int], names: str
) -> None:
    for number, name in enumerate("abcde"):
        noon.move_to(NOON + timedelta(minutes=number, milliseconds=900), tick=False)
        unsubscribed(program, name)
    answer = program.get("/unsubscribes", **query)
    assert "".join(one["email"][0] for one in answer.json) == names


def test_the_cursor_loses_nobody_when_earlier_people_go(program: Program) -> None:
    unsubscribed(program, "a", "b", "c", "d", "e")  # all in the same second
    first = program.get("/unsubscribes", per_page=2)
    program.delete("/people/1")
    program.delete("/people/2")
    names = [one["email"][0] for one in first.json]
    link: str | None = first.headers["Link"]
    while link:
        page = program.call("GET", link[1:].partition(">")[0].removeprefix("http://localhost/v1"))
        names += [one["email"][0] for one in page.json]
        link = page.headers.get("Link")
    assert names == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"page": 0}, {"page"}),
        ({"per_page": 0, "page": "x"}, {"per_page", "page"}),
        ({"since": "x"}, {"since"}),
        ({"page_info": "WzEsMl0x"}, {"page_info"}),
        ({"page_info": "WzQ2MTE2ODYwMTg0MjczODc5MDQsMV0"}, {"page_info"}),
    ],
)
def test_a_query_that_cannot_be_understood_is_refused(
    program: Program, query: dict[str, Any], names: set[str]
) -> None:
    assert set(errors_of(program.get("/unsubscribes", **query))) == names


def test_others_hear_of_it_once(program: Program, session: Session, survey: Survey) -> None:
    values = {"name": "CRM", "sealed_url": "", "host": "crm.example", "sealed_secret": "", "created_at": NOON}
    endpoint = keep(session, Endpoint(**values))
    keep(session, Listener(endpoint_id=endpoint.id, kind=Kind.UNSUBSCRIBED))
    forget_who_listens()
    for _ in range(2):
        unsubscribed(program, "leslie")
    forget_who_listens()
    [happening] = afresh(session).scalars(select(Happening))
    assert (happening.kind, happening.survey_id, happening.person_id) == ("unsubscribe.created", survey.id, 1)
