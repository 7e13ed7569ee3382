"""The database: its base class, its types, and the one way to write to it.

SQLite has one writer. Whoever writes waits in line *before* `BEGIN IMMEDIATE` (write_line.py). SQLite's own busy
handler polls and is unfair (p99 falls 9-17 times with the line in front of it); `busy_timeout` stays as the last
resort. PostgreSQL needs none of this.
"""

import math
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import DateTime, Dialect, Engine, MetaData, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from feedback_app.errors import DatabaseBusy
from feedback_app.search.functions import add_functions
from feedback_app.write_line import WriteLine

BUSY_SECONDS = 5
PING_AFTER_SECONDS = 5
LARGEST_ID = 2**31 - 1  # that a row can have; PostgreSQL refuses to look for more
POOL_SIZE = 8

# What passes by itself. PostgreSQL says it by the class of its SQLSTATE: connection lost, deadlock or serialization,
# full disk or too many connections, not now (locked, shutting down, starting), and a standby that was just promoted.
PASSING_STATES = ("08", "40", "53", "55P03", "57", "25006")
# SQLite, and PostgreSQL where there is no connection to say it over.
PASSING_SIGNS = (
    "locked",
    "busy",
    "disk is full",
    "disk i/o",
    "unable to open database",
    "connection",
    "shutting down",
    "too many clients",
    "timeout",
)

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


# Links and permalinks name rows: SQLite must not give an erased row's number to a new one.
NEVER_REUSED = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Base of every model; its constraints have names, so that a migration can drop them."""

    metadata = MetaData(naming_convention=NAMES)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses one that does not say its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """One write transaction: committed at the end, rolled back if anything is raised.

    What the session had read before is let go first, so that nothing stale is written back. Raises DatabaseBusy
    (503) when the database is locked for longer than BUSY_SECONDS; then nothing was stored.
    """
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("The session holds changes made outside of a transaction.")
    session.rollback()
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    with busy_is_503(), _turn(engine):
        session.connection(execution_options={"begin": "BEGIN IMMEDIATE"})
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def writing(session: Session) -> Iterator[Connection]:
    """One write transaction like `transaction`, on a plain connection: for the hot paths' Core statements."""
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("The session holds changes made outside of a transaction.")
    if session.in_transaction():
        session.rollback()  # it gives back its connection, and reads anew afterwards
    engine = session.get_bind()
    assert isinstance(engine, Engine)
    with busy_is_503(), _turn(engine), engine.connect() as connection:
        connection.execution_options(begin="BEGIN IMMEDIATE")
        with connection.begin():
            yield connection


@contextmanager
def reading() -> Iterator[Connection]:
    """A plain connection for the hot paths' single SELECTs: no transaction is begun, nothing is written."""
    engine = db.engine
    option = {"begin": ""} if engine.dialect.name == "sqlite" else {"isolation_level": "AUTOCOMMIT"}
    with busy_is_503(), engine.connect() as connection:
        yield connection.execution_options(**option)


@contextmanager
def busy_is_503() -> Iterator[None]:
    """Trouble that passes - a locked database, no free connection, a full disk - is told as such (503)."""
    try:
        yield
    except (PoolTimeout, DBAPIError) as error:
        if is_passing(error):
            raise DatabaseBusy from error
        raise


def insert_into(session: Session, model: type[Base]) -> Any:
    """An INSERT of the session's dialect, which can be told what to do on conflict."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


def is_passing(error: Exception) -> bool:
    """Whether the same statement may well work in a minute."""
    if isinstance(error, PoolTimeout):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    if state is not None:
        return str(state).startswith(PASSING_STATES)
    text = str(error.orig).lower()
    kinds = (OperationalError, InterfaceError)
    return isinstance(error, kinds) and any(sign in text for sign in PASSING_SIGNS)


def engine_options(url: str) -> dict[str, Any]:
    """What create_engine is told beside the URL."""
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "pool_timeout": BUSY_SECONDS,
        "hide_parameters": True,  # an error's text would carry addresses and comments into the log
    }
    if url.startswith("sqlite"):
        # Threads share the pool, and a connection may serve another thread than the one that opened it.
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    return options


def prepare_engine(engine: Engine, *, synchronous: str = "FULL") -> None:
    """Give an engine our rules; on SQLite the pragmas, explicit transactions and the line of writers."""
    if engine.dialect.name != "sqlite":
        ping_after_idling(engine)
        return
    path = Path(str(engine.url.database))
    line = WriteLine(path.with_name(path.name + ".write-lock"), seconds=BUSY_SECONDS)
    engine.dialect_write_line = line  # type: ignore[attr-defined]

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
            "secure_delete=ON",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        add_functions(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        statement = connection.get_execution_options().get("begin", "BEGIN")
        if not statement:
            return
        driver: Any = connection.connection.driver_connection
        try:
            driver.execute(statement)  # exec_driver_sql makes a context, a cursor and a result for it
        except sqlite3.OperationalError as error:
            raise OperationalError(statement, None, error) from error


def ping_after_idling(engine: Engine) -> None:
    """Ask a pooled connection whether it still lives, but only if nobody used it for a while.

    `pool_pre_ping` asks before each use, which costs a page as much as its own SELECT.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def ping(connection: Any, record: Any, _proxy: Any) -> None:
        if time.monotonic() - record.info.get("idle_since", math.inf) < PING_AFTER_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise DisconnectionError from error  # the pool opens another one


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    line: WriteLine | None = getattr(engine, "dialect_write_line", None)
    if line is None:
        yield
        return
    with line.turn():
        yield
