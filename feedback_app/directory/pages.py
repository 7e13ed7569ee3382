"""Pages of a list at the same cost on every page: each begins at the row where the one before ended.

The address names that row by its id alone, so that no name of a person stands in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, select, tuple_
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import InstrumentedAttribute

from feedback_app.db import LARGEST_ID

PAGE_SIZE = 40

Line = TypeVar("Line")


@dataclass(frozen=True)
class Page(Generic[Line]):
    """Some lines in order, and the ids at which the pages beside them begin; None at an end."""

    lines: Sequence[Line]
    before: int | None  # toward the first page
    after: int | None


@dataclass(frozen=True)
class Order:
    """By id, or by another column first; the column must have a value in every row that is listed."""

    id: InstrumentedAttribute[int]
    by: InstrumentedAttribute[Any] | None = None
    is_falling: bool = False

    @property
    def columns(self) -> list[InstrumentedAttribute[Any]]:
        return [self.id] if self.by is None else [self.by, self.id]

    def place(self, connection: Connection, row_id: int) -> tuple[Any, ...] | None:
        """Where the row stands; None if it is gone."""
        found = connection.execute(select(*self.columns).where(self.id == row_id)).one_or_none()
        return None if found is None else tuple(found)

    def rows(
        self,
        connection: Connection,
        rows: Select[Any],
        start: tuple[Any, ...] | None,
        limit: int,
        *,
        up: bool,
    ) -> list[Row[Any]]:
        """At most `limit` rows from the place on, nearest first; `up`: toward the first page."""
        falls = self.is_falling != up
        if start is not None:
            rows = rows.where(self._beyond(start, falls))
        rows = rows.order_by(*(column.desc() if falls else column.asc() for column in self.columns))
        return list(connection.execute(rows.limit(limit)))

    def _beyond(self, start: tuple[Any, ...], falls: bool) -> ColumnElement[bool]:
        if self.by is None:
            return self.id < start[0] if falls else self.id > start[0]
        here = tuple_(*start)
        place = tuple_(*self.columns)
        return place < here if falls else place > here


def row_id(given: str) -> int:
    """The id in an address; raises ValueError for what is none."""
    number = int(given)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(given)
    return number


def page_of(
    connection: Connection,
    rows: Select[Any],
    order: Order,
    lines: Callable[[list[Row[Any]]], Sequence[Line]],
    *,
    after: int | None = None,
    before: int | None = None,
    size: int = PAGE_SIZE,
) -> Page[Line]:
    """The page that follows row `after` or ends just above row `before`; the first one without either."""
    if before is not None and (start := order.place(connection, before)) is not None:
        found = order.rows(connection, rows, start, size + 1, up=True)
        if len(found) > size:
            shown = found[:size][::-1]
            return Page(lines(shown), before=shown[0].id, after=shown[-1].id)
        after = None  # less than a page above: that is the first page
    start = order.place(connection, after) if after is not None else None
    found = order.rows(connection, rows, start, size + 1, up=False)
    shown = found[:size]
    return Page(
        lines(shown),
        before=shown[0].id if shown and start is not None else None,
        after=shown[-1].id if len(found) > size else None,
    )
