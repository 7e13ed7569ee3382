"""Pages of a list in the order of time, newest first, at the same cost on every page.

A page begins where the one before ended, so rows that arrive meanwhile move nothing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import Select, literal, tuple_
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import InstrumentedAttribute

from feedback_app.db import UtcDateTime
from feedback_app.ledger.cursor import Place

Rows = Select[*tuple[Any, ...]]


class Placed(Protocol):
    """A line that knows its place in the list."""

    @property
    def place(self) -> Place: ...


Line = TypeVar("Line", bound=Placed)


@dataclass(frozen=True)
class Page(Generic[Line]):
    """Some lines, newest first, and where the pages beside them begin; None at an end."""

    lines: Sequence[Line]
    newer: Place | None  # toward the first page
    older: Place | None


@dataclass(frozen=True)
class Order:
    """The two columns that a list is sorted by."""

    at: InstrumentedAttribute[Any]
    id: InstrumentedAttribute[int]

    def rows(
        self,
        connection: Connection,
        rows: Rows,
        start: Place | None,
        limit: int,
        *,
        backwards: bool,
    ) -> list[Row[Any]]:
        """At most `limit` rows from the place on, nearest first."""
        if start is not None:
            place, here = tuple_(self.at, self.id), tuple_(literal(start.at, UtcDateTime), start.id)
            rows = rows.where(place > here if backwards else place < here)
        columns = (self.at, self.id)
        rows = rows.order_by(*(column.asc() if backwards else column.desc() for column in columns))
        return list(connection.execute(rows.limit(limit)))


def page_of(
    connection: Connection,
    rows: Rows,
    order: Order,
    line: Callable[[Row[Any]], Line],
    *,
    after: Place | None,
    before: Place | None,
    size: int,
) -> Page[Line]:
    """The page that follows `after` or ends just above `before`; the first one without either."""
    if before is not None:
        found = [line(row) for row in order.rows(connection, rows, before, size + 1, backwards=True)]
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(shown, newer=shown[0].place, older=shown[-1].place)
        after = None  # less than a page above: that is the first page
    found = [line(row) for row in order.rows(connection, rows, after, size + 1, backwards=False)]
    shown = found[:size]
    return Page(
        shown,
        newer=shown[0].place if shown and after is not None else None,
        older=shown[-1].place if len(found) > size else None,
    )
