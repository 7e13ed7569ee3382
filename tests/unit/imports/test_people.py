"""People out of files into the database."""

import io
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import current_app
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.db import transaction
from feedback_app.imports import people
from feedback_app.imports.columns import plan_for
from feedback_app.imports.files import look_at
from feedback_app.imports.people import ERASED, PeopleFile, Reject, Repeats, Tally, sample_of, store
from feedback_app.imports.words import summary
from feedback_app.people.lists import all_lists
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.services import suppress
from tests.conftest import NOON
from tests.factories import make_person, make_user


def imported(session: Session, text: str, **chosen: Any) -> tuple[Tally, list[Reject]]:
    """Import the file; what became of its rows, and those that did not fit."""

    def opened() -> io.BytesIO:
        return io.BytesIO(text.encode())

    shape = look_at(opened)
    file = PeopleFile.scanned(session, opened, shape, plan_for(sample_of(opened, shape), **chosen))
    done, rejects = Tally(), []
    for batch in file.batches():
        with transaction(session):
            done += store(session, batch, file.plan, vault=vault(), now=NOON)
        rejects += batch.rejects
    assert done.rows == file.rows
    return done, rejects


def vault() -> Any:
    return current_app.extensions["feedback_vault"]


def addresses(session: Session) -> list[str | None]:
    return list(session.scalars(select(Person.email_key).order_by(Person.id)))


CUSTOMERS = """Email,Name,Plan,Company,Account ID,Owner,MRR,Renewal date,Company industry
Ana@x.example,Ana Lind,Pro,Northwind,n-1,lena@ours.example,"€1,200.50",2027-01-31,Retail
ben@x.example,Ben,,Northwind,n-1,lena@ours.example,"€1,200.50",2027-01-31,Retail
"""


def test_people_and_their_companies_are_stored(session: Session) -> None:
    owner = make_user(session, email="lena@ours.example")
    done, rejects = imported(session, CUSTOMERS)
    assert (done, rejects) == (Tally(rows=2, added=2), [])
    ana, ben = session.scalars(select(Person).order_by(Person.email_key))
    account = session.scalars(select(Account)).one()
    assert (ana.email, ana.name, ana.properties) == ("Ana@x.example", "Ana Lind", {"Plan": "Pro"})
    assert ana.account_id == ben.account_id == account.id
    assert (account.name, account.external_id, account.owner_id) == ("Northwind", "n-1", owner.id)
    assert (account.monthly_revenue, account.currency) == (Decimal("1200.50"), "EUR")
    assert (account.renews_on, account.properties) == (date(2027, 1, 31), {"industry": "Retail"})


def test_the_same_file_again_changes_nothing_and_says_so(session: Session) -> None:
    imported(session, CUSTOMERS)
    done, _ = imported(session, CUSTOMERS)
    assert done == Tally(rows=2, unchanged=2)
    assert summary(done) == "2 rows: everything was known already, nothing changed."


def test_what_the_file_leaves_empty_stays_as_it_was(session: Session) -> None:
    make_person(session, email="ana@x.example", name="Ana Lind", locale="sv", properties={"Plan": "Pro"})
    done, _ = imported(session, "email,name,locale,Plan\nana@x.example,,de,\n")
    person = session.scalars(select(Person)).one()
    assert done == Tally(rows=1, changed=1)
    assert (person.name, person.locale, person.properties) == ("Ana Lind", "de", {"Plan": "Pro"})


def test_of_rows_for_one_address_the_last_one_counts(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "BATCH_ROWS", 2)  # the rows meet in different batches
    text = "email,name\nana@x.example,First\nben@x.example,Ben\nANA@x.example,Second\n ana@x.example,Third\n"
    assert imported(session, text)[0] == Tally(rows=4, added=2, repeated=2)
    assert session.scalar(select(Person.name).where(Person.email_key == "ana@x.example")) == "Third"
    assert imported(session, text)[0] == Tally(rows=4, unchanged=2, repeated=2)


def test_two_spellings_of_one_address_are_one_person(session: Session) -> None:
    done, _ = imported(session, "email,name\na@bücher.example,First\na@xn--bcher-kva.example,Second\n")
    assert done == Tally(rows=2, added=1, repeated=1)
    assert session.scalars(select(Person.name)).all() == ["Second"]


def test_whoever_was_erased_stays_erased_and_is_not_in_the_rejects(session: Session, now: datetime) -> None:
    with transaction(session):
        suppress(session, vault().address_hash("ana@x.example"), SuppressionReason.ERASED, now=now)
    done, rejects = imported(session, "email,name\nAna@x.example,Ana\nben@x.example,Ben\n")
    assert done == Tally(rows=2, added=1, erased=1)
    assert rejects == [Reject(2, ERASED, [])]
    assert addresses(session) == ["ben@x.example"]


def test_whoever_unsubscribed_stays_so_whatever_the_file_says(session: Session, now: datetime) -> None:
    with transaction(session):
        suppress(session, vault().address_hash("ana@x.example"), SuppressionReason.UNSUBSCRIBED, now=now)
    done, _ = imported(session, "email,unsubscribed\nana@x.example,no\n")
    assert done == Tally(rows=1, added=1)
    assert session.scalar(select(func.count()).select_from(Suppression)) == 1


def test_a_file_can_say_who_gets_no_mail(session: Session) -> None:
    text = "email,unsubscribed at\nana@x.example,2026-05-01\nben@x.example,\n"
    for _ in range(2):
        done, _rejects = imported(session, text)
    assert done == Tally(rows=2, unchanged=2, unsubscribed=1)
    kept = session.scalars(select(Suppression)).one()
    assert (kept.address_hash, kept.reason) == (vault().address_hash("ana@x.example"), "unsubscribed")
    assert (kept.survey_id, session.get_one(Person, kept.person_id).email_key) == (None, "ana@x.example")


def test_everybody_can_be_put_on_a_list(session: Session) -> None:
    make_person(session, email="ben@x.example")
    for _ in range(2):
        imported(session, "email\nana@x.example\nben@x.example\nnobody\n", list_name="VIPs")
    assert [(line.name, line.people) for line in all_lists(session)] == [("VIPs", 2)]


def test_a_row_that_does_not_fit_is_named_and_the_rest_goes_in(session: Session) -> None:
    done, rejects = imported(
        session, "email,name\nana@x.example,Ana\nben@,Ben\ncy@x.example\ndi@x.example,Di\n"
    )
    assert done == Tally(rows=4, added=2, rejected=2)
    assert rejects == [
        Reject(3, "Column “email”: “ben@” is not an e-mail address.", ["ben@", "Ben"]),
        Reject(4, "It has 1 cells and the headings are 2.", ["cy@x.example"]),
    ]
    assert addresses(session) == ["ana@x.example", "di@x.example"]


def test_the_counts_are_told_without_those_that_are_nothing() -> None:
    done = Tally(rows=1200, added=1100, changed=1, repeated=2, erased=3, rejected=94, unsubscribed=5)
    assert summary(done) == (
        "1,200 rows: 1,100 added, 1 changed, 0 unchanged, 2 repeated further down, 3 erased for good and left out, "
        "94 rejected. 5 of them get no mail: the file says so."
    )


@given(names=st.lists(st.sampled_from("abcde"), max_size=20))
def test_the_last_row_of_each_address_is_known_as_such(names: list[str]) -> None:
    repeats = Repeats(iter(names))
    last = [place for place, name in enumerate(names) if repeats.is_last(name)]
    assert last == sorted({name: place for place, name in enumerate(names)}.values())


@settings(max_examples=15)
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(
                ["ana@x.example", "BEN@x.example", "ben@x.example", "nobody", "gone@x.example", ""]
            ),
            st.sampled_from(["Ana", "Ben", ""]),
        ).filter(any),
        min_size=1,
        max_size=8,
    )
)
def test_each_row_is_in_exactly_one_count(session: Session, rows: list[tuple[str, str]]) -> None:
    with transaction(session):
        suppress(session, vault().address_hash("gone@x.example"), SuppressionReason.ERASED, now=NOON)
    done, rejects = imported(session, "email,name\n" + "".join(f"{email},{name}\n" for email, name in rows))
    assert done.added + done.changed + done.unchanged + done.repeated + done.erased + done.rejected == len(
        rows
    )
    assert len(rejects) == done.rejected + done.erased
