"""Accounts are matched by their external id, else by their exact normalised name."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.accounts.services import describe_account, ensure_account
from feedback_app.db import transaction
from tests.factories import make_user


def ensured(session: Session, name: str, now: datetime, external_id: str | None = None) -> int:
    with transaction(session):
        return ensure_account(session, name, external_id=external_id, now=now)


def names(session: Session) -> list[tuple[str, str | None]]:
    return [
        (account.name, account.external_id)
        for account in session.scalars(select(Account).order_by(Account.id))
    ]


def test_a_new_name_makes_an_account(session: Session, now: datetime) -> None:
    ensured(session, " Harrow  Finch GmbH ", now)
    assert names(session) == [("Harrow Finch GmbH", None)]


def test_the_same_name_in_other_case_and_spacing_is_the_same_account(session: Session, now: datetime) -> None:
    first = ensured(session, "Harrow Finch GmbH", now)
    assert ensured(session, "HARROW finch  gmbh", now) == first
    assert ensured(session, "Harrow Finch", now) != first


def test_the_external_id_outweighs_the_name(session: Session, now: datetime) -> None:
    first = ensured(session, "Harrow Finch", now, "acme-1")
    assert ensured(session, "Harrow Finch International", now, "acme-1") == first
    assert names(session) == [("Harrow Finch", "acme-1")]


def test_an_account_known_by_name_learns_its_external_id_once(session: Session, now: datetime) -> None:
    first = ensured(session, "Harrow Finch", now)
    assert ensured(session, "Harrow Finch", now, "acme-1") == first
    assert ensured(session, "Harrow Finch", now, "acme-2") == first
    assert names(session) == [("Harrow Finch", "acme-1")]


def test_a_name_that_is_too_long_is_cut_and_still_found(session: Session, now: datetime) -> None:
    assert ensured(session, "x" * 300, now) == ensured(session, "X" * 300, now)


def test_an_account_without_a_name_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        ensured(session, "  ", now)


def test_an_account_is_described_with_what_it_pays_and_when_it_renews(
    session: Session, now: datetime
) -> None:
    account_id = ensured(session, "Harrow Finch", now)
    owner = make_user(session)
    with transaction(session):
        describe_account(
            session,
            account_id,
            owner_id=owner.id,
            monthly_revenue=Decimal("1250.50"),
            currency="EUR",
            renews_on=date(2027, 3, 1),
            now=now,
        )
    account = session.get_one(Account, account_id)
    assert (account.monthly_revenue, account.currency, account.renews_on, account.owner_id) == (
        Decimal("1250.50"),
        "EUR",
        date(2027, 3, 1),
        owner.id,
    )
