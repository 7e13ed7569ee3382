"""Storing what helpdesks tell us, before anything is done about it; each thing once, however often it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.events import Contact, Delivery, EventKind, ParsedEvent
from feedback_app.invitations.models import Event, EventState, LedgerEntry, Outcome
from feedback_app.staff.services import record_audit

_TABLE: Table = Event.__table__  # type: ignore[assignment]
_C = _TABLE.c
_SAME_DELIVERY = (_C.source_id == bindparam("source")) & (_C.delivery_id == bindparam("delivery"))
_SAME_HAPPENING = (_C.source_id == bindparam("source")) & (_C.natural_key == bindparam("happening"))
# Through Core and built once: the ORM's INSERT would take a quarter of the time of accepting an event.
_ADD = {
    name: dialect.insert(_TABLE).on_conflict_do_nothing().returning(_C.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
# Counted by the database, so that fifty at once are fifty.
_COUNT_DELIVERY = update(_TABLE).where(_SAME_DELIVERY).values(deliveries=_C.deliveries + 1)
_COUNT_HAPPENING = update(_TABLE).where(_SAME_HAPPENING).values(deliveries=_C.deliveries + 1)
_FIRST = select(_C.id, _C.person_id, (func.length(_C.body) == 0).label("is_forgotten")).where(_SAME_HAPPENING)


def receive_event(
    session: Session,
    source_id: int,
    event: ParsedEvent | None,
    delivery: Delivery,
    *,
    problem: str = "",
    now: datetime,
) -> int | None:
    """Store one event durably; return its id, None if we have it already.

    An `event` of None is one that could not be read: it is kept with its `problem` for staff. Two unique indexes
    decide what we already have. The same delivery is counted; another delivery of the same happening is kept as an
    event of its own, with an entry in the ledger that says whose duplicate it is.
    """
    row = {
        "source_id": source_id,
        "delivery_id": delivery.delivery_id,
        "problem": problem[:300],
        "received_at": now,
        "body": delivery.body,
        "headers": dict(delivery.headers),
        **_understood(event),
    }
    if event is None:
        row["state"] = EventState.UNREADABLE
    with transaction(session):
        stored = _add(session, row)
        if stored is None:
            _have_it(session, row, event, now)
    return stored


def replay_event(
    session: Session,
    event_id: int,
    parsed: Sequence[ParsedEvent],
    *,
    user_id: int | None = None,
    now: datetime,
) -> None:
    """Put what could not be read back in line, as it is understood now.

    Of several events in one body the others become rows of their own. Raises NotFound, or Invalid if it was read
    meanwhile or nothing was found in it.
    """
    if not parsed:
        raise Invalid("Nothing was found in this event, so it stays as it is.")
    with transaction(session):
        kept = session.execute(select(_TABLE).where(_C.id == event_id).with_for_update()).one_or_none()
        if kept is None:
            raise NotFound("There is no such event.")
        if kept.state != EventState.UNREADABLE:
            raise Invalid("This event was read meanwhile, so nothing was changed.")
        _become(session, kept, parsed[0], now)
        for number, event in enumerate(parsed[1:], start=2):
            _add_part(session, kept, number, event, now)
        record_audit(session, user_id, "event.read_again", "event", event_id, {}, now)


def _add(session: Session, row: Mapping[str, Any]) -> int | None:
    """Store an event; gives its id, None if one of the unique indexes knows it."""
    connection = session.connection()
    stored: int | None = connection.scalar(_ADD[connection.dialect.name], row)
    return stored


def _understood(event: ParsedEvent | None) -> dict[str, Any]:
    """The columns that say what we made of the message."""
    if event is None:
        return {"natural_key": None, "kind": None, "occurred_at": None, "facts": {}}
    is_ignored = event.kind is EventKind.IGNORED
    return {
        "state": EventState.IGNORED if is_ignored else EventState.RECEIVED,
        "natural_key": event.natural_key,
        "kind": str(event.kind),
        "occurred_at": event.occurred_at,
        "facts": event.facts(),
        "problem": event.reason[:300],
    }


def _have_it(session: Session, row: Mapping[str, Any], event: ParsedEvent | None, now: datetime) -> None:
    """Count the repeated delivery, or keep another delivery of what we have with its entry in the ledger."""
    at = {"source": row["source_id"], "delivery": row["delivery_id"], "happening": row["natural_key"]}
    if row["delivery_id"] is None:
        session.execute(_COUNT_HAPPENING, at)
        return
    counted: Any = session.execute(_COUNT_DELIVERY, at)
    if counted.rowcount or event is None:
        return
    first = session.execute(_FIRST, at).one()
    duplicate = {**row, **_duplicate_of(first, event)}
    if first.is_forgotten:
        duplicate["body"] = b""
    stored = _add(session, duplicate)
    if stored is None:  # the same delivery, a moment ago
        session.execute(_COUNT_DELIVERY, at)
    else:
        _note_duplicate(session, stored, first, now)


def _duplicate_of(first: Row[Any], event: ParsedEvent) -> dict[str, Any]:
    """The columns of an event that repeats another; what it says of somebody who was erased is left out."""
    told = replace(event, contact=Contact(), subject=None) if first.is_forgotten else event
    return {
        "state": EventState.DONE,
        "natural_key": None,
        "person_id": first.person_id,
        "facts": told.facts(),
    }


def _note_duplicate(session: Session, event_id: int, first: Row[Any], now: datetime) -> None:
    entry = {
        "event_id": event_id,
        "person_id": first.person_id,
        "outcome": Outcome.DUPLICATE,
        "reason": f"Duplicate of event {first.id}.",
        "duplicate_of_id": first.id,
        "at": now,
    }
    session.execute(insert(LedgerEntry), entry)


def _become(session: Session, kept: Row[Any], event: ParsedEvent, now: datetime) -> None:
    """Give the stored row what we make of it now; it may turn out to repeat another."""
    becoming = update(_TABLE).where(_C.id == kept.id)
    try:
        with session.begin_nested():
            session.execute(becoming.values({**_understood(event), "problem": event.reason[:300]}))
    except IntegrityError:
        at = {"source": kept.source_id, "happening": event.natural_key}
        first = session.execute(_FIRST, at).one()
        values = {**_understood(event), "problem": "", **_duplicate_of(first, event)}
        session.execute(becoming.values(values))
        _note_duplicate(session, kept.id, first, now)


def _add_part(session: Session, kept: Row[Any], number: int, event: ParsedEvent, now: datetime) -> None:
    """One more event out of the same body, under a delivery id of its own."""
    row = {
        "source_id": kept.source_id,
        "delivery_id": f"{(kept.delivery_id or f'event {kept.id}')[:180]} part {number}",
        "received_at": kept.received_at,
        "body": kept.body,
        "headers": kept.headers,
        **_understood(event),
    }
    if _add(session, row) is None:
        _have_it(session, row, event, now)
