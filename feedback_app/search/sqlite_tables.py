"""The index of an SQLite database: FTS5 tables, and triggers that keep them true whoever writes.

A row's number in the index is its moment in seconds, 31 bits further left, plus its id: FTS5 finds by that number in
order, so the newest fifty of half a million are read without sorting any. Deleting needs no old text.
"""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from collections.abc import Iterator

from feedback_app.search.kinds import INDEXED, LANGUAGE, LANGUAGES_SEEN, Indexed, Kind

ID_BITS = 31
ID_MASK = (1 << ID_BITS) - 1
FURTHEST_SECOND = 1 << 32  # in 2106; what is later, or as far before 1970, is put there


def place(row: str) -> str:
    """The number that a row has in the index."""
    seconds = f"CAST(strftime('%s', {row}.created_at) AS INTEGER)"
    within = f"max(min(coalesce({seconds}, 0), {FURTHEST_SECOND - 1}), -{FURTHEST_SECOND})"
    return f"(({within}) * {1 << ID_BITS} + {row}.id)"


def create_tables() -> Iterator[str]:
    yield f"CREATE TABLE {LANGUAGES_SEEN} (language VARCHAR(20) NOT NULL PRIMARY KEY)"
    for it in INDEXED.values():
        yield f"CREATE VIRTUAL TABLE {it.index} USING fts5(words, stems, tokenize='ascii')"


def drop_tables() -> Iterator[str]:
    for it in INDEXED.values():
        yield f"DROP TABLE {it.index}"
    yield f"DROP TABLE {LANGUAGES_SEEN}"


def fill(it: Indexed) -> Iterator[str]:
    """Index every row; in order, or FTS5 would write each by itself."""
    yield f"DELETE FROM {it.index}"
    yield _add(it, it.table, f"{it.table} WHERE {it.is_indexed(it.table)} ORDER BY 1")
    spoken = it.language.format(row=it.table)
    yield _know(f"SELECT DISTINCT {spoken} AS language FROM {it.table} WHERE {it.is_indexed(it.table)}")


def triggers() -> dict[str, str]:
    """The statements that make the triggers, by name. A migration that rebuilds a table takes its triggers along."""
    made: dict[str, str] = {}
    for it in INDEXED.values():
        take_out = f"DELETE FROM {it.index} WHERE rowid = {place('OLD')};"
        put_in = f"{_add(it, 'NEW', '(SELECT 1) WHERE ' + it.is_indexed('NEW'))}; {_know_of(it, 'NEW')};"
        made |= {
            f"{it.index}_insert": f"AFTER INSERT ON {it.table} WHEN {it.is_indexed('NEW')} BEGIN {put_in} END",
            f"{it.index}_delete": f"AFTER DELETE ON {it.table} BEGIN {take_out} END",
            f"{it.index}_update": (
                f"AFTER UPDATE OF {', '.join(it.watched)} ON {it.table} WHEN {_differs(it)} "
                f"BEGIN {take_out} {put_in} END"
            ),
        }
    made["note_search_language"] = _follow_language(INDEXED[Kind.NOTE])
    return {name: f"CREATE TRIGGER {name} {body}" for name, body in made.items()}


def _follow_language(notes: Indexed) -> str:
    """The notes on a comment are read in its language, so they change with it."""
    old, new = LANGUAGE.format(row="OLD"), LANGUAGE.format(row="NEW")
    of_row = "note WHERE response_id = NEW.id"
    return (
        f"AFTER UPDATE OF comment_language, locale ON response WHEN {old} IS NOT {new} BEGIN "
        f"DELETE FROM {notes.index} WHERE rowid IN (SELECT {place('note')} FROM {of_row}); "
        f"{_add(notes, 'note', of_row)}; END"
    )


def _add(it: Indexed, row: str, source: str) -> str:
    text, language = it.text.format(row=row), it.language.format(row=row)
    return (
        f"INSERT INTO {it.index}(rowid, words, stems) "
        f"SELECT {place(row)}, feedback_words({text}), feedback_stems({text}, {language}) FROM {source}"
    )


def _know_of(it: Indexed, row: str) -> str:
    return _know(f"SELECT {it.language.format(row=row)} AS language")


def _know(languages: str) -> str:
    """Note that the index holds stems of these languages."""
    return (
        f"INSERT INTO {LANGUAGES_SEEN}(language) SELECT language FROM ({languages}) AS found "
        f"WHERE language <> '' AND language NOT IN (SELECT language FROM {LANGUAGES_SEEN})"
    )


def _differs(it: Indexed) -> str:
    """Whether the index is to hold something else of the row than before."""
    parts = [it.is_ready, it.text, "{row}.created_at", "{row}.id", it.language]
    differs = " OR ".join(f"{part.format(row='OLD')} IS NOT {part.format(row='NEW')}" for part in parts)
    return f"({it.is_indexed('OLD')} OR {it.is_indexed('NEW')}) AND ({differs})"
