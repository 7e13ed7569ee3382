"""A survey's responses in the order of their time, from a place or a number on, at the same cost from any place.

First the ids are picked, from an index alone; whoever wants more of the rows joins them to these few.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, literal, select, tuple_, union_all

from feedback_app.db import UtcDateTime
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState

CONFIRMED_ONLY = (ResponseState.CONFIRMED,)


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
    newest_first: bool = False

    @property
    def goes_by_change(self) -> bool:
        """Whoever asks for changes gets them in their order, so that the last one seen is where to go on."""
        return self.updated_since is not None or self.updated_until is not None

    @property
    def time(self) -> Any:
        """The column of the order."""
        return Response.updated_at if self.goes_by_change else Response.created_at


def picked(
    wanted: ResponseFilter, *, after: ResponsePlace | None = None, offset: int = 0, size: int
) -> Subquery:
    """The `id` and time (`at`) of at most `size` responses, after a place or from a number on."""
    if wanted.goes_by_change or len(wanted.states) == 1:
        only = _rows(wanted, after).where(Response.state.in_(wanted.states))
        return only.limit(size).offset(offset).subquery("picked")
    # The index stands in the order of time for each state apart, so each gives its first rows.
    heads = [
        select(_rows(wanted, after).where(Response.state == state).limit(offset + size).subquery())
        for state in wanted.states
    ]
    found = union_all(*heads).subquery()
    return select(found).order_by(*ordered(wanted, found)).limit(size).offset(offset).subquery("picked")


def ordered(wanted: ResponseFilter, found: Subquery) -> tuple[ColumnElement[Any], ...]:
    """The order of the filter, for a query over `picked`."""
    columns = (found.c.at, found.c.id)
    return tuple(column.desc() if wanted.newest_first else column.asc() for column in columns)


def _rows(wanted: ResponseFilter, after: ResponsePlace | None) -> Select[Any]:
    order = (wanted.time, Response.id)
    rows = select(Response.id, wanted.time.label("at")).where(*_conditions(wanted))
    rows = rows.order_by(*(column.desc() if wanted.newest_first else column.asc() for column in order))
    if after is None:
        return rows
    here = tuple_(literal(after.at, UtcDateTime), after.response_id)
    place = tuple_(*order)
    return rows.where(place < here if wanted.newest_first else place > here)


def _conditions(wanted: ResponseFilter) -> Iterator[ColumnElement[bool]]:
    is_of_one = wanted.person_id is not None or wanted.email_key is not None
    # Written so that no index of the survey serves: SQLite would go through all its answers for those of one person.
    yield (Response.survey_id + 0 if is_of_one else Response.survey_id) == wanted.survey_id
    if wanted.since is not None:
        yield Response.created_at >= wanted.since
    if wanted.until is not None:
        yield Response.created_at < wanted.until
    if wanted.updated_since is not None:
        yield Response.updated_at >= wanted.updated_since
    if wanted.updated_until is not None:
        yield Response.updated_at < wanted.updated_until
    if wanted.person_id is not None:
        yield Response.person_id == wanted.person_id
    if wanted.email_key is not None:
        person = select(Person.id).where(Person.email_key == wanted.email_key).scalar_subquery()
        yield Response.person_id == person
