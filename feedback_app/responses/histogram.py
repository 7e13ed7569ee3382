"""The daily histogram that scores are worked out from, exact at any moment.

`daily_count` holds what has been folded in; a response that is new or changed is marked `fold_due` and remembers
what the histogram holds of it. The true count is therefore: the histogram, plus the rows that are due, minus what
was folded of them. That is one statement, and thus one snapshot, and it reads as many rows at 10 million responses
as at 10 thousand.
"""

from collections import Counter
from collections.abc import Collection
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Subquery,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    select,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, transaction
from feedback_app.responses.models import DailyCount, Response, ResponseState

COUNTED = (ResponseState.CONFIRMED,)

# Written out, because SQLite uses a partial index only for the very words of its condition.
IS_DUE: ColumnElement[bool] = literal_column("response.fold_due")


FOLDING = (
    Response.id,
    Response.survey_id,
    Response.answered_on,
    Response.rating,
    Response.state,
    Response.folded_on,
    Response.folded_rating,
    Response.folded_state,
)


class Cell(NamedTuple):
    """One place of the histogram."""

    survey_id: int
    day: date
    rating: int
    state: str


class DayCount(NamedTuple):
    """So many ticked this rating on that day."""

    day: date
    rating: int
    n: int


def rating_counts(
    session: Session,
    survey_id: int,
    *,
    since: date | None,
    until: date | None,
    states: Collection[str] = COUNTED,
) -> dict[int, int]:
    """How many ticked each rating on the days from `since` to before `until`; None leaves that end open."""
    cells = histogram([survey_id], since=since, until=until, states=states)
    rows = session.execute(summed(cells.c.rating, cells=cells))
    return {row.rating: row.responses for row in rows}


def daily_counts(
    session: Session,
    survey_id: int,
    *,
    since: date | None,
    until: date | None,
    states: Collection[str] = COUNTED,
) -> list[DayCount]:
    """The same for each day on which somebody answered, oldest first."""
    cells = histogram([survey_id], since=since, until=until, states=states)
    rows = session.execute(summed(cells.c.day, cells.c.rating, cells=cells))
    return [DayCount(*row) for row in rows]


def histogram(
    survey_ids: Collection[int],
    *,
    since: date | None = None,
    until: date | None = None,
    states: Collection[str] | None = None,
) -> Subquery:
    """The histogram as it is now, for days from `since` to before `until`; read it with `summed`.

    Its columns are those of a Cell and `responses`; a cell may come in several rows, some of them negative.
    """
    # Read first and by itself: given more conditions, SQLite would rather search every answer of the survey.
    due = select(*FOLDING).where(IS_DUE).cte("due").prefix_with("MATERIALIZED")
    folded = (DailyCount.survey_id, DailyCount.day, DailyCount.rating, DailyCount.state)
    present = (due.c.survey_id, due.c.answered_on, due.c.rating, due.c.state)
    outdated = (due.c.survey_id, due.c.folded_on, due.c.folded_rating, due.c.folded_state)
    parts = [(folded, DailyCount.responses), (present, literal(1)), (outdated, literal(-1))]
    return union_all(
        *(
            _cells(columns, n).where(*_within(columns, survey_ids, since, until, states))
            for columns, n in parts
        )
    ).subquery("histogram")


def summed(*columns: ColumnElement[Any], cells: Subquery) -> Select[Any]:
    """The responses for each combination of these columns of a `histogram`, in their order; none at 0."""
    total = func.sum(cells.c.responses)
    return select(*columns, total.label("responses")).group_by(*columns).having(total != 0).order_by(*columns)


Column = SQLColumnExpression[Any]
Columns = tuple[Column, Column, Column, Column]  # where a cell's fields are to be found


def _cells(columns: Columns, n: Column) -> Select[Any]:
    names = (*Cell._fields, "responses")
    labelled: list[ColumnElement[Any]] = [
        column.label(name) for column, name in zip((*columns, n), names, strict=True)
    ]
    return select(*labelled)


def _within(
    columns: Columns,
    survey_ids: Collection[int],
    since: date | None,
    until: date | None,
    states: Collection[str] | None,
) -> list[ColumnElement[bool]]:
    survey_id, day, _, state = columns
    conditions: list[ColumnElement[bool]] = [survey_id.in_(survey_ids), day.is_not(None)]
    if since is not None:
        conditions.append(day >= since)
    if until is not None:
        conditions.append(day < until)
    if states is not None:
        conditions.append(state.in_(states))
    return conditions


def fold_batch(session: Session, limit: int = 500) -> int:
    """Fold up to `limit` responses that are due into the histogram; return how many it took.

    Workers share the work: on PostgreSQL each takes rows that no other holds, on SQLite one writes at a time.
    """
    with transaction(session):
        due = select(*FOLDING).where(IS_DUE).order_by(Response.id).limit(limit)
        rows = session.execute(due.with_for_update(skip_locked=True)).all()
        moves = Counter(_present_cell(row) for row in rows)
        moves.subtract(cell for row in rows if (cell := _folded_cell(row)))
        _add_to_cells(session, moves)
        _remember(
            session,
            [row.id for row in rows],
            fold_due=False,
            folded_on=Response.answered_on,
            folded_rating=Response.rating,
            folded_state=Response.state,
        )
    return len(rows)


def forget_counts(session: Session, response_ids: Collection[int]) -> None:
    """Take these responses out of the histogram, within the caller's transaction, before it deletes them.

    One that stays after all is due again, so that its count is not lost.
    """
    held = select(*FOLDING).where(Response.id.in_(response_ids)).order_by(Response.id).with_for_update()
    moves: Counter[Cell] = Counter()
    moves.subtract(cell for row in session.execute(held) if (cell := _folded_cell(row)))
    _add_to_cells(session, moves)
    _remember(session, response_ids, fold_due=True, folded_on=None, folded_rating=None, folded_state=None)


REMOVE_IF_EMPTY = delete(DailyCount).where(
    DailyCount.survey_id == bindparam("survey_id"),
    DailyCount.day == bindparam("day"),
    DailyCount.rating == bindparam("rating"),
    DailyCount.state == bindparam("state"),
    DailyCount.responses == 0,
)


def _present_cell(row: Any) -> Cell:
    return Cell(row.survey_id, row.answered_on, row.rating, row.state)


def _folded_cell(row: Any) -> Cell | None:
    """Where the histogram holds the response; None if nowhere yet."""
    if row.folded_on is None:
        return None
    return Cell(row.survey_id, row.folded_on, row.folded_rating, row.folded_state)


def _add_to_cells(session: Session, moves: Counter[Cell]) -> None:
    """Add to the histogram, or take away; a cell that comes to nothing is removed.

    Always in the same order, so that two workers never wait for each other in a ring.
    """
    cells = [{**cell._asdict(), "responses": n} for cell, n in sorted(moves.items()) if n]
    if not cells:
        return
    adding = insert_into(session, DailyCount)
    adding = adding.on_conflict_do_update(
        index_elements=Cell._fields,
        set_={"responses": DailyCount.responses + adding.excluded.responses},
    )
    session.connection().execute(adding, cells)
    if any(cell["responses"] < 0 for cell in cells):
        session.connection().execute(REMOVE_IF_EMPTY, cells)


def _remember(session: Session, response_ids: Collection[int], **folded: Any) -> None:
    """Note on the responses what the histogram now holds of them."""
    session.execute(
        update(Response)
        .where(Response.id.in_(response_ids))
        .values(**folded)
        .execution_options(synchronize_session=False)
    )
