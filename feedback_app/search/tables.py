"""Making, filling and checking the index, the same calls for both databases."""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from collections.abc import Iterable
from types import ModuleType

from sqlalchemy import Connection

from feedback_app.search import postgresql_tables, sqlite_tables
from feedback_app.search.kinds import INDEXED, INDEXES, LANGUAGES_SEEN, Kind


def is_of_index(name: str) -> bool:
    """Whether the table belongs to the index: no model knows it, and FTS5 keeps several of its own for each."""
    return name == LANGUAGES_SEEN or name.startswith(INDEXES)


def create(connection: Connection) -> None:
    """Make the index for what is there, and keep it true from now on."""
    if connection.dialect.name == "postgresql":
        _run(connection, postgresql_tables.create_tables(_languages_of(connection)))
    else:
        _run(connection, sqlite_tables.create_tables())
    rebuild(connection)
    add_triggers(connection)


def drop(connection: Connection) -> None:
    """Take the index away with all that belongs to it."""
    if connection.dialect.name == "postgresql":
        _run(connection, postgresql_tables.drop_tables(_languages_of(connection)))
        return
    _run(connection, (f"DROP TRIGGER {name}" for name in _triggers_there(connection)))
    _run(connection, sqlite_tables.drop_tables())


def rebuild(connection: Connection) -> None:
    """Index everything anew, in the caller's transaction."""
    source = _tables_of(connection)
    connection.exec_driver_sql(f"DELETE FROM {LANGUAGES_SEEN}")
    for it in INDEXED.values():
        _run(connection, source.fill(it))


def add_triggers(connection: Connection) -> None:
    """Make those triggers that are not there. For a migration that rebuilds a table, which SQLite does at times."""
    there = _triggers_there(connection)
    wanted = _tables_of(connection).triggers()
    _run(connection, (statement for name, statement in wanted.items() if name not in there))


def missing_triggers(connection: Connection) -> list[str]:
    """The names of the triggers that are not there."""
    return sorted(set(_tables_of(connection).triggers()) - _triggers_there(connection))


def wanting(connection: Connection, kind: Kind) -> int:
    """How many rows the index lacks, or has too many, as a negative number; 0 if it is whole."""
    it = INDEXED[kind]
    rows = f"SELECT count(*) FROM {it.table} WHERE {it.is_indexed(it.table)}"
    # Of an FTS5 table itself, count(*) reads every text.
    kept = it.index if connection.dialect.name == "postgresql" else f"{it.index}_docsize"
    there = connection.exec_driver_sql(f"SELECT count(*) FROM {kept}").scalar_one()
    return int(connection.exec_driver_sql(rows).scalar_one()) - int(there)


def _triggers_there(connection: Connection) -> set[str]:
    if connection.dialect.name == "postgresql":
        asked = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    else:
        asked = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    names = connection.exec_driver_sql(asked).scalars()
    return set(names) & set(_tables_of(connection).triggers())


def _languages_of(connection: Connection) -> set[str]:
    return set(connection.exec_driver_sql("SELECT cfgname FROM pg_ts_config").scalars())


def _tables_of(connection: Connection) -> ModuleType:
    return postgresql_tables if connection.dialect.name == "postgresql" else sqlite_tables


def _run(connection: Connection, statements: Iterable[str]) -> None:
    sign = (
        "%%" if connection.dialect.name == "postgresql" else "%"
    )  # its driver looks for parameters behind it
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", sign))
