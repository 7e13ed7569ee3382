"""Making many accounts known at once: what each row of a file says about the person's company."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key
from feedback_app.accounts.services import LONGEST_NAME
from feedback_app.db import insert_into

GIVEN = ("external_id", "owner_id", "monthly_revenue", "currency", "renews_on")
_ACCOUNT: Any = Account.__table__
_KNOWN = (
    select(*(_ACCOUNT.c[name] for name in ("id", "name_key", *GIVEN, "properties")))
    .where(
        or_(
            _ACCOUNT.c.external_id.in_(bindparam("external_ids", expanding=True)),
            _ACCOUNT.c.name_key.in_(bindparam("name_keys", expanding=True)),
        )
    )
    .order_by(_ACCOUNT.c.id)  # two imports at once lock the same accounts in the same order
    .with_for_update()
)
_CHANGE = (
    update(_ACCOUNT)
    .where(_ACCOUNT.c.id == bindparam("account_id"))
    .values({name: bindparam(f"new_{name}") for name in (*GIVEN, "properties", "updated_at")})
)


class AccountKey(NamedTuple):
    """What a row of a file calls its account."""

    name_key: str
    external_id: str | None


@dataclass(frozen=True, slots=True)
class AccountRow:
    """What a file says about one account; empty means that it says nothing."""

    name: str
    external_id: str | None = None
    owner_id: int | None = None
    monthly_revenue: Decimal | None = None
    currency: str | None = None
    renews_on: date | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> AccountKey:
        return AccountKey(account_name_key(self.name), self.external_id or None)


class _Draft:
    """An account as it will be: what is known of it, and what the rows add."""

    def __init__(self, name: str, values: Mapping[str, Any], account_id: int | None = None) -> None:
        self.id = account_id
        self.name = name
        self.values = dict(values)
        self.properties = dict(values.get("properties") or {})
        self.is_changed = account_id is None

    def take(self, row: AccountRow) -> None:
        """What is given replaces what is known; nothing is blanked, and an external id stays what it was."""
        for name in GIVEN:
            value = getattr(row, name)
            if value in ("", None) or (name == "external_id" and self.values.get(name)):
                continue
            self.is_changed |= self.values.get(name) != value
            self.values[name] = value
        said = {name: value for name, value in row.properties.items() if value not in ("", None)}
        self.is_changed |= any(
            name not in self.properties or self.properties[name] != said[name] for name in said
        )
        self.properties |= said

    def row(self, now: datetime) -> dict[str, Any]:
        """The account as it is inserted."""
        given = {name: self.values.get(name) for name in ("name_key", *GIVEN)}
        return given | {"name": self.name, "properties": self.properties, "updated_at": now}

    def change(self, now: datetime) -> dict[str, Any]:
        """What the UPDATE of a known account is told."""
        new = {f"new_{name}": self.values.get(name) for name in GIVEN}
        return new | {"account_id": self.id, "new_properties": self.properties, "new_updated_at": now}


def upsert_accounts(session: Session, rows: Sequence[AccountRow], *, now: datetime) -> dict[AccountKey, int]:
    """Make these accounts known, within the caller's transaction; the id for each row's `key`.

    Matched by external id, else by exact normalised name, as `ensure_account` does; a known account keeps its name.
    A second time changes nothing.
    """
    drafts = _drafts_of(session, rows)
    found: dict[AccountKey, _Draft] = {}
    by_external_id = {draft.values["external_id"]: draft for draft in drafts if draft.values["external_id"]}
    by_name = {draft.values["name_key"]: draft for draft in drafts}
    for row in rows:
        name_key, external_id = row.key
        draft = by_external_id.get(external_id) or by_name.get(name_key)
        if draft is None:
            draft = by_name[name_key] = _Draft(
                " ".join(row.name.split())[:LONGEST_NAME], {"name_key": name_key}
            )
        draft.take(row)
        if taken := draft.values.get("external_id"):
            by_external_id[taken] = draft
        found[row.key] = draft
    _write(session, {id(draft): draft for draft in found.values()}.values(), now)
    return {key: draft.id for key, draft in found.items() if draft.id is not None}


def _drafts_of(session: Session, rows: Sequence[AccountRow]) -> list[_Draft]:
    """Those of the accounts that are known."""
    keys = [row.key for row in rows]
    if not all(key.name_key for key in keys):
        raise ValueError("An account needs a name.")
    wanted = {
        "external_ids": [key.external_id for key in keys if key.external_id],
        "name_keys": [key.name_key for key in keys],
    }
    known = session.connection().execute(_KNOWN, wanted)
    return [_Draft("", account._asdict(), account.id) for account in known]


def _write(session: Session, drafts: Collection[_Draft], now: datetime) -> None:
    added = {draft.values["name_key"]: draft for draft in drafts if draft.id is None}
    changed = [draft for draft in drafts if draft.id is not None and draft.is_changed]
    connection = session.connection()
    if added:
        rows = [draft.row(now) | {"created_at": now} for draft in added.values()]
        for row in connection.execute(_adding(session), rows):
            added[row.name_key].id = row.id
    if changed:
        connection.execute(_CHANGE, [draft.change(now) for draft in changed])


def _adding(session: Session) -> Any:
    """The INSERT of accounts; of two who add one at once, what the later one gives replaces."""
    adding = insert_into(session, Account)
    given = adding.excluded
    return adding.on_conflict_do_update(
        index_elements=[Account.name_key],
        set_={name: func.coalesce(given[name], _ACCOUNT.c[name]) for name in (*GIVEN, "updated_at")},
    ).returning(Account.id, Account.name_key)
