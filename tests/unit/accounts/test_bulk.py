"""Many accounts at once are matched as single ones are."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from feedback_app.accounts.bulk import AccountKey, AccountRow, upsert_accounts
from feedback_app.accounts.models import Account
from feedback_app.db import transaction
from tests.factories import NOON, make_account, make_user


def upserted(session: Session, *rows: AccountRow) -> dict[AccountKey, int]:
    with transaction(session):
        return upsert_accounts(session, rows, now=NOON)


def test_new_accounts_are_made_with_all_that_is_given(session: Session) -> None:
    owner = make_user(session)
    row = AccountRow(
        name=" Harrow  Finch ",
        external_id="h-1",
        owner_id=owner.id,
        monthly_revenue=Decimal("1250.50"),
        currency="EUR",
        renews_on=date(2027, 3, 1),
        properties={"plan": "gold", "empty": ""},
    )
    ids = upserted(session, row, AccountRow("Öresund"))
    assert set(ids) == {AccountKey("harrow finch", "h-1"), AccountKey("öresund", None)}
    account = session.get_one(Account, ids[row.key])
    assert (account.name, account.name_key, account.external_id) == ("Harrow Finch", "harrow finch", "h-1")
    assert (account.owner_id, account.monthly_revenue, account.currency) == (
        owner.id,
        Decimal("1250.50"),
        "EUR",
    )
    assert (account.renews_on, account.properties) == (date(2027, 3, 1), {"plan": "gold"})
    assert (account.created_at, account.updated_at) == (NOON, NOON)


def test_what_is_given_replaces_and_nothing_is_blanked(session: Session) -> None:
    known = make_account(
        session,
        name="Harrow",
        currency="EUR",
        monthly_revenue=Decimal(10),
        renews_on=date(2027, 1, 1),
        properties={"plan": "gold", "city": "Ulm"},
    )
    given = AccountRow("HARROW", monthly_revenue=Decimal(20), currency="", properties={"plan": "silver"})
    assert upserted(session, given) == {AccountKey("harrow", None): known.id}
    session.refresh(known)
    assert (known.name, known.monthly_revenue, known.currency) == ("Harrow", Decimal(20), "EUR")
    assert (known.renews_on, known.properties) == (date(2027, 1, 1), {"plan": "silver", "city": "Ulm"})
    assert known.updated_at == NOON


def test_the_external_id_outweighs_the_name_and_is_learned_once(session: Session) -> None:
    by_id = make_account(session, name="Harrow", external_id="h-1")
    by_name = make_account(session, name="Finch")
    ids = upserted(
        session,
        AccountRow("Finch", external_id="h-1"),
        AccountRow("Finch", external_id="f-1"),
        AccountRow("Finch", external_id="f-2"),
    )
    assert [ids[AccountKey("finch", key)] for key in ("h-1", "f-1", "f-2")] == [
        by_id.id,
        by_name.id,
        by_name.id,
    ]
    session.expire_all()
    assert [row.external_id for row in session.scalars(select(Account).order_by(Account.id))] == [
        "h-1",
        "f-1",
    ]


def test_an_account_that_is_in_a_batch_several_times_is_made_once(session: Session) -> None:
    ids = upserted(
        session,
        AccountRow("Harrow", properties={"plan": "gold"}),
        AccountRow("harrow", external_id="h-1", currency="EUR"),
        AccountRow("Harrow & Sons", external_id="h-1", properties={"plan": "silver"}),
    )
    account = session.scalars(select(Account)).one()
    assert set(ids.values()) == {account.id}
    assert (account.name, account.external_id, account.currency, account.properties) == (
        "Harrow",
        "h-1",
        "EUR",
        {"plan": "silver"},
    )


def test_what_is_known_already_is_not_written_again(session: Session) -> None:
    row = AccountRow(
        "Harrow", external_id="h-1", monthly_revenue=Decimal("9.90"), properties={"plan": "gold"}
    )
    first = upserted(session, row)
    written: list[str] = []
    engine = session.get_bind()

    def note(_connection, _cursor, statement, *_rest):  # type: ignore[no-untyped-def]
        written.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        assert upserted(session, row) == first
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert [statement.split()[0] for statement in written] == ["SELECT"]


def test_an_account_without_a_name_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="needs a name"):
        upserted(session, AccountRow("  ", external_id="h-1"))
