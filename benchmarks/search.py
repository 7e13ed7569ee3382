"""Words among a million comments: a page of the newest hits, beside a bare query of the same database's own index."""

import random
import time
from bisect import bisect
from collections.abc import Callable, Iterator
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import Connection, TextClause, text

from benchmarks.databases import BOTH, POSTGRESQL
from benchmarks.place import Place
from benchmarks.report import Goal, Row, ratios, spread
from benchmarks.rows import add_responses
from feedback_app.db import db, reading, transaction
from feedback_app.reviews.finding import hits
from feedback_app.search import index, tables
from feedback_app.search.kinds import Kind
from feedback_app.search.query import Query

COMMENTS = 1_000_000
HITS = 50  # of a page
CALLS = 9  # of each query in a round
CHANGES = 300  # that are stored one by one with the triggers, and as many without
DICTIONARY = 20_000
NEAR_BARE = Goal("<=", 3, unit="x")
SYLLABLES = (
    "ba",
    "cor",
    "dem",
    "fil",
    "gan",
    "hol",
    "jis",
    "kem",
    "lur",
    "mon",
    "nep",
    "pra",
    "ros",
    "tir",
    "vu",
    "zel",
)

BARE = {
    "SQLite": (
        "CREATE VIRTUAL TABLE bare USING fts5(comment, content='response', content_rowid='id')",
        "INSERT INTO bare(bare) VALUES ('rebuild')",
    ),
    POSTGRESQL: (
        "CREATE TABLE bare AS SELECT id, to_tsvector('english', comment) AS document FROM response",
        "ALTER TABLE bare ADD PRIMARY KEY (id)",
        "CREATE INDEX ix_bare ON bare USING gin (document)",
        "CREATE TABLE bare_exact AS SELECT id, to_tsvector('simple', comment) AS document FROM response",
        "ALTER TABLE bare_exact ADD PRIMARY KEY (id)",
        "CREATE INDEX ix_bare_exact ON bare_exact USING gin (document)",
    ),
}
BARE_QUERY = {
    "SQLite": "SELECT rowid FROM bare WHERE bare MATCH :query ORDER BY rowid DESC LIMIT :n",
    POSTGRESQL: "SELECT id FROM bare WHERE document @@ to_tsquery('english', :query) ORDER BY id DESC LIMIT :n",
}
BARE_PHRASE = {  # which does not count other forms of its words
    "SQLite": BARE_QUERY["SQLite"],
    POSTGRESQL: "SELECT id FROM bare_exact WHERE document @@ to_tsquery('simple', :query) ORDER BY id DESC LIMIT :n",
}
SCAN = "SELECT id FROM response WHERE comment LIKE :query ORDER BY id DESC LIMIT :n"


class Language:
    """Made-up words, as unequal in how often they come as those of a language are."""

    def __init__(self) -> None:
        chance, made = random.Random(1), dict[str, None]()
        while len(made) < DICTIONARY:
            made["".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))] = None
        self.words = list(made)
        self._sums = list(accumulate(1 / (place + 2.7) for place in range(len(self.words))))

    def comment(self, chance: random.Random) -> str:
        """Four to thirty words, some with an ending."""
        return " ".join(self._word(chance) for _ in range(chance.randint(4, 30)))

    def _word(self, chance: random.Random) -> str:
        ending = chance.choice(("", "", "", "s", "ed", "ing"))
        return self.words[bisect(self._sums, chance.random() * self._sums[-1])] + ending


def measure(place: Place) -> Iterator[Row]:
    """Each kind of query on both databases, what the index costs to build and to keep, and how large it is."""
    language = Language()
    count = min(COMMENTS, place.rows * 100)
    for kind in BOTH:
        installation = place.install(kind, "search")
        with installation.app():
            drop_triggers(kind)
            with transaction(db.session()) as session:
                add_responses(session, count, comment=language.comment)
            yield from building(kind, count)
            with transaction(db.session()) as session:
                for statement in (*BARE[kind], "ANALYZE"):
                    session.connection().exec_driver_sql(statement)
            yield from queries(kind, count, language, place.rounds)
            yield changes(kind, language)
            yield purging(kind)


def drop_triggers(kind: str) -> None:
    """Let comments be written without indexing them."""
    on = " ON response" if kind == POSTGRESQL else ""
    with transaction(db.session()) as session:
        for name in ("comment_search_insert", "comment_search_update"):
            session.connection().exec_driver_sql(f"DROP TRIGGER {name}{on}")


def building(kind: str, count: int) -> Iterator[Row]:
    """What migration 0005 does with what is there."""
    before, begun = size(kind), time.perf_counter()
    with transaction(db.session()) as session:
        tables.rebuild(session.connection())
        tables.add_triggers(session.connection())
    took, grown = time.perf_counter() - begun, size(kind) - before
    yield Row(
        f"search: seconds to index {count:,} comments", kind, spread([took]), None, f"{grown / 1e6:.0f} MB"
    )


def size(kind: str) -> int:
    """Bytes of the database."""
    if kind == POSTGRESQL:
        with reading() as connection:
            return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    path = Path(str(db.engine.url.database))
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path.stat().st_size


def queries(kind: str, count: int, language: Language, rounds: int) -> Iterator[Row]:
    """Ours beside the bare query, and a scan for the rare word."""
    words = language.words
    asked = {
        "a rare word": (words[15_000], f'"{words[15_000]}"', words[15_000]),
        "a common word": (words[0], f'"{words[0]}"', words[0]),
        "two words": (
            f"{words[3]} {words[60]}",
            f'"{words[3]}" AND "{words[60]}"',
            f"{words[3]} & {words[60]}",
        ),
        "a phrase": (f'"{words[1]} {words[2]}"', f'"{words[1]} {words[2]}"', f"{words[1]} <-> {words[2]}"),
        "a beginning": (f"{words[500][:5]}*", f'"{words[500][:5]}" *', f"{words[500][:5]}:*"),
    }
    for what, (typed, fts5, tsquery) in asked.items():
        statement = (BARE_PHRASE if what == "a phrase" else BARE_QUERY)[kind]
        ours, bare = in_turn(
            partial(index.newest, kind=Kind.COMMENT, query=Query.read(typed), limit=HITS),
            partial(execute, text(statement), query=tsquery if kind == POSTGRESQL else fts5, n=HITS),
            rounds,
        )
        with reading() as connection:
            page = partial(hits, kind=Kind.COMMENT, typed=typed, sees_people=True, size=HITS)
            whole = median(timed(page, connection) for _ in range(CALLS))
            found = index.count(connection, Kind.COMMENT, Query.read(typed))
        times = (
            f"{spread(ours).middle:.2f} ms, bare {spread(bare).middle:.2f} ms, a page's rows {whole:.2f} ms"
        )
        detail = f"{times}; {found:,} hits" + ("" if found <= index.COUNTED else " or more")
        yield Row(f"search: {what} among {count:,}", kind, ratios(ours, bare), NEAR_BARE, detail)
    with reading() as connection:
        scan = timed(partial(execute, text(SCAN), query=f"%{words[15_000]}%", n=HITS), connection)
    yield Row("search: milliseconds of a LIKE scan for the rare word", kind, spread([scan]), None)


def in_turn(
    ours: Callable[[Connection], Any], bare: Callable[[Connection], Any], rounds: int
) -> tuple[list[float], list[float]]:
    """Milliseconds of both, the median of each round; the round before the first warms caches up."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        with reading() as connection:
            pairs = [(timed(ours, connection), timed(bare, connection)) for _ in range(CALLS)]
        if number:
            for side, of_side in enumerate(taken):
                of_side.append(median(pair[side] for pair in pairs))
    return taken


def execute(statement: TextClause, connection: Connection, **given: Any) -> list[Any]:
    """All rows of the statement."""
    return list(connection.execute(statement, given))


def timed(query: Callable[[Connection], Any], connection: Connection) -> float:
    begun = time.perf_counter()
    query(connection)
    return (time.perf_counter() - begun) * 1000


def changes(kind: str, language: Language) -> Row:
    """What keeping the index adds to the change of one comment that it holds."""
    kept = storing(language)
    drop_triggers(kind)
    bare = storing(language)
    with transaction(db.session()) as session:
        tables.add_triggers(session.connection())
    detail = f"{kept:.2f} ms with the index, {bare:.2f} ms without"
    return Row(
        "search: milliseconds added to changing an indexed comment", kind, spread([kept - bare]), None, detail
    )


def storing(language: Language) -> float:
    """Milliseconds of a transaction that changes one comment, the median of many."""
    newest, taken = text("UPDATE response SET comment = :said WHERE id = (SELECT max(id) FROM response)"), []
    for n in range(CHANGES):
        begun = time.perf_counter()
        with transaction(db.session()) as session:
            session.execute(newest, {"said": language.comment(random.Random(n))})
        taken.append((time.perf_counter() - begun) * 1000)
    return median(taken)


def purging(kind: str) -> Row:
    """What it takes to merge the words of deleted texts away."""
    begun = time.perf_counter()
    index.purge(db.session())
    return Row("search: seconds to purge the index", kind, spread([time.perf_counter() - begun]), None)
