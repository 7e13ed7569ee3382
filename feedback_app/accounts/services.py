"""Making accounts known. Like everything here that is called `ensure_`, within the caller's transaction."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key
from feedback_app.accounts.queries import account_id_of
from feedback_app.db import insert_into

LONGEST_NAME = 200


def ensure_account(session: Session, name: str, *, external_id: str | None = None, now: datetime) -> int:
    """The id of the account, matched by its external id, else by its exact normalised name; made if it is new.

    An account that was known by name alone learns its external id. The name of a known account stays as it is.
    """
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise ValueError("An account needs a name.")
    known = account_id_of(session, name, external_id)
    if known is None:
        known = _added(session, name, external_id, now)
    if known is None:  # somebody else added it at the same moment
        known = account_id_of(session, name, external_id)
    assert known is not None
    if external_id:
        session.execute(
            update(Account)
            .where(Account.id == known, Account.external_id.is_(None))
            .values(external_id=external_id, updated_at=now)
        )
    return known


def _added(session: Session, name: str, external_id: str | None, now: datetime) -> int | None:
    row: dict[str, Any] = {
        "name": name,
        "name_key": account_name_key(name),
        "external_id": external_id,
        "properties": {},
        "created_at": now,
        "updated_at": now,
    }
    statement = insert_into(session, Account).values(row).on_conflict_do_nothing().returning(Account.id)
    added: int | None = session.scalar(statement)
    return added


def describe_account(
    session: Session,
    account_id: int,
    *,
    owner_id: int | None,
    monthly_revenue: Decimal | None,
    currency: str | None,
    renews_on: date | None,
    properties: Mapping[str, Any] | None = None,
    now: datetime,
) -> None:
    """Set who owns the account, its monthly revenue (MRR, in `currency`, ISO 4217) and the day it renews.

    Properties are replaced as a whole; None leaves them.
    """
    facts: dict[str, Any] = {
        "owner_id": owner_id,
        "monthly_revenue": monthly_revenue,
        "currency": currency,
        "renews_on": renews_on,
        "updated_at": now,
    }
    if properties is not None:
        facts["properties"] = dict(properties)
    session.execute(update(Account).where(Account.id == account_id).values(**facts))
