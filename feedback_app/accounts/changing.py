"""What programs say of accounts. Each is one transaction and leaves a line in the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key
from feedback_app.accounts.queries import account_id_of
from feedback_app.accounts.services import ensure_account
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.services import record_audit


class Taken(Invalid):
    """Another account has this name or external id; `name` says which of the two."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another account has this {name.replace('_', ' ')}, so nothing was changed.")
        self.name = name


def keep_account(
    session: Session, name: str, external_id: str | None, facts: Mapping[str, Any], *, now: datetime
) -> tuple[int, bool]:
    """The id of the account with this external id or name, and whether it is new; brought up to date either way.

    `facts`: owner_id, monthly_revenue, currency, renews_on, properties; what is not named stays.
    """
    with transaction(session):
        is_new = account_id_of(session, name, external_id) is None
        account_id = ensure_account(session, name, external_id=external_id, now=now)
        _set(session, session.get_one(Account, account_id), facts, "account.add" if is_new else "", now)
    return account_id, is_new


def change_account(session: Session, account_id: int, facts: Mapping[str, Any], *, now: datetime) -> None:
    """Change what is named, `name` and `external_id` too. Raises NotFound or Taken."""
    try:
        with transaction(session):
            account = session.get(Account, account_id, with_for_update=True)
            if account is None:
                raise NotFound(f"There is no account {account_id}.")
            _refuse_taken(session, account_id, facts)
            _set(session, account, facts, "", now)
    except IntegrityError as error:  # somebody else has just taken it
        raise Taken("name" if "name" in facts else "external_id") from error


def _refuse_taken(session: Session, account_id: int, facts: Mapping[str, Any]) -> None:
    keys = {"external_id": (Account.external_id, facts.get("external_id"))}
    if "name" in facts:
        keys["name"] = (Account.name_key, account_name_key(facts["name"]))
    for name, (column, value) in keys.items():
        others = select(Account.id).where(column == value, Account.id != account_id)
        if value is not None and session.scalar(others) is not None:
            raise Taken(name)


def _set(session: Session, account: Account, facts: Mapping[str, Any], action: str, now: datetime) -> None:
    changed = sorted(name for name, value in facts.items() if getattr(account, name) != value)
    for name in changed:
        setattr(account, name, facts[name])
    if "name" in changed:
        account.name_key = account_name_key(account.name)
    if changed:
        account.updated_at = now
    if changed or action:
        detail = {"changed": changed}
        record_audit(session, None, action or "account.edit", "account", account.id, detail, now)
