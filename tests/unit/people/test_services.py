"""One person for each normalised address; what is given replaces what was known, nothing is blanked."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import db, transaction
from feedback_app.errors import Invalid
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.people.queries import suppressions
from feedback_app.people.services import address_key_problem, ensure_person, suppress
from tests.factories import make_account, make_survey


def ensured(session: Session, email: str, now: datetime, **more: Any) -> int:
    with transaction(session):
        return ensure_person(session, email, now=now, **more)


def test_a_new_address_makes_a_person_with_everything_given(session: Session, now: datetime) -> None:
    account = make_account(session)
    given = {"name": "Dana", "locale": "de-AT", "time_zone": "Europe/Vienna", "external_id": "cus_1"}
    person = session.get_one(
        Person, ensured(session, " Dana@Harrow.example ", now, account_id=account.id, **given)
    )
    assert {name: getattr(person, name) for name in given} == given
    assert (person.email, person.email_key, person.account_id) == (
        "Dana@Harrow.example",
        "dana@harrow.example",
        account.id,
    )


@pytest.mark.parametrize("same", ["dana@harrow.example", " DANA@HARROW.EXAMPLE", "Dana@harrow.Example"])
def test_letter_case_and_blanks_make_no_second_person(same: str, session: Session, now: datetime) -> None:
    assert ensured(session, "dana@harrow.example", now) == ensured(session, same, now)


def test_an_international_domain_is_the_same_in_both_its_forms(session: Session, now: datetime) -> None:
    assert ensured(session, "dana@bücher.example", now) == ensured(session, "dana@xn--bcher-kva.example", now)


def test_what_is_given_anew_replaces_and_what_is_missing_stays(session: Session, now: datetime) -> None:
    ensured(session, "dana@harrow.example", now, name="Dana", locale="de", external_id="cus_1")
    later = now + timedelta(days=1)
    again = ensured(session, "dana@harrow.example", later, name="Dana Whitfield", locale="", external_id=" ")
    person = session.get_one(Person, again)
    assert (person.name, person.locale, person.external_id) == ("Dana Whitfield", "de", "cus_1")
    assert (person.created_at, person.updated_at) == (now, later)


def test_what_is_no_address_makes_nobody(session: Session, now: datetime) -> None:
    for address in (
        "",
        "dana",
        "dana@",
        "@harrow.example",
        "a@b@c.example",
        "dana@harrow.example\nBcc: x@y.example",
    ):
        with pytest.raises(Invalid):
            ensured(session, address, now)
    assert session.scalar(select(Person)) is None


def test_many_at_once_make_one_person(app: Flask, session: Session, now: datetime) -> None:
    def ensure(number: int) -> int:
        with app.app_context():
            address = "Dana@Harrow.example" if number % 2 else "dana@harrow.example"
            return ensured(db.session(), address, now)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ensure, range(24)))) == 1


def test_a_suppression_is_kept_once_and_for_the_right_surveys(session: Session, now: datetime) -> None:
    ces, nps = make_survey(session).id, make_survey(session).id
    with transaction(session):
        for _ in range(2):
            suppress(session, "a" * 64, SuppressionReason.UNSUBSCRIBED, survey_id=ces, now=now)
            suppress(session, "b" * 64, SuppressionReason.BOUNCED, now=now)
    assert len(list(session.scalars(select(Suppression)))) == 2
    known = suppressions(session, ["a" * 64, "b" * 64])
    assert [known.reason("a" * 64, survey) for survey in (ces, nps)] == [SuppressionReason.UNSUBSCRIBED, None]
    assert [known.reason("b" * 64, survey) for survey in (ces, nps)] == [SuppressionReason.BOUNCED] * 2
    assert suppressions(session, ()).reason("a" * 64, ces) is None


def test_of_several_reasons_the_weightiest_is_told(session: Session, now: datetime) -> None:
    survey_id = make_survey(session).id
    with transaction(session):
        for reason in (SuppressionReason.BOUNCED, SuppressionReason.ERASED, SuppressionReason.UNSUBSCRIBED):
            suppress(session, "a" * 64, reason, now=now)
    known = suppressions(session, ["a" * 64])
    assert known.reason("a" * 64, survey_id) is SuppressionReason.ERASED
    assert known.is_erased("a" * 64)


def test_a_suppression_list_that_its_key_would_not_find_is_noticed(session: Session, now: datetime) -> None:
    old, new = Vault(["o" * 40]), Vault(["n" * 40])
    assert address_key_problem(session, old) is None
    assert address_key_problem(session, new) is None  # nobody is on the list yet
    with transaction(session):
        suppress(session, new.address_hash("a@b.example"), SuppressionReason.UNSUBSCRIBED, now=now)
    assert address_key_problem(session, new) is None
    assert address_key_problem(session, Vault(["n" * 40, "x" * 40])) is None  # a newer key in front of it
    problem = address_key_problem(session, old)
    assert problem is not None
    assert "FEEDBACK_SECRET_KEY" in problem
