"""Customer companies: made known, changed, listed."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.api.models import Scope
from feedback_app.staff.models import AuditEntry
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import NOON, make_account, make_user
from tests.pages import afresh

AT_NOON = int(NOON.timestamp())

pytestmark = pytest.mark.usefixtures("noon")


def test_an_account_is_made_known_with_all_that_is_said_of_it(program: Program, session: Session) -> None:
    make_user(session, email="dana@northlight.example")
    answer = program.post(
        "/accounts",
        name=" Harrow  Finch GmbH ",
        external_id="c-77",
        owner_email="Dana@northlight.example",
        monthly_revenue=1200.5,
        currency="eur",
        renews_on="2027-03-31",
        properties={"seats": 40},
    )
    assert answer.status_code == 201
    assert answer.json == {
        "id": "1",
        "name": "Harrow Finch GmbH",
        "external_id": "c-77",
        "owner_email": "dana@northlight.example",
        "monthly_revenue": "1200.50",
        "currency": "EUR",
        "renews_on": "2027-03-31",
        "properties": {"seats": "40"},
        "created_at": AT_NOON,
        "updated_at": AT_NOON,
    }
    assert program.get("/accounts/1").json == answer.json
    assert afresh(session).scalars(
        select(AuditEntry.action).where(AuditEntry.subject_kind == "account")
    ).all() == ["account.add"]


def test_the_same_company_again_is_brought_up_to_date(program: Program) -> None:
    program.post("/accounts", name="Acme", monthly_revenue="10")
    by_name = program.post("/accounts", name="ACME", external_id="a-1", currency="USD")
    assert (by_name.status_code, by_name.json["id"], by_name.json["name"]) == (200, "1", "Acme")
    by_id = program.post("/accounts", name="Acme Incorporated", external_id="a-1")
    assert (by_id.status_code, by_id.json["id"]) == (200, "1")
    assert (by_id.json["monthly_revenue"], by_id.json["currency"]) == ("10.00", "USD")


def test_what_is_given_is_changed_and_null_blanks(program: Program) -> None:
    program.post("/accounts", name="Acme", monthly_revenue="10", currency="USD", properties={"a": "1"})
    changed = program.put("/accounts/1", name="Acme Inc", monthly_revenue=None, properties={}).json
    told = {name: changed[name] for name in ("name", "monthly_revenue", "currency", "properties")}
    assert told == {"name": "Acme Inc", "monthly_revenue": None, "currency": "USD", "properties": {}}
    assert program.post("/accounts", name="acme inc").json["id"] == "1"


def test_a_name_or_id_that_another_company_has_is_refused(program: Program, session: Session) -> None:
    make_account(session, name="Acme", external_id="a-1")
    make_account(session, name="Birch")
    assert errors_of(program.put("/accounts/2", name="ACME")) == {"name": ["has already been taken"]}
    assert errors_of(program.put("/accounts/2", external_id="a-1")) == {
        "external_id": ["has already been taken"]
    }
    assert program.put("/accounts/1", name="ACME", external_id="a-1").json["name"] == "ACME"


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "name", "what"),
    [
        ({"name": " "}, "name", "can't be blank"),
        ({"name": None}, "name", "can't be blank"),
        ({"name": "x" * 201}, "name", "must be less than 201 characters"),
        ({"owner_email": "nobody@northlight.example"}, "owner_email", "is nobody of staff"),
        ({"owner_email": "nobody"}, "owner_email", "is invalid"),
        ({"monthly_revenue": "much"}, "monthly_revenue", "is not a number"),
        ({"monthly_revenue": "NaN"}, "monthly_revenue", "must be between 0 and 9999999999.99"),
        ({"monthly_revenue": -1}, "monthly_revenue", "must be between 0 and 9999999999.99"),
        ({"monthly_revenue": True}, "monthly_revenue", "is not a number"),
        ({"currency": "€"}, "currency", "is invalid"),
        ({"renews_on": "2027-02-30"}, "renews_on", "is invalid"),
        ({"renews_on": 1777626000}, "renews_on", "is invalid"),
        ({"properties": {"a": {}}}, "properties", "is invalid"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_kept(
    program: Program, session: Session, given: dict[str, Any], name: str, what: str
) -> None:
    assert errors_of(program.post("/accounts", **{"name": "Acme", **given})) == {name: [what]}
    assert afresh(session).scalars(select(Account)).all() == []


def test_the_list_goes_on_behind_its_cursor_and_finds_by_your_id(program: Program, session: Session) -> None:
    for name in ("Acme", "Birch", "Cedar"):
        make_account(session, name=name, external_id=name[0])
    first = program.get("/accounts", per_page=2)
    cursor = first.headers["Link"].partition("page_info=")[2].partition("&")[0]
    second = program.get("/accounts", per_page=2, page_info=cursor)
    assert [one["name"] for one in first.json + second.json] == ["Acme", "Birch", "Cedar"]
    assert "Link" not in second.headers
    assert [one["name"] for one in program.get("/accounts", external_id="B").json] == ["Birch"]


def test_an_account_that_is_not_there_is_404(program: Program) -> None:
    assert program.get("/accounts/1").status_code == 404
    assert program.put("/accounts/1", name="Acme").status_code == 404


def test_only_a_full_key_changes_and_one_that_sends_sees_nothing(
    app: Flask, session: Session, survey: Survey
) -> None:
    make_account(session)
    reads = program_of(app, session, survey, Scope.READ)
    assert (reads.get("/accounts").status_code, reads.get("/accounts/1").status_code) == (200, 200)
    sends = program_of(app, session, survey, Scope.INGEST)
    assert (sends.get("/accounts").status_code, sends.get("/accounts/1").status_code) == (403, 403)
    for key in (reads, sends):
        assert key.post("/accounts", name="Acme").status_code == 403
        assert key.put("/accounts/1", name="Acme").status_code == 403
