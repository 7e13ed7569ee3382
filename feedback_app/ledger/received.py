"""Events as they were received, newest first: also those that never reach the ledger."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select
from sqlalchemy.engine import Connection, Row

from feedback_app.invitations.models import Event, EventState, Source
from feedback_app.invitations.words import EVENT_STATES, Words
from feedback_app.ledger.cursor import Place
from feedback_app.ledger.pages import Order, Page, Rows, page_of

PAGE_SIZE = 50
NEWEST = Order(Event.received_at, Event.id)

LISTED = (EventState.RECEIVED, EventState.UNREADABLE)

ROWS: Rows = select(
    Event.id,
    Event.received_at,
    Event.state,
    Event.problem,
    Event.case_number,
    Event.deliveries,
    Event.facts["subject"].as_string().label("subject"),
    Source.name.label("source_name"),
).join(Source, Source.id == Event.source_id)


@dataclass(frozen=True)
class EventFilter:
    """What the list is narrowed to; an empty value narrows nothing."""

    state: str = ""
    source_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class EventLine:
    row: Row[Any]

    @property
    def place(self) -> Place:
        return Place(self.row.received_at, self.row.id)

    @property
    def state(self) -> Words:
        return EVENT_STATES[self.row.state]


def events_page(
    connection: Connection,
    wanted: EventFilter,
    *,
    after: Place | None = None,
    before: Place | None = None,
    size: int = PAGE_SIZE,
) -> Page[EventLine]:
    """The page of events that follows `after` or ends just above `before`; the first one without either."""
    rows = ROWS.where(*conditions(wanted))
    return page_of(connection, rows, NEWEST, EventLine, after=after, before=before, size=size)


def conditions(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.state in LISTED:
        yield Event.id.in_(listed(EventState(wanted.state)))
    elif wanted.state:
        yield Event.state == wanted.state
    if wanted.source_id is not None:
        yield Event.source_id == wanted.source_id
    if wanted.since is not None:
        yield Event.received_at >= wanted.since
    if wanted.until is not None:
        yield Event.received_at < wanted.until


def listed(state: EventState) -> Select[int]:
    """The ids of the events in this state, from the small index that lists just these (see `Event`).

    The state is written out, because a parameter would hide it from a partial index; and the order is that index's,
    because SQLite, which keeps no statistics, would otherwise walk through a larger one.
    """
    is_so = Event.state == bindparam("state", state.value, literal_execute=True, unique=True)
    return select(Event.id).where(is_so).order_by(Event.id)
