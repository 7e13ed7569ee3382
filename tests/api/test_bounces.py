"""GET of bounces."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from tests.api.conftest import Program, errors_of
from tests.factories import NOON, make_person

AT_NOON = int(NOON.timestamp())


def bounced(app: Flask, session: Session, address: str, at: datetime, person_id: int | None = None) -> None:
    vault = app.extensions["feedback_vault"]
    suppress(
        session,
        vault.address_hash(address),
        SuppressionReason.BOUNCED,
        person_id=person_id,
        detail="550",
        now=at,
    )
    session.commit()


@pytest.fixture
def three(app: Flask, program: Program, session: Session) -> None:
    """Three people of the survey whose mail came back, a minute after each other, the last one first."""
    for number, name in enumerate("cba"):
        program.post("/people", email=f"{name}@b.example", name=name, send=False)
        bounced(app, session, f"{name}@b.example", NOON + timedelta(minutes=2 - number), number + 1)


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, "abc"),
        ({"per_page": 1}, "a"),
        ({"per_page": 1, "page": 3}, "c"),
        ({"per_page": 1, "page": 4}, ""),
        ({"since": AT_NOON + 60}, "bc"),
        ({"until": AT_NOON + 60}, "ab"),
        ({"since": AT_NOON + 121}, ""),
    ],
)
def test_they_are_listed_oldest_first_with_both_bounds_included(
    program: Program, query: dict[str, int], names: str
) -> None:
    assert "".join(one["name"] for one in program.get("/bounces", **query).json) == names


@pytest.mark.usefixtures("three")
def test_one_of_them_says_who_and_when(program: Program) -> None:
    first = program.get("/bounces.json", per_page="1")
    assert first.json == [{"person_id": "3", "email": "a@b.example", "name": "a", "bounced_at": AT_NOON}]
    assert first.headers["Link"].startswith("<http://localhost/v1/bounces.json?page_info=")


def test_people_of_others_and_addresses_of_nobody_are_not_listed(
    app: Flask, program: Program, session: Session
) -> None:
    other = make_person(session, email="other@b.example")
    bounced(app, session, "other@b.example", NOON, other.id)
    bounced(app, session, "nobody@b.example", NOON)
    assert program.get("/bounces").json == []


def test_a_bounce_from_before_we_knew_the_person_is_told(
    app: Flask, program: Program, session: Session
) -> None:
    bounced(app, session, "jo@b.example", NOON)
    program.post("/people", email="Jo@b.example", send=False)
    assert [one["email"] for one in program.get("/bounces").json] == ["Jo@b.example"]


@pytest.mark.parametrize("query", [{"page": -1}, {"per_page": "many"}, {"until": ""}, {"since": 1.5}])
def test_a_query_that_cannot_be_understood_is_refused(program: Program, query: dict[str, Any]) -> None:
    answer = program.get("/bounces", **query)
    if query == {"until": ""}:  # what is empty was not given
        assert answer.json == []
    else:
        assert set(errors_of(answer)) == set(query)
