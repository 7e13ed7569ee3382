"""What must be remembered of whole files, on disk: whose id is whose, and which answers they hold.

An anonymous SQLite file that goes with the process: a million responses cost no memory.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

AT_ONCE = 500
_PEOPLE = "SELECT * FROM person WHERE ref IN (SELECT value FROM json_each(?))"


class Noted(NamedTuple):
    """An answer as the file has it. `why`: why it cannot be stored; `month` and `rating` are None if unreadable."""

    external_id: str
    month: str | None  # such as 2026-03
    rating: int | None
    why: str
    email_key: str


class Notebook:
    """Both tables; ids of people are Delighted's."""

    def __init__(self) -> None:
        self._disk = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._disk.execute(
            "CREATE TABLE person (ref TEXT PRIMARY KEY, email TEXT, phone_number TEXT, name TEXT)"
        )
        self._disk.execute(
            "CREATE TABLE answer (external_id TEXT PRIMARY KEY, month TEXT, rating INTEGER, why TEXT, email_key TEXT,"
            " times INTEGER DEFAULT 1)"
        )
        self._disk.execute("BEGIN")

    def close(self) -> None:
        self._disk.close()

    def note_person(self, ref: str, email: str, phone_number: str, name: str) -> None:
        self._disk.execute(
            "INSERT OR REPLACE INTO person VALUES (?, ?, ?, ?)", (ref, email, phone_number, name)
        )

    def note_answer(self, answer: Noted) -> None:
        """Of two with one id, the later one counts."""
        self._disk.execute(
            "INSERT INTO answer (external_id, month, rating, why, email_key) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (external_id) DO UPDATE SET month = excluded.month, rating = excluded.rating, "
            "why = excluded.why, email_key = excluded.email_key, times = times + 1",
            answer,
        )

    def people(self, refs: Collection[str]) -> dict[str, tuple[str, str, str]]:
        """Address, number and name of each of these ids that a file has."""
        found: dict[str, tuple[str, str, str]] = {}
        for some in in_parts(list(refs)):
            rows = self._disk.execute(_PEOPLE, (json.dumps(some),))
            found |= {ref: (email, number, name) for ref, email, number, name in rows}
        return found

    def answers(self) -> Iterator[list[Noted]]:
        """Every answer once, in parts."""
        rows = self._disk.execute("SELECT external_id, month, rating, why, email_key FROM answer")
        while part := rows.fetchmany(AT_ONCE):
            yield [Noted(*row) for row in part]

    def repeated(self) -> dict[str | None, int]:
        """By month, how many rows are a second time what another one says."""
        rows = self._disk.execute(
            "SELECT month, SUM(times - 1) FROM answer GROUP BY month HAVING SUM(times) > COUNT(*)"
        )
        return {month: int(count) for month, count in rows}


def in_parts(items: list[str]) -> Iterable[list[str]]:
    return (items[start : start + AT_ONCE] for start in range(0, len(items), AT_ONCE))
