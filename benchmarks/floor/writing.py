"""How the floor writes: in line on SQLite, plainly on PostgreSQL."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine


class WriteLine:
    """Writers wait in line before BEGIN IMMEDIATE on SQLite: SQLite's own waiting polls and is unfair."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._mutex = threading.Lock()
        self._file: int | None = None

    @contextmanager
    def turn(self) -> Iterator[Connection]:
        """A connection inside a write transaction, committed at the end."""
        if self._engine.dialect.name != "sqlite":
            with self._engine.begin() as connection:
                yield connection
            return
        with self._mutex, self._locked(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            yield connection
            connection.commit()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        if self._file is None:  # opened after the fork: a lock belongs to the open file
            self._file = os.open(f"{self._engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
