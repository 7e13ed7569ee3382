"""A survey's responses in the order of their time, from a place or a number on, at the same cost from any place.

First the ids are picked, from an index alone; whoever wants more of the rows joins them to these few. Statements are
built once for each shape of filter and given their values when they are executed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    bindparam,
    column,
    not_,
    select,
    table,
    tuple_,
    union_all,
)
from sqlalchemy.sql.elements import BindParameter

from feedback_app.db import UtcDateTime
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState

CONFIRMED_ONLY = (ResponseState.CONFIRMED,)
# By its name: the package of themes comes later in the house.
RESPONSE_THEME = table(
    "response_theme", column("response_id"), column("theme_id"), column("removed", Boolean())
)

NARROWING = ("since", "until", "updated_since", "updated_until", "person_id", "email_key", "theme_id")


class ResponsePlace(NamedTuple):
    """Where a response stands in an order of time."""

    at: datetime
    response_id: int


@dataclass(frozen=True)
class ResponseFilter:
    """Which responses of a survey; an empty value narrows nothing. The times `until` are before, not with."""

    survey_id: int
    states: tuple[str, ...] = CONFIRMED_ONLY
    since: datetime | None = None
    until: datetime | None = None
    updated_since: datetime | None = None
    updated_until: datetime | None = None
    person_id: int | None = None
    email_key: str | None = None  # see `normalised_address`
    theme_id: int | None = None
    newest_first: bool = False

    @property
    def goes_by_change(self) -> bool:
        """Whoever asks for changes gets them in their order, so that the last one seen is where to go on."""
        return self.updated_since is not None or self.updated_until is not None

    def shape(self, after: ResponsePlace | None = None) -> "Shape":
        """What decides how the statement reads."""
        given = tuple(name for name in NARROWING if getattr(self, name) is not None)
        return Shape(self.states, given, self.goes_by_change, self.newest_first, after is not None)

    def values(self, *, after: ResponsePlace | None = None, offset: int = 0, size: int) -> dict[str, Any]:
        """The values for a statement of `picked`: at most `size` rows, after a place or from a number on."""
        given = {name: getattr(self, name) for name in self.shape().given}
        place = {"after_at": after.at, "after_id": after.response_id} if after else {}
        page = {"offset": offset, "size": size, "reach": offset + size}
        return {"of_survey": self.survey_id, **given, **place, **page}


class Shape(NamedTuple):
    """A filter without its values."""

    states: tuple[str, ...]
    given: tuple[str, ...]
    goes_by_change: bool
    newest_first: bool
    has_place: bool

    @property
    def time(self) -> Any:
        """The column of the order."""
        return Response.updated_at if self.goes_by_change else Response.created_at


@cache
def picked(shape: Shape) -> Subquery:
    """The `id` and time (`at`) of the responses of a page; executed with the filter's `values`."""
    size, offset = _literal("size"), _literal("offset")
    if shape.goes_by_change or len(shape.states) == 1:
        only = _rows(shape).where(Response.state.in_(shape.states))
        return only.limit(size).offset(offset).subquery("picked")
    # The index stands in the order of time for each state apart, so each gives its first rows.
    heads = [
        select(_rows(shape).where(Response.state == state).limit(_literal("reach")).subquery())
        for state in shape.states
    ]
    found = union_all(*heads).subquery()
    return select(found).order_by(*ordered(shape, found)).limit(size).offset(offset).subquery("picked")


def ordered(shape: Shape, found: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The order of the filter, for a query over `picked`."""
    columns = (found.c.at, found.c.id)
    return tuple(column.desc() if shape.newest_first else column.asc() for column in columns)


def _rows(shape: Shape) -> Select[Any]:
    order = (shape.time, Response.id)
    rows = select(Response.id, shape.time.label("at")).where(*_conditions(shape))
    rows = rows.order_by(*(column.desc() if shape.newest_first else column.asc() for column in order))
    if not shape.has_place:
        return rows
    here = tuple_(bindparam("after_at", type_=UtcDateTime()), _number("after_id"))
    place = tuple_(*order)
    return rows.where(place < here if shape.newest_first else place > here)


def _conditions(shape: Shape) -> Iterator[ColumnElement[bool]]:
    is_of_one = "person_id" in shape.given or "email_key" in shape.given
    # Written so that no index of the survey serves: SQLite would go through all its answers for those of one person.
    yield (Response.survey_id + 0 if is_of_one else Response.survey_id) == _number("of_survey")
    person = select(Person.id).where(Person.email_key == bindparam("email_key")).scalar_subquery()
    known: dict[str, ColumnElement[bool]] = {
        "since": Response.created_at >= _moment("since"),
        "until": Response.created_at < _moment("until"),
        "updated_since": Response.updated_at >= _moment("updated_since"),
        "updated_until": Response.updated_at < _moment("updated_until"),
        "person_id": Response.person_id == _number("person_id"),
        "email_key": Response.person_id == person,
        "theme_id": Response.id.in_(_about_the_theme()),
    }
    for name in shape.given:
        yield known[name]


def _about_the_theme() -> Select[Any]:
    """The ids of the responses that have the theme."""
    found = RESPONSE_THEME.c
    return select(found.response_id).where(found.theme_id == _number("theme_id"), not_(found.removed))


def _number(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def _literal(name: str) -> BindParameter[int]:
    """A number that is written into the statement: PostgreSQL plans for a tenth of the table if it cannot see it."""
    return bindparam(name, type_=Integer(), literal_execute=True)


def _moment(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=UtcDateTime())
