"""Writing: one line of writers, transactions that hold, times in UTC."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from feedback_app.db import db, is_passing, reading, transaction
from feedback_app.errors import DatabaseBusy
from feedback_app.workspace import WorkspaceFact, fact, keep_fact


def test_what_is_written_in_a_transaction_is_kept(session: Session) -> None:
    with transaction(session):
        keep_fact(session, "zone", "Europe/Berlin")
    with reading() as connection:
        assert connection.scalar(select(WorkspaceFact.value)) == "Europe/Berlin"


def test_a_transaction_that_fails_leaves_nothing(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), transaction(session):
        keep_fact(session, "zone", "Europe/Berlin")
        session.flush()
        raise ZeroDivisionError
    assert fact(session, "zone") is None


def test_changes_made_outside_of_a_transaction_are_refused(session: Session) -> None:
    session.add(WorkspaceFact(name="stray", value=1))
    with pytest.raises(RuntimeError, match="outside"), transaction(session):
        pass


def test_many_threads_write_without_losing_a_turn(app: Flask, session: Session) -> None:
    with transaction(session):
        keep_fact(session, "count", 0)

    def add_five() -> None:
        with app.app_context():
            for _ in range(5):
                with transaction(db.session()):
                    row = db.session.execute(
                        select(WorkspaceFact).where(WorkspaceFact.name == "count").with_for_update()
                    ).scalar_one()
                    row.value += 1

    threads = [threading.Thread(target=add_five) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    session.rollback()
    assert fact(session, "count") == 40


@pytest.mark.only("postgresql")
def test_a_fact_that_two_keep_for_the_first_time_at_once_is_kept(app: Flask, session: Session) -> None:
    def keep_later() -> None:
        with app.app_context(), transaction(db.session()):
            assert fact(db.session(), "zone") is None
            looked.set()
            keep_fact(db.session(), "zone", "Asia/Tokyo")

    looked = threading.Event()
    with ThreadPoolExecutor() as pool:
        with transaction(session):
            keep_fact(session, "zone", "Europe/Berlin")
            later = pool.submit(keep_later)
            looked.wait(5)
        later.result(10)
    session.rollback()
    assert fact(session, "zone") == "Asia/Tokyo"


def test_a_fact_that_is_kept_anew_reads_anew_in_the_same_transaction(session: Session) -> None:
    with transaction(session):
        for zone in ("UTC", "Asia/Tokyo"):
            keep_fact(session, "zone", zone)
            assert fact(session, "zone") == zone


@pytest.mark.only("sqlite")
def test_a_database_locked_by_somebody_else_is_told_as_busy(session: Session, tmp_path: Path) -> None:
    session.execute(text("PRAGMA busy_timeout=50"))
    session.rollback()
    with sqlite3.connect(tmp_path / "feedback.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseBusy), transaction(session):
            keep_fact(session, "zone", "UTC")
        other.execute("ROLLBACK")
    other.close()
    assert fact(session, "zone") is None


@pytest.mark.only("sqlite")
def test_sqlite_is_set_up_to_keep_what_it_acknowledged(session: Session) -> None:
    pragmas = {
        name: session.scalar(text(f"PRAGMA {name}"))
        for name in ("journal_mode", "synchronous", "foreign_keys")
    }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_times_come_back_in_utc_and_a_naive_one_is_refused(session: Session) -> None:
    from feedback_app.staff.models import AuditEntry

    noon_in_berlin = datetime(2026, 11, 20, 13, tzinfo=timezone(timedelta(hours=1)))
    with transaction(session):
        session.add(AuditEntry(at=noon_in_berlin, action="test", subject_kind="none"))
    assert session.scalar(select(AuditEntry.at)) == datetime(2026, 11, 20, 12, tzinfo=UTC)
    with pytest.raises(Exception, match="no time zone"), transaction(session):
        session.add(AuditEntry(at=datetime(2026, 11, 20), action="test", subject_kind="none"))  # noqa: DTZ001


@pytest.mark.only("postgresql")
def test_a_connection_that_died_while_idle_is_replaced(
    session: Session, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feedback_app.db.PING_AFTER_SECONDS", 0)
    with reading() as connection:
        mine = connection.scalar(text("SELECT pg_backend_pid()"))
    with psycopg.connect(database.replace("+psycopg", ""), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [mine])
    with reading() as connection:
        assert connection.scalar(text("SELECT pg_backend_pid()")) != mine


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("", {}, psycopg.errors.DiskFull("could not extend file: No space left on device")),
        OperationalError("", {}, psycopg.errors.DeadlockDetected("deadlock detected")),
        OperationalError("", {}, psycopg.errors.AdminShutdown("terminating by order of the administrator")),
        OperationalError("", {}, psycopg.OperationalError("connection failed: refused")),
        OperationalError("", {}, sqlite3.OperationalError("database or disk is full")),
        PoolTimeout("QueuePool limit of size 8 reached"),
    ],
)
def test_trouble_that_passes_is_known(error: Exception) -> None:
    assert is_passing(error)


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("", {}, psycopg.errors.UniqueViolation("connection_key is taken")),
        DataError("", {}, psycopg.DataError("the connection cannot take NUL")),
        OperationalError("", {}, sqlite3.OperationalError("no such table: survey")),
        ValueError("timeout"),
    ],
)
def test_trouble_that_stays_is_no_passing_one(error: Exception) -> None:
    assert not is_passing(error)
