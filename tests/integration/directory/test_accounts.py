"""/accounts and /accounts/<id> as staff see them."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.clock import now
from feedback_app.db import transaction
from feedback_app.staff.models import AuditEntry
from tests.factories import NOON, make_account, make_person, make_response, make_survey, make_user
from tests.pages import Browser, afresh


def names_on(page: str) -> list[str]:
    return re.findall(r'data-label="Account" class="who"><a href="/accounts/\d+">([^<]+)</a>', page)


def test_an_empty_list_says_how_accounts_come(csm: Browser) -> None:
    assert "No accounts yet" in csm.get("/accounts").text


def test_a_line_says_whose_it_is_what_it_pays_and_what_its_people_said(
    csm: Browser, session: Session
) -> None:
    marta = make_user(session, name="Marta Lindqvist")
    account = make_account(
        session,
        name="Harrow & Finch",
        owner_id=marta.id,
        monthly_revenue=Decimal("12480.40"),
        currency="EUR",
        renews_on=date(2027, 3, 1),
    )
    survey = make_survey(session)
    people = [make_person(session, account_id=account.id) for _ in range(2)]
    for days, (rating, state) in enumerate(
        [(9, "confirmed"), (0, "suspect"), (3, "confirmed"), (7, "confirmed"), (10, "confirmed")]
    ):
        make_response(
            session,
            survey_id=survey.id,
            person_id=people[days % 2].id,
            rating=rating,
            state=state,
            created_at=NOON - timedelta(days=days),
        )
    page = csm.get("/accounts").text
    for words in (
        "Harrow &amp; Finch",
        "Marta Lindqvist",
        "12,480 EUR",
        "1 Mar 2027",
        f'account={account.id}">2</a>',
    ):
        assert words in page
    assert re.findall(r'title="(\w+)">([^<]+)<', page) == [
        ("Promoter", "9 ▲"),
        ("Detractor", "3 ▼"),
        ("Passive", "7"),
    ]


def test_accounts_are_listed_by_name_or_by_their_next_renewal(csm: Browser, session: Session) -> None:
    today = now().date()
    for name, days in (("Cod", 5), ("alder", 90), ("Birch", None), ("Elm", -3), ("Dill", 5)):
        renews_on = None if days is None else today + timedelta(days=days)
        make_account(session, name=name, renews_on=renews_on)
    assert names_on(csm.get("/accounts").text) == ["alder", "Birch", "Cod", "Dill", "Elm"]
    assert names_on(csm.get("/accounts?order=renewal").text) == ["Cod", "Dill", "alder"]


def test_accounts_are_searched_and_narrowed_to_an_owner(csm: Browser, session: Session) -> None:
    marta = make_user(session, name="Marta")
    make_account(session, name="Harrow", owner_id=marta.id)
    make_account(session, name="Finch 5%")
    assert names_on(csm.get("/accounts?q=ARR").text) == ["Harrow"]
    assert names_on(csm.get("/accounts?q=5%25").text) == ["Finch 5%"]
    assert names_on(csm.get(f"/accounts?owner={marta.id}").text) == ["Harrow"]
    nothing = csm.get("/accounts?q=zzz").text
    assert "Nothing matches" in nothing
    assert "Not understood and left out: Owner." in csm.get("/accounts?owner=77").text


def test_pages_follow_each_other(csm: Browser, session: Session) -> None:
    with transaction(session):
        for number in range(45):
            name = f"company {number:02}"
            session.add(Account(name=name, name_key=name, created_at=NOON, updated_at=NOON))
    first = csm.get("/accounts").text
    further = re.search(r'rel="next" href="([^"]+)"', first)
    assert further is not None
    second = csm.get(further.group(1)).text
    assert names_on(first) + names_on(second) == [f"company {number:02}" for number in range(45)]


def test_an_accounts_page_shows_its_people_and_what_they_said(csm: Browser, session: Session) -> None:
    account = make_account(session, name="Harrow", properties={"plan": "gold"})
    for number in range(13):
        person = make_person(session, account_id=account.id, name=f"Person {number:02}")
    make_response(session, person_id=person.id, comment="Fine", rating=9)
    page = csm.get(f"/accounts/{account.id}").text
    for words in ("People (13)", "Person 11", "All 13 people", "Fine", "<dt>plan</dt><dd>gold</dd>"):
        assert words in page
    assert ">Person 12</a>" not in page
    assert csm.get("/accounts/77").status_code == 404


def test_a_lead_edits_an_account_and_what_is_left_out_is_blank(lead: Browser, session: Session) -> None:
    marta = make_user(session, name="Marta")
    account = make_account(session, name="Harrow", currency="EUR", properties={"plan": "gold"})
    path = f"/accounts/{account.id}/edit"
    form = {"owner": str(marta.id), "monthly_revenue": "1250.5", "currency": "chf", "renews_on": "2027-03-01"}
    saved = lead.send(path, form_on=path, **form, properties="")
    assert saved.location == f"/accounts/{account.id}"
    afresh(session).refresh(account)
    assert (account.owner_id, account.monthly_revenue, account.currency) == (
        marta.id,
        Decimal("1250.5"),
        "CHF",
    )
    assert (account.renews_on, account.properties) == (date(2027, 3, 1), {})
    lead.send(path, form_on=path, **form, properties="")  # changes nothing, so nobody is named for it
    entry = afresh(session).scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_id) == ("account.edit", account.id)
    assert entry.detail == {"changed": ["currency", "monthly_revenue", "owner_id", "properties", "renews_on"]}


def test_an_owner_who_has_left_stays_until_somebody_else_is_chosen(
    app: Flask, lead: Browser, session: Session
) -> None:
    gone = make_user(session, name="Gone Girl", active=False)
    account = make_account(session, owner_id=gone.id)
    path = f"/accounts/{account.id}/edit"
    assert "Gone Girl" in lead.get(path).text
    assert lead.send(path, form_on=path, owner=str(gone.id), currency="EUR").status_code == 303
    afresh(session).refresh(account)
    assert (account.owner_id, account.currency) == (gone.id, "EUR")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("currency", "EURO", "Write three letters, for example EUR."),
        ("monthly_revenue", "-1", "Enter an amount from 0 up."),
        ("monthly_revenue", "NaN", "Enter an amount from 0 up."),
        ("monthly_revenue", "lots", "Not a valid decimal value."),
        ("renews_on", "soon", "Not a valid date value."),
        ("owner", "77", "Not a valid choice"),
        ("properties", "x", "Line 1 has no colon."),
    ],
)
def test_what_an_account_cannot_have_is_refused(
    lead: Browser, session: Session, field: str, value: str, told: str
) -> None:
    account = make_account(session)
    path = f"/accounts/{account.id}/edit"
    refused = lead.send(path, form_on=path, **{field: value})
    assert refused.status_code == 422
    assert told in refused.text
