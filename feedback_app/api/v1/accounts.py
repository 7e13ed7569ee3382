"""Customer companies, with owner, revenue and renewal. They are the installation's, not one survey's."""

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from feedback_app.accounts.changing import Taken, change_account, keep_account
from feedback_app.accounts.models import Account
from feedback_app.accounts.services import LONGEST_NAME
from feedback_app.api.v1.endpoints import CHANGES, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    BLANK,
    INVALID,
    NOT_A_NUMBER,
    Field,
    Wrong,
    email,
    properties,
    row_id,
    text,
)
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.db import reading
from feedback_app.people.knowing import TAKEN
from feedback_app.staff.models import StaffUser

TAG = "Accounts"
DAY = {"type": "string", "format": "date"}
MOST_REVENUE = Decimal("9999999999.99")
ROWS = select(
    Account.id,
    Account.name,
    Account.external_id,
    StaffUser.email.label("owner_email"),
    Account.monthly_revenue,
    Account.currency,
    Account.renews_on,
    Account.properties,
    Account.created_at,
    Account.updated_at,
).outerjoin(StaffUser, StaffUser.id == Account.owner_id)
ACCOUNT = object_of(
    id=ID,
    name=TEXT,
    external_id=nullable(TEXT),
    owner_email=nullable(TEXT),
    monthly_revenue=nullable(TEXT | {"description": "A decimal as text, in `currency`."}),
    currency=nullable(TEXT),
    renews_on=nullable(DAY),
    properties={"type": "object"},
    created_at=TIME,
    updated_at=TIME,
)


def account_name(given: Any) -> str:
    """A name without needless blanks."""
    name = " ".join(text(LONGEST_NAME)(given).split())
    if not name:
        raise Wrong(BLANK)
    return name


def revenue(given: Any) -> Decimal:
    """An amount of money, to the cent."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Wrong(NOT_A_NUMBER)
    try:
        amount = Decimal(str(given).strip())
        if not amount.is_finite() or not 0 <= amount <= MOST_REVENUE:
            raise Wrong(f"must be between 0 and {MOST_REVENUE}")
        return amount.quantize(Decimal("0.01"))
    except InvalidOperation as error:
        raise Wrong(NOT_A_NUMBER) from error


def currency(given: Any) -> str:
    """Three letters."""
    code = text(3)(given).upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise Wrong(INVALID)
    return code


def day(given: Any) -> date:
    """A day such as 2027-03-31."""
    if not isinstance(given, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", given, re.ASCII):
        raise Wrong(INVALID)
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Wrong(INVALID) from error


ACCOUNT_ID = Field("id", row_id, {"type": "string"}, "The account's id.", "path", required=True)
NAME_SCHEMA = {"type": "string", "maxLength": LONGEST_NAME}
FACTS = (
    Field(
        "external_id",
        text(200),
        {"type": ["string", "null"], "maxLength": 200},
        "Its id in your own systems, by which it is found before its name.",
        "body",
    ),
    Field(
        "owner_email",
        email,
        {"type": ["string", "null"], "format": "email"},
        "The member of staff who looks after it.",
        "body",
    ),
    Field(
        "monthly_revenue",
        revenue,
        {"type": ["string", "number", "null"]},
        "Monthly recurring revenue, in `currency`.",
        "body",
    ),
    Field(
        "currency",
        currency,
        {"type": ["string", "null"], "pattern": "^[A-Za-z]{3}$"},
        "ISO 4217, such as EUR.",
        "body",
    ),
    Field("renews_on", day, {"type": ["string", "null"], "format": "date"}, "When it renews.", "body"),
    Field("properties", properties, {"type": "object"}, "Replaces all properties.", "body"),
)


@endpoint(
    "GET",
    "/accounts",
    summary="The customer companies",
    scope=READS,
    tag=TAG,
    fields=(
        PER_PAGE_FIELD,
        CURSOR_FIELD,
        Field("external_id", text(200), {"type": "string"}, "Only the one with this id in your systems."),
    ),
    answer=a_list_of(ACCOUNT),
    statuses=(200, 422),
    example={},
)
def list_accounts(call: Call) -> Page:
    """In the order in which they became known."""
    size = call["per_page"]
    query = ROWS.where(Account.id > id_in(call["page_info"])).order_by(Account.id).limit(size + 1)
    if call["external_id"]:
        query = query.where(Account.external_id == call["external_id"])
    with reading() as connection:
        rows = connection.execute(query).all()
    items = [account_item(row) for row in rows[:size]]
    return Page(items, cursor_of(rows[size - 1].id) if len(rows) > size else None)


@endpoint(
    "GET",
    "/accounts/{id}",
    summary="One customer company",
    scope=READS,
    tag=TAG,
    fields=(ACCOUNT_ID,),
    answer=ACCOUNT,
    statuses=(200, 404),
    example={"id": 1},
)
def show_account(call: Call) -> dict[str, Any]:
    return _shown(call["id"])


@endpoint(
    "POST",
    "/accounts",
    summary="Make an account known, or bring it up to date",
    scope=CHANGES,
    tag=TAG,
    fields=(Field("name", account_name, NAME_SCHEMA, "The company's name.", "body", required=True), *FACTS),
    answer=ACCOUNT,
    statuses=(200, 201, 422),
    example={
        "name": "Harrow Finch GmbH",
        "external_id": "c-77",
        "monthly_revenue": "1200.00",
        "currency": "EUR",
    },
)
def post_account(call: Call) -> Answer:
    """201 for a new one; 200 for one with the same external id or name, which keeps its name."""
    facts = _facts(call)
    external_id = facts.pop("external_id", None)
    account_id, is_new = keep_account(call.session, call["name"], external_id, facts, now=call.now)
    return Answer(_shown(account_id), 201 if is_new else 200)


@endpoint(
    "PUT",
    "/accounts/{id}",
    summary="Change an account",
    scope=CHANGES,
    tag=TAG,
    fields=(ACCOUNT_ID, Field("name", account_name, NAME_SCHEMA, "Another name.", "body"), *FACTS),
    answer=ACCOUNT,
    statuses=(200, 404, 422),
    example={"id": 1, "owner_email": "dana@northlight.example", "renews_on": "2027-03-31"},
)
def put_account(call: Call) -> dict[str, Any]:
    """What is not given stays; null blanks it."""
    if call.has("name") and call["name"] is None:
        raise ApiError(422, {"name": [BLANK]})
    facts = _facts(call) | ({"name": call["name"]} if call.has("name") else {})
    try:
        change_account(call.session, call["id"], facts, now=call.now)
    except Taken as error:
        raise ApiError(422, {error.name: [TAKEN]}) from error
    return _shown(call["id"])


def account_item(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "external_id": row.external_id,
        "owner_email": row.owner_email,
        "monthly_revenue": None if row.monthly_revenue is None else f"{row.monthly_revenue:.2f}",
        "currency": row.currency,
        "renews_on": row.renews_on and row.renews_on.isoformat(),
        "properties": row.properties,
        "created_at": unix(row.created_at),
        "updated_at": unix(row.updated_at),
    }


def _shown(account_id: int) -> dict[str, Any]:
    with reading() as connection:
        row = connection.execute(ROWS.where(Account.id == account_id)).one_or_none()
    if row is None:
        raise ApiError(404)
    return account_item(row)


def _facts(call: Call) -> dict[str, Any]:
    """What was given, by the account's columns."""
    facts = {one.name: call[one.name] for one in FACTS if call.has(one.name)}
    if "owner_email" in facts:
        facts["owner_id"] = staff_id(call.session, facts.pop("owner_email"), "owner_email")
    if facts.get("properties", ...) is None:
        facts["properties"] = {}
    return facts


def staff_id(session: Session, address: str | None, name: str) -> int | None:
    """The id of the active member of staff with this address; raises ApiError (422) for nobody's."""
    if address is None:
        return None
    known = select(StaffUser.id).where(StaffUser.email == address.strip().lower(), StaffUser.active.is_(True))
    found = session.scalar(known)
    if found is None:
        raise ApiError(422, {name: ["is nobody of staff"]})
    return int(found)
