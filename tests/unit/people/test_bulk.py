"""Many people at once: what is given replaces, nothing is blanked, and doing it twice is doing it once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.people.bulk import Counts, PersonRow, upsert_people
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.queries import erased_among
from feedback_app.people.services import suppress
from tests.factories import LONG_AGO, NOON, make_account, make_person

LATER = NOON + timedelta(days=1)


def row(email: str, **given: Any) -> PersonRow:
    return PersonRow(email, email.lower(), **given)


def upserted(session: Session, *rows: PersonRow, at: Any = NOON) -> Counts:
    with transaction(session):
        return upsert_people(session, rows, now=at)


def everybody(session: Session) -> list[Person]:
    session.expire_all()
    return list(session.scalars(select(Person).order_by(Person.id)))


def test_new_people_are_made_with_all_that_is_given(session: Session) -> None:
    account = make_account(session)
    full = row(
        "Ada@one.example",
        name="Ada Lind",
        external_id="u-1",
        locale="de-AT",
        time_zone="Europe/Vienna",
        account_id=account.id,
        properties={"plan": "gold", "seats": 12, "empty": "", "none": None},
    )
    assert upserted(session, full, row("bo@one.example")) == Counts(2, 0, 0)
    ada, bo = everybody(session)
    assert (ada.email, ada.email_key, ada.name) == ("Ada@one.example", "ada@one.example", "Ada Lind")
    assert (ada.external_id, ada.locale, ada.time_zone) == ("u-1", "de-AT", "Europe/Vienna")
    assert (ada.account_id, ada.properties) == (account.id, {"plan": "gold", "seats": 12})
    assert (ada.created_at, ada.updated_at) == (NOON, NOON)
    assert (bo.name, bo.locale, bo.account_id, bo.properties) == ("", None, None, {})


def test_what_is_given_replaces_and_nothing_is_blanked(session: Session) -> None:
    make_person(
        session,
        email="Ada@one.example",
        name="Ada",
        locale="de",
        external_id="u-1",
        properties={"plan": "gold", "city": "Ulm"},
    )
    given = row("ada@ONE.example", name="Ada Lind", locale="", properties={"plan": "silver", "city": ""})
    assert upserted(session, given) == Counts(0, 1, 0)
    [ada] = everybody(session)
    assert (ada.email, ada.name, ada.locale, ada.external_id) == ("Ada@one.example", "Ada Lind", "de", "u-1")
    assert ada.properties == {"plan": "silver", "city": "Ulm"}
    assert (ada.created_at, ada.updated_at) == (LONG_AGO, NOON)


def test_rows_that_change_nothing_are_not_written(session: Session) -> None:
    rows = [row("ada@one.example", name="Ada", properties={"plan": "gold"}), row("bo@one.example")]
    assert upserted(session, *rows) == Counts(2, 0, 0)
    assert upserted(session, *rows, at=LATER) == Counts(0, 0, 2)
    changed = row("bo@one.example", name="Bo")
    assert upserted(session, rows[0], changed, at=LATER) == Counts(0, 1, 1)
    assert [person.updated_at for person in everybody(session)] == [NOON, LATER]


def test_somebody_who_is_in_a_batch_twice_is_one_person(session: Session) -> None:
    counts = upserted(
        session,
        row("ada@one.example", name="Ada", locale="de", properties={"plan": "gold", "city": "Ulm"}),
        row("ADA@one.example", name="Ada Lind", properties={"plan": "silver"}),
    )
    assert counts == Counts(1, 0, 0)
    [ada] = everybody(session)
    assert (ada.name, ada.locale, ada.properties) == ("Ada Lind", "de", {"plan": "silver", "city": "Ulm"})


def test_an_empty_batch_is_nothing(session: Session) -> None:
    assert upserted(session) == Counts(0, 0, 0)


def test_a_file_can_ask_who_must_stay_forgotten(session: Session) -> None:
    with transaction(session):
        suppress(session, "a" * 64, SuppressionReason.ERASED, now=NOON)
        suppress(session, "b" * 64, SuppressionReason.BOUNCED, now=NOON)
    assert erased_among(session, ["a" * 64, "b" * 64, "c" * 64]) == {"a" * 64}
    assert erased_among(session, []) == set()
