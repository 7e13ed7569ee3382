"""The list of accounts, and everything about one of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from sqlalchemy import ColumnElement, bindparam, func, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.directory.pages import Order, Page, page_of
from feedback_app.directory.person import Said, latest_said
from feedback_app.errors import NotFound
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.scoring.bands import Band
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey

Sorting = Literal["name", "renewal"]
ORDERS: dict[str, Order] = {
    "name": Order(Account.id, by=Account.name_key),
    "renewal": Order(Account.id, by=Account.renews_on),
}
LATEST_RATINGS = 3
PEOPLE_SHOWN = 12

OWNER_NAME = func.coalesce(func.nullif(StaffUser.name, ""), StaffUser.email)
ROWS: Any = select(
    Account.id,
    Account.name,
    Account.owner_id,
    OWNER_NAME.label("owner"),
    Account.monthly_revenue,
    Account.currency,
    Account.renews_on,
).outerjoin(StaffUser, StaffUser.id == Account.owner_id)
_PEOPLE = (
    select(Person.account_id, func.count())
    .where(Person.account_id.in_(bindparam("accounts", expanding=True)))
    .group_by(Person.account_id)
)
_NEWEST_OF_EACH = (
    select(
        Person.account_id,
        Response.survey_id,
        Response.rating,
        Response.created_at,
        func.row_number()
        .over(partition_by=Person.account_id, order_by=(Response.created_at.desc(), Response.id.desc()))
        .label("place"),
    )
    .join(Person, Person.id == Response.person_id)
    .where(
        Person.account_id.in_(bindparam("accounts", expanding=True)),
        Response.state == ResponseState.CONFIRMED,
    )
    .subquery()
)
_RATINGS = (
    select(_NEWEST_OF_EACH)
    .where(_NEWEST_OF_EACH.c.place <= LATEST_RATINGS)
    .order_by(_NEWEST_OF_EACH.c.account_id, _NEWEST_OF_EACH.c.place)
)


@dataclass(frozen=True)
class AccountFilter:
    """What the list of accounts is narrowed to; an empty value narrows nothing."""

    q: str = ""  # in the account's name
    owner_id: int | None = None
    renews_from: date | None = None  # needed for the order by renewal


@dataclass(frozen=True)
class AccountLine:
    """One line of the list, with the account's latest ratings, newest first."""

    row: Row[Any]
    people: int
    ratings: list[tuple[int, Band]] = field(default_factory=list)


@dataclass(frozen=True)
class AccountDetails:
    """One account and what stands around it."""

    account: Account
    owner: StaffUser | None
    people: list[Any]  # the first ones by name
    people_count: int
    said: list[Said]


def accounts_page(
    connection: Connection,
    surveys: dict[int, Survey],
    filter: AccountFilter,
    order: Sorting,
    *,
    after: int | None = None,
    before: int | None = None,
) -> Page[AccountLine]:
    """The page of accounts that follows the account `after` or ends just above `before`."""
    return page_of(
        connection,
        ROWS.where(*_conditions(filter)),
        ORDERS[order],
        lambda rows: account_lines(connection, rows, surveys),
        after=after,
        before=before,
    )


def account_lines(
    connection: Connection, rows: list[Row[Any]], surveys: dict[int, Survey]
) -> list[AccountLine]:
    """The lines of these accounts, with how many people they have and what these said last."""
    wanted = {"accounts": [row.id for row in rows]}
    counts = dict(connection.execute(_PEOPLE, wanted).all())
    lines = {row.id: AccountLine(row, counts.get(row.id, 0)) for row in rows}
    for said in connection.execute(_RATINGS, wanted):
        band = surveys[said.survey_id].metric.band_of(said.rating)
        lines[said.account_id].ratings.append((said.rating, band))
    return list(lines.values())


def account_details(session: Session, account_id: int) -> AccountDetails:
    """The account with this id and all around it; raises NotFound."""
    account = session.get(Account, account_id)
    if account is None:
        raise NotFound(f"There is no account {account_id}.")
    of_account = Person.account_id == account_id
    people = session.execute(
        select(Person.id, Person.name, Person.email).where(of_account).order_by(Person.name, Person.id)
    ).fetchmany(PEOPLE_SHOWN)
    return AccountDetails(
        account,
        session.get(StaffUser, account.owner_id) if account.owner_id else None,
        list(people),
        session.scalar(select(func.count()).select_from(Person).where(of_account)) or 0,
        latest_said(session, Response.person_id.in_(select(Person.id).where(of_account))),
    )


def is_any_account_known(session: Session) -> bool:
    return session.scalar(select(Account.id).limit(1)) is not None


def _conditions(filter: AccountFilter) -> Iterator[ColumnElement[bool]]:
    if filter.q:
        yield Account.name.icontains(filter.q, autoescape=True)
    if filter.owner_id is not None:
        yield Account.owner_id == filter.owner_id
    if filter.renews_from is not None:
        yield Account.renews_on >= filter.renews_from
