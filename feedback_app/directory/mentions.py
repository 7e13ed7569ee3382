"""Where rows that are not a person's own name them all the same: a mail that copies them, a rejected line of a file."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    LargeBinary,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
)

from feedback_app.db import Base, reading

# Texts that can hold anybody's address, by table. A test looks whether one is missing.
TEXTS: dict[str, tuple[str, ...]] = {
    "event": ("body", "headers", "facts", "problem", "delivery_id", "natural_key"),
    "mail_event": ("body", "facts", "problem", "dedupe_key"),
    "response": (
        "comment",
        "claimed_email",
        "properties",
        "tags",
        "additional_answers",
        "evidence",
        "external_id",
    ),
    "response_version": ("comment",),
    "note": ("text", "author_name"),
    "suppression": ("detail",),
    "invitation": ("reason", "context", "properties"),
    "reminder": ("reason",),
    "ledger_entry": ("reason",),
    "person": ("name", "properties", "external_id"),
    "account": ("name", "name_key", "properties", "external_id"),
    "plan_member": ("properties",),
    "people_list": ("name",),
    "saved_filter": ("name", "filter"),
    "campaign": ("name", "audience"),
    "import_run": ("file_name", "columns", "mapping", "options", "problem"),
    "import_chunk": ("data",),
    "import_reject": ("reason", "cells"),
    "webhook_delivery": ("payload", "answers"),
    "happening": ("detail",),
    "audit_entry": ("detail",),
    "workspace_fact": ("value",),
    "theme": ("name", "name_key", "patterns"),
    "idempotent_answer": ("idempotency_key", "body"),
}
# A name does not begin or end in the middle of another one; but what is escaped (\n, %3D) may stand before it.
_BEGINS = r"(?:(?<![A-Za-z0-9._+-])|(?<=\\[nrt])|(?<=%[0-9A-Fa-f]{2}))"
_PLAIN = re.compile(r"[a-z0-9.-]+")
_ENDS = r"(?![A-Za-z0-9-]|\.[A-Za-z0-9])"
DROPPED = ("idempotent_answer",)  # what a program was answered is not changed, but forgotten


@dataclass(frozen=True)
class Mentions:
    """What a person goes by: their number with us, and their address and phone number as texts may have them."""

    person_id: int
    names: tuple[str, ...]

    @cached_property
    def spellings(self) -> tuple[str, ...]:
        """The names in lower case as they are, as JSON and forms write them, and as bytes read one by one."""
        found = [
            lower(spelled)
            for name in (*self.names, *(name.encode().decode("latin-1") for name in self.names))
            for spelled in (name, json.dumps(name)[1:-1], quote(name, safe=""), quote(name, safe="+"))
            for lower in (str.lower, _lower_ascii)
        ]
        return tuple(dict.fromkeys(found))

    @cached_property
    def patterns(self) -> list[str]:
        """For LIKE: what every spelling of a name has, the longest plain pieces before and behind the @."""
        sides = [[_PLAIN.findall(side.lower()) for side in name.split("@")] for name in self.names]
        pieces = [[max(runs, key=len) for runs in found if runs] for found in sides]
        return list(dict.fromkeys("%" + "%".join(some) + "%" for some in pieces if some))

    @property
    def black(self) -> str:
        """What stands in place of a name; unlike for everybody, as some texts must stay unlike."""
        return f"[erased {self.person_id}]"

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Finds every spelling in whatever letter case, but not within a longer address or number of somebody else."""
        any_spelling = "|".join(re.escape(one) for one in self.spellings)
        return re.compile(f"{_BEGINS}(?:{any_spelling}){_ENDS}", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """One row that names the person: where it is, and the texts that may."""

    table: Table
    is_row: tuple[ColumnElement[bool], ...]
    columns: tuple[Column[Any], ...]

    @property
    def is_dropped(self) -> bool:
        return self.table.name in DROPPED


def mentions_of(found: Mentions) -> Iterator[Place]:
    """Every row that names the person in one of its texts. Reads whole tables, each once, and locks nothing.

    The database finds what may be one by LIKE; whether it is one is decided here.
    """
    if not found.names:
        return
    with reading() as connection:
        for name, texts in TEXTS.items():
            table = Base.metadata.tables[name]
            columns = tuple(table.c[text] for text in texts)
            keys = len(table.primary_key)
            for row in connection.execute(_naming(connection, table, columns, found)):
                values = row[keys:]
                if name in DROPPED or any(blacked_out(value, found) != value for value in values):
                    is_row = tuple(
                        column == value for column, value in zip(table.primary_key, row, strict=False)
                    )
                    yield Place(table, is_row, columns)


def blacked_out(value: Any, found: Mentions) -> Any:
    """The value without the person's names, of the same kind as it was."""
    if isinstance(value, bytes):
        text = value.decode(
            "latin-1"
        )  # one character a byte: what is not ours stays as it is, and where it is
        return re.sub(found.pattern, lambda name: "*" * len(name[0]), text).encode("latin-1")
    if isinstance(value, str):
        return found.pattern.sub(found.black, value)
    if isinstance(value, list):
        return [blacked_out(item, found) for item in value]
    if isinstance(value, dict):
        return {blacked_out(name, found): blacked_out(item, found) for name, item in value.items()}
    return value


def fitting(column: Column[Any], value: Any) -> Any:
    """The value, no longer than the column holds."""
    longest = getattr(column.type, "length", None)
    return value[:longest] if isinstance(value, str) and longest else value


def _naming(connection: Connection, table: Table, columns: Sequence[Column[Any]], found: Mentions) -> Any:
    """The rows that may name the person: one look at each text for what all spellings of a name have in common."""
    texts = [_as_text(connection, column) for column in columns]
    tests: list[ColumnElement[bool]] = [text.like(pattern) for text in texts for pattern in found.patterns]
    if table.name in DROPPED:
        body = _as_text(connection, table.c.body)
        tests += [
            body.contains(f'"person":{blank}"{found.person_id}"', autoescape=True) for blank in ("", " ")
        ]
    return select(*table.primary_key, *columns).where(or_(*tests))


def _lower_ascii(text: str) -> str:
    """As a database without a language lowers it."""
    return re.sub("[A-Z]+", lambda letters: letters[0].lower(), text)


def _as_text(connection: Connection, column: Column[Any]) -> ColumnElement[str]:
    """The column as LIKE compares it without regard to letter case; of bytes, what is ASCII in them."""
    if connection.dialect.name != "postgresql":
        return cast(column, Text)  # SQLite's LIKE knows no letter case
    if isinstance(column.type, LargeBinary):
        return func.lower(func.encode(column, "escape"))
    return func.lower(cast(column, Text))
