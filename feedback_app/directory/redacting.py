"""Personal data taken out of what customers and staff wrote, for good: in every table, in batches that may be stopped.

Who a row is about stays: people, the addresses that invitations went to, what a helpdesk says whose case it was. Each
batch is a transaction of its own; what is done is not found again, so whoever was stopped begins anew and goes on.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, delete, func, null, select, update
from sqlalchemy.orm import Session

from feedback_app.db import Base, reading, transaction
from feedback_app.directory.mentions import DROPPED, fitting
from feedback_app.privacy.personal import Kind
from feedback_app.privacy.redactor import Redactor
from feedback_app.staff.services import record_audit

BATCH = 500
_MOMENTS = ("updated_at", "changed_at", "received_at", "created_at", "at")

_ENDED = ("finished", "failed", "cancelled")  # states of an import whose file nobody needs any more

Way = Callable[[Redactor, Any], Any]
Tally = Counter[tuple[str, Kind]]

WRITTEN, SENT = Redactor.written, Redactor.kept_apart
# Table -> column -> how its values are read. A test looks whether a text is neither here nor left on purpose.
PLACES: dict[str, dict[str, Way]] = {
    "response": {"comment": WRITTEN, "additional_answers": WRITTEN, "properties": SENT},
    "response_version": {"comment": WRITTEN},
    "note": {"text": WRITTEN},
    "webhook_delivery": {"payload": Redactor.message_text, "answers": WRITTEN},
    "happening": {"detail": SENT},
    "idempotent_answer": {"body": Redactor.message_bytes},
    "event": {"body": Redactor.body, "headers": SENT, "facts": SENT, "problem": WRITTEN},
    "mail_event": {"body": Redactor.plain, "facts": SENT, "problem": WRITTEN},
    "invitation": {"reason": WRITTEN, "context": SENT, "properties": SENT},
    "reminder": {"reason": WRITTEN},
    "ledger_entry": {"reason": WRITTEN},
    "suppression": {"detail": WRITTEN},
    "import_reject": {"reason": WRITTEN, "cells": SENT},
    "import_run": {"problem": WRITTEN},
    "audit_entry": {"detail": SENT},
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be taken out: which kinds, and of rows that are new or were changed since then."""

    kinds: tuple[Kind, ...] = tuple(Kind)
    since: datetime | None = None


def redact(
    session: Session,
    scope: Scope,
    *,
    user_id: int | None = None,
    now: datetime,
    advance: Callable[[int], None] = lambda _: None,
) -> Tally:
    """Replace what is found by placeholders; how many of which kind in which table.

    `advance` is told of rows that were read. One audit entry says what was done, also when it was stopped half way.
    """
    tally: Tally = Counter()
    try:
        for name in PLACES:
            for ids in _batches(name, scope, advance):
                tally += _redact_rows(session, name, ids, scope, now)
        _drop_files(session)
    finally:
        detail = {"kinds": [kind.value for kind in scope.kinds], "stretches": tally.total()}
        with transaction(session):
            record_audit(session, user_id, "comments.redacted", "workspace", None, detail, now)
    return tally


def look_for(scope: Scope, *, advance: Callable[[int], None] = lambda _: None) -> Tally:
    """What `redact` would replace; nothing is written."""
    tally: Tally = Counter()
    for name in PLACES:
        table = _table(name)
        for rows in _stretches(name, scope, advance):
            for row in rows:
                tally += _counted(name, _changes(table, row, scope)[1])
    return tally


def count_rows(scope: Scope) -> int:
    """How many rows are to be read."""
    with reading() as connection:
        counts = (select(func.count()).select_from(_rows(name, scope).subquery()) for name in PLACES)
        return sum(connection.scalar(count) or 0 for count in counts)


def waiting_files() -> int:
    """Files whose import has not ended: they stay as they are until it has."""
    runs, chunks = _table("import_run"), _table("import_chunk")
    asked = select(func.count()).where(runs.c.state.not_in(_ENDED), runs.c.id.in_(select(chunks.c.run_id)))
    with reading() as connection:
        return connection.scalar(asked) or 0


def _batches(name: str, scope: Scope, advance: Callable[[int], None]) -> Iterator[list[int]]:
    """The ids of rows in which something is found, a batch at a time; nothing is locked meanwhile."""
    table = _table(name)
    for rows in _stretches(name, scope, advance):
        found = [row.id for row in rows if _changes(table, row, scope)[0]]
        if found:
            yield found


def _stretches(name: str, scope: Scope, advance: Callable[[int], None]) -> Iterator[Sequence[Row[Any]]]:
    last = 0
    wanted, table = _rows(name, scope), _table(name)
    while True:
        with reading() as connection:
            rows = connection.execute(wanted.where(table.c.id > last).limit(BATCH)).all()
        if not rows:
            return
        yield rows
        advance(len(rows))
        last = rows[-1].id


def _redact_rows(session: Session, name: str, ids: Collection[int], scope: Scope, now: datetime) -> Tally:
    """Write the batch, as its rows are by now."""
    table = _table(name)
    tally: Tally = Counter()
    with transaction(session):
        locked = select(table.c.id).where(table.c.id.in_(ids)).order_by(table.c.id).with_for_update()
        session.execute(locked)
        for row in session.execute(_rows(name, Scope(scope.kinds)).where(table.c.id.in_(ids))).all():
            changed, counts = _changes(table, row, scope)
            if not changed:
                continue
            tally += _counted(name, counts)
            is_row = table.c.id == row.id
            if name in DROPPED:
                session.execute(delete(table).where(is_row))
                continue
            session.execute(update(table).where(is_row).values(changed | _consequences(name, changed, now)))
            if name == "response" and "comment" in changed:
                places = _table("response_theme")
                session.execute(update(places).where(places.c.response_id == row.id).values(spans=[]))
    return tally


def _changes(table: Table, row: Row[Any], scope: Scope) -> tuple[dict[str, Any], Counter[Kind]]:
    """The columns that change, with their new values, and what was found in them."""
    redactor = Redactor(scope.kinds, [name for name in (row.person_name, row.person_email) if name])
    changed = {}
    for name, way in PLACES[table.name].items():
        before = row._mapping[name]
        after = way(redactor, before) if before else before
        if after != before:
            changed[name] = fitting(table.c[name], after)
    return changed, redactor.counts


def _consequences(name: str, changed: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """A comment that is another one now is read again; what people said of it stays."""
    if name != "response":
        return {}
    read_again: dict[str, Any] = {
        "evidence": [],
        "tagged_at": None,
        "tag_attempts": 0,
        "tag_lease_until": None,
    }
    return {"updated_at": now} | (read_again if "comment" in changed else {})


def _rows(name: str, scope: Scope) -> Select[Any]:
    """Id, texts and whom they are about, of every row in the scope, by id."""
    table, people = _table(name), _table("person")
    columns = [table.c.id, *(table.c[column] for column in PLACES[name])]
    responses = _table("response").alias("answered")
    if "response_id" in table.c:
        about: Any = table.outerjoin(responses, responses.c.id == table.c.response_id)
        person_id: Any = responses.c.person_id
    else:
        about, person_id = table, table.c.get("person_id")
    if person_id is None:
        nobody = (null().label("person_name"), null().label("person_email"))
        rows = select(*columns, *nobody).select_from(about)
    else:
        who = (people.c.name.label("person_name"), people.c.email.label("person_email"))
        rows = select(*columns, *who).select_from(about.outerjoin(people, people.c.id == person_id))
    moment = next((table.c[one] for one in _MOMENTS if one in table.c), None)
    if scope.since is not None and moment is not None:
        rows = rows.where(moment >= scope.since)
    return rows.order_by(table.c.id)


def _drop_files(session: Session) -> None:
    """Delete what is left of files that were imported; what is in them is in the tables."""
    runs, chunks = _table("import_run"), _table("import_chunk")
    with reading() as connection:
        ended = select(runs.c.id).where(runs.c.state.in_(_ENDED), runs.c.id.in_(select(chunks.c.run_id)))
        found = connection.scalars(ended).all()
    for run_id in found:
        with transaction(session):
            session.execute(delete(chunks).where(chunks.c.run_id == run_id))


def _counted(name: str, counts: Counter[Kind]) -> Tally:
    return Counter({(name, kind): count for kind, count in counts.items()})


def _table(name: str) -> Table:
    return Base.metadata.tables[name]
