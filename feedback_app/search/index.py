"""Looking things up in the index: one set of functions for both databases.

`matching` gives a statement of ids for use inside another one. `newest` gives the ids of a page of hits, at a cost
that hardly depends on how many there are:

- SQLite's FTS5 reads them in the order of their place, which is their moment (see sqlite_tables.py).
- PostgreSQL's GIN gives all hits or none, so a word that half of the comments have would take as long as reading
  these; and left to itself, the planner takes words for independent of each other and may read a million rows in
  order to find two. So the newest rows are looked at first, a few to see how common the words are, more if that
  promises a full page; else the index is asked, in a statement of its own that the planner cannot turn round.
"""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    column,
    func,
    literal_column,
    select,
    table,
    text,
    tuple_,
)
from sqlalchemy.orm import Session

from feedback_app.db import writing
from feedback_app.search.kinds import INDEXED, INDEXES, LANGUAGES_SEEN, Kind
from feedback_app.search.query import Query, Term
from feedback_app.search.sqlite_tables import ID_MASK, place

COUNTED = 1_000  # hits; more are "more than 1,000"
PROBED = 400  # of the newest rows, to see how common the words are
COMMON = 100  # one row in so many: from there on, looking through the newest rows is faster than the index
WALKED = 20_000  # of the newest rows, at most
PAGES_AT_ONCE = 500  # that a purge merges in one transaction

_LANGUAGES = table(LANGUAGES_SEEN, column("language"))
_NAMES = ("rowid", "row_id", "created_at", "document")  # of either database's tables
_TABLES: dict[Kind, Any] = {kind: table(it.index, *map(column, _NAMES)) for kind, it in INDEXED.items()}


def matching(dialect: str, kind: Kind, query: Query) -> Select[Any]:
    """The ids of the rows that match, in no order."""
    index = _TABLES[kind]
    if dialect == "postgresql":
        return select(index.c.row_id).where(_matches(dialect, kind, query))
    return select(index.c.rowid.op("&")(ID_MASK)).where(_matches(dialect, kind, query))


def newest(
    connection: Connection, kind: Kind, query: Query, *, after: int | None = None, limit: int
) -> Sequence[int]:
    """The ids of the newest rows that match, newest first; those older than row `after`, if it is given."""
    if not query:
        return []
    if connection.dialect.name != "postgresql":
        return _newest_on_sqlite(connection, kind, query, after, limit)
    found = _walked(connection, kind, query, after, limit, PROBED)
    if len(found) < limit and len(found) * COMMON >= PROBED:
        found = _walked(connection, kind, query, after, limit, WALKED)
    return found if len(found) == limit else _from_gin(connection, kind, query, after, limit)


def count(connection: Connection, kind: Kind, query: Query) -> int:
    """How many rows match, counted up to COUNTED + 1."""
    if not query:
        return 0
    if connection.dialect.name == "postgresql":
        return len(newest(connection, kind, query, limit=COUNTED + 1))
    some = matching("sqlite", kind, query).limit(COUNTED + 1).subquery()
    return connection.scalar(select(func.count()).select_from(some)) or 0


def languages(connection: Connection) -> list[str]:
    """The languages whose rules the index has been built by."""
    return list(connection.scalars(select(_LANGUAGES.c.language).order_by(_LANGUAGES.c.language)))


def _newest_on_sqlite(
    connection: Connection, kind: Kind, query: Query, after: int | None, limit: int
) -> Sequence[int]:
    number = _TABLES[kind].c.rowid
    hits = select(number.op("&")(ID_MASK)).where(_matches("sqlite", kind, query))
    if after is not None:
        source = INDEXED[kind].table
        here = text(f"SELECT {place(source)} AS place FROM {source} WHERE id = :id").columns(column("place"))
        hits = hits.where(number < here.bindparams(id=after).scalar_subquery())
    return connection.scalars(hits.order_by(number.desc()).limit(limit)).all()


def _walked(
    connection: Connection, kind: Kind, query: Query, after: int | None, limit: int, rows: int
) -> Sequence[int]:
    """Those hits that are among so many of the newest rows."""
    index = _TABLES[kind]
    all_rows = _older_than(select(index.c.row_id, index.c.created_at, index.c.document), index, after)
    some = all_rows.order_by(index.c.created_at.desc(), index.c.row_id.desc()).limit(rows).subquery()
    hits = select(some.c.row_id).where(some.c.document.op("@@")(_tsquery(query)))
    in_order = hits.order_by(
        some.c.created_at.desc(), some.c.row_id.desc()
    )  # as they come: nothing is sorted
    return connection.scalars(in_order.limit(limit)).all()


def _from_gin(
    connection: Connection, kind: Kind, query: Query, after: int | None, limit: int
) -> Sequence[int]:
    index = _TABLES[kind]
    hits = select(index.c.row_id, index.c.created_at).where(_matches("postgresql", kind, query))
    found = _older_than(hits, index, after).cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    newest_hits = select(found.c.row_id).order_by(found.c.created_at.desc(), found.c.row_id.desc())
    return connection.scalars(newest_hits.limit(limit)).all()


def _older_than(rows: Select[Any], index: Any, after: int | None) -> Select[Any]:
    if after is None:
        return rows
    other = index.alias("here")
    here = select(other.c.created_at, other.c.row_id).where(other.c.row_id == after).scalar_subquery()
    return rows.where(tuple_(index.c.created_at, index.c.row_id) < here)


def _matches(dialect: str, kind: Kind, query: Query) -> ColumnElement[bool]:
    if dialect == "postgresql":
        return _TABLES[kind].c.document.op("@@")(_tsquery(query))
    spoken = select(func.group_concat(_LANGUAGES.c.language, " ")).scalar_subquery()
    sought = func.feedback_match(query.text, query.how, spoken)
    matches: ColumnElement[bool] = literal_column(INDEXED[kind].index).op("MATCH")(sought)
    return matches


def _tsquery(query: Query) -> ColumnElement[Any]:
    """The query in PostgreSQL's words; an empty one, which finds nothing, if it has none."""
    found = _term(query.wanted[0]) if query else func.feedback_match_exactly("", False)
    for term in query.wanted[1:]:
        found = func.tsquery_and(found, _term(term))
    for term in query.excluded if query else ():
        found = func.tsquery_and(found, func.tsquery_not(_term(term)))
    return found


def _term(term: Term) -> Any:
    words = " ".join(term.words)
    return (
        func.feedback_match(words)
        if term.has_forms
        else func.feedback_match_exactly(words, term.is_beginning)
    )


def purge(session: Session) -> None:
    """Let nothing remain, in SQLite's file, of words that are in no text any more. Call it outside of a transaction.

    What is deleted is not found from then on, but FTS5 keeps its words until it merges the segments that they are in.
    That is done here, in short transactions, so that answers can be stored meanwhile. PostgreSQL's vacuum does the same
    for its index as for the texts themselves.
    """
    if session.get_bind().dialect.name == "postgresql":
        return
    for name in INDEXES:
        pages = -PAGES_AT_ONCE  # less than none: begin a merge of all segments
        while True:
            with writing(session) as connection:
                before = connection.exec_driver_sql("SELECT total_changes()").scalar_one()
                connection.exec_driver_sql(f"INSERT INTO {name}({name}, rank) VALUES ('merge', {pages})")
                if connection.exec_driver_sql("SELECT total_changes()").scalar_one() - before < 2:
                    break  # as the manual of FTS5 says that it has nothing more to do
            pages = PAGES_AT_ONCE
