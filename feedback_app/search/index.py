"""Looking things up in the index: one set of functions for both databases.

`matching` gives a statement of ids for use inside another one. `newest` gives the ids of a page of hits, at a cost
that hardly depends on how many there are:

- SQLite's FTS5 reads them in the order of their place, which is their moment (see sqlite_tables.py).
- PostgreSQL's GIN gives all hits or none, so a word that half of the comments have would take as long as reading
  these; and left to itself, the planner takes words for independent of each other and may read a million rows in
  order to find two. So the newest rows are looked through first, as long as that promises a full page sooner; else
  the index is asked, in a statement of its own that the planner cannot turn round.
"""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    TextClause,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from feedback_app.db import writing
from feedback_app.search.kinds import INDEXED, INDEXES, LANGUAGES_SEEN, Kind
from feedback_app.search.query import Query, Term
from feedback_app.search.sqlite_tables import ID_MASK, place

COUNTED = 1_000  # hits; more are "more than 1,000"
PROBED = 100  # of the newest rows, to see how common the words are
COMMON = 100  # one row in so many has them: from there on, looking through the newest rows is faster than the index
PAGES_AT_ONCE = 500  # that a purge merges in one transaction

Shape = tuple[tuple[str, bool, bool, bool], ...]  # of a query: all but its words

_LANGUAGES = table(LANGUAGES_SEEN, column("language"))
_NAMES = ("rowid", "row_id", "created_at", "document")  # of either database's tables
_MATCH = "feedback_match(:text, :how, (SELECT group_concat(language, ' ') FROM search_language))"


def _on_sqlite(kind: Kind) -> tuple[TextClause, TextClause]:
    """The newest hits, and those older than one of them."""
    name, source = INDEXED[kind].index, INDEXED[kind].table
    hits = f"SELECT rowid & {ID_MASK} FROM {name} WHERE {name} MATCH {_MATCH}"
    older = f"{hits} AND rowid < (SELECT {place(source)} FROM {source} WHERE id = :after)"
    return text(f"{hits} ORDER BY rowid DESC LIMIT :limit"), text(f"{older} ORDER BY rowid DESC LIMIT :limit")


_ON_SQLITE = {
    kind: _on_sqlite(kind) for kind in Kind
}  # written once: building them costs more than running them
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
    if connection.dialect.name == "postgresql":
        has_phrase = any(len(term.words) > 1 for term in query.wanted)
        limits = {"probed": PROBED, "common": COMMON, "has_phrase": has_phrase}
        given = {"name": INDEXED[kind].index, "after": after, "wanted": limit, **limits, **_parameters(query)}
        return connection.scalars(_newest_on_postgresql(_shape(query)), given).all()
    asked = {"text": query.text, "how": query.how, "limit": limit}
    if after is None:
        return connection.scalars(_ON_SQLITE[kind][0], asked).all()
    return connection.scalars(_ON_SQLITE[kind][1], {**asked, "after": after}).all()


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


def _matches(dialect: str, kind: Kind, query: Query) -> ColumnElement[bool]:
    if dialect == "postgresql":
        sought = text(f"(SELECT {_tsquery(_shape(query))})").bindparams(
            **_parameters(query)
        )  # once, not for each row
        found: ColumnElement[bool] = _TABLES[kind].c.document.op("@@")(sought)
    else:
        spoken = select(func.group_concat(_LANGUAGES.c.language, " ")).scalar_subquery()
        asked = func.feedback_match(query.text, query.how, spoken)
        found = literal_column(INDEXED[kind].index).op("MATCH")(asked)
    return found


def _shape(query: Query) -> Shape:
    """What the statement depends on. The names of parameters differ with how a text is read: one may have both."""
    return tuple(
        (f"{query.how}_{n}", term.has_forms, term.is_beginning, term.is_excluded)
        for n, term in enumerate(_terms(query))
    )


def _parameters(query: Query) -> dict[str, str]:
    """The words of the terms."""
    return {f"{query.how}_{n}": " ".join(term.words) for n, term in enumerate(_terms(query))}


def _terms(query: Query) -> Sequence[Term]:
    """None, if there is nothing to find."""
    return (*query.wanted, *query.excluded) if query else ()


def _tsquery(shape: Shape) -> str:
    """The query in PostgreSQL's words; an empty one finds nothing."""
    found = [
        ("!!" if is_excluded else "")
        + (f"feedback_match(:{name})" if has_forms else f"feedback_match_exactly(:{name}, {is_beginning})")
        for name, has_forms, is_beginning, is_excluded in shape
    ]
    return " && ".join(found) or "feedback_match('')"


@lru_cache(maxsize=500)
def _newest_on_postgresql(shape: Shape) -> TextClause:
    """Written once for queries of the same shape: building it costs more than running it."""
    given = "CAST(:after AS integer), :wanted, :probed, :common, :has_phrase"
    return text(f"SELECT feedback_newest(:name, {_tsquery(shape)}, {given})")
