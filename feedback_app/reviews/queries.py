"""The inbox: responses newest or worst first, a page at a time, at the same cost on every page.

A page begins where the one before ended (a cursor), so rows that arrive meanwhile move nothing. The two orders are
those of the indexes ix_response_newest and ix_response_worst; the surveys are looked up beforehand, because a join
would let the database begin elsewhere.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, literal, select, tuple_
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import aliased

from feedback_app.accounts.models import Account
from feedback_app.db import UtcDateTime
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.reviews.cursor import Cursor
from feedback_app.reviews.filters import Conditions, InboxFilters, conditions
from feedback_app.reviews.models import Review, ReviewStatus
from feedback_app.scoring.metrics import Band
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.tagging.looking import look_reason

PAGE_SIZE = 40
COUNTED = 1_000  # lines that are counted; more are "more than 1,000"
EXCERPT = 320  # characters of a comment that the list shows at most

Owner = aliased(StaffUser)
Assignee = aliased(StaffUser)

ROWS = (
    select(
        Response.id,
        Response.survey_id,
        Response.rating,
        Response.position,
        Response.created_at,
        func.substr(Response.comment, 1, EXCERPT).label("excerpt"),
        Response.sentiment,
        Response.sentiment_source,
        case((Response.looked_at.is_(None), Response.look_twice)).label("look_twice"),
        Response.untagged_reason,
        Response.comment_language,
        Response.claimed_email,
        Person.name.label("person_name"),
        Person.email.label("person_email"),
        Account.name.label("account_name"),
        func.coalesce(func.nullif(Owner.name, ""), Owner.email).label("owner"),
        func.coalesce(Review.status, ReviewStatus.NEW).label("status"),
        func.coalesce(func.nullif(Assignee.name, ""), Assignee.email).label("assignee"),
    )
    .select_from(Response)
    .outerjoin(Person, Person.id == Response.person_id)
    .outerjoin(Account, Account.id == Person.account_id)
    .outerjoin(Owner, Owner.id == Account.owner_id)
    .outerjoin(Review, Review.response_id == Response.id)
    .outerjoin(Assignee, Assignee.id == Review.assignee_id)
)


@dataclass(frozen=True)
class InboxRow:
    """One line of the inbox."""

    row: Row[Any]
    survey: Survey

    @property
    def band(self) -> Band:
        return self.survey.metric.band_of(self.row.rating)

    @property
    def look_reason(self) -> str:
        """Why to look twice, if nobody has yet."""
        return look_reason(self.row.look_twice, self.row.rating) if self.row.look_twice else ""

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.row.position, self.row.created_at, self.row.id)


@dataclass(frozen=True)
class InboxPage:
    """Some lines in order, and where the pages beside them begin; None at an end."""

    rows: list[InboxRow]
    newer: Cursor | None  # toward the first page
    older: Cursor | None
    count: int | None = None  # of all pages together, up to COUNTED + 1


def inbox_page(
    connection: Connection,
    surveys: dict[int, Survey],
    filters: InboxFilters,
    *,
    after: Cursor | None = None,
    before: Cursor | None = None,
    size: int = PAGE_SIZE,
    is_counted: bool = False,
) -> InboxPage:
    """The page that follows `after` or ends just above `before`; the first one without either.

    With `is_counted` it says how many lines there are on all pages together.
    """
    wanted = conditions(connection, filters, surveys)
    page = page_of(connection, surveys, filters, wanted, after, before, size)
    if not is_counted:
        return page
    is_all = page.newer is None and page.older is None
    return replace(page, count=len(page.rows) if is_all else count_of(connection, wanted))


def page_of(
    connection: Connection,
    surveys: dict[int, Survey],
    filters: InboxFilters,
    wanted: Conditions,
    after: Cursor | None,
    before: Cursor | None,
    size: int,
) -> InboxPage:
    if before is not None:
        found = lines(connection, surveys, filters, wanted, before, size + 1, backwards=True)
        if len(found) > size:
            shown = found[:size][::-1]
            return InboxPage(shown, newer=shown[0].cursor, older=shown[-1].cursor)
        after = None  # less than a page above: that is the first page
    found = lines(connection, surveys, filters, wanted, after, size + 1)
    shown = found[:size]
    return InboxPage(
        shown,
        newer=shown[0].cursor if shown and after is not None else None,
        older=shown[-1].cursor if len(found) > size else None,
    )


def count_of(connection: Connection, wanted: Conditions) -> int:
    """How many responses meet the conditions, counted up to COUNTED + 1."""
    found = select(Response.id).outerjoin(Review, Review.response_id == Response.id).where(*wanted)
    some = found.limit(COUNTED + 1).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def neighbours(
    connection: Connection, surveys: dict[int, Survey], filters: InboxFilters, here: Cursor
) -> tuple[int | None, int | None]:
    """The ids of the responses above and below this one in the inbox's order."""
    wanted = conditions(connection, filters, surveys)
    above = lines(connection, surveys, filters, wanted, here, 1, backwards=True)
    below = lines(connection, surveys, filters, wanted, here, 1)
    return (above[0].row.id if above else None), (below[0].row.id if below else None)


def lines(
    connection: Connection,
    surveys: dict[int, Survey],
    filters: InboxFilters,
    wanted: Conditions,
    start: Cursor | None,
    limit: int,
    *,
    backwards: bool = False,
) -> list[InboxRow]:
    """At most `limit` lines from the cursor on, nearest first."""
    found: list[InboxRow] = []
    for statement in stretches(ROWS.where(*wanted), filters, surveys, start, backwards):
        rows = connection.execute(statement.limit(limit - len(found)))
        found += [InboxRow(row, surveys[row.survey_id]) for row in rows]
        if len(found) == limit:
            break
    return found


def stretches(
    rows: Select[Any],
    filters: InboxFilters,
    surveys: dict[int, Survey],
    start: Cursor | None,
    backwards: bool,
) -> Iterator[Select[Any]]:
    """The statements that give the lines from the cursor on, one after the other.

    Newest first is one. Worst first is one for each position there is (eleven for NPS): positions rise while
    times fall, so no single run through an index has that order, but each position's rows stand in it.
    """
    nearest = (Response.created_at, Response.id)
    rows = rows.order_by(*(column.asc() if backwards else column.desc() for column in nearest))
    rest = rows if start is None else rows.where(beyond(start, backwards))
    if filters.order == "newest":
        yield rest
        return
    for position in sorted(positions_of(filters, surveys), reverse=backwards):
        if start is None or position == start.position:
            yield rest.where(Response.position == position)
        elif (position < start.position) == backwards:
            yield rows.where(Response.position == position)


def beyond(start: Cursor, backwards: bool) -> ColumnElement[bool]:
    """Whether a row is older than the cursor's (newer, if backwards)."""
    place = tuple_(Response.created_at, Response.id)
    here = tuple_(literal(start.created_at, UtcDateTime), start.response_id)
    return place > here if backwards else place < here


def positions_of(filters: InboxFilters, surveys: dict[int, Survey]) -> set[int]:
    """Every place between the worst and the best that a listed rating can have."""
    listed = [survey for survey in surveys.values() if filters.survey_id in (None, survey.id)]
    return {
        metric.scale.position(rating)
        for metric in {survey.metric for survey in listed}
        for rating in metric.scale.values
        if filters.tone in (None, metric.band_of(rating).tone)
    }
