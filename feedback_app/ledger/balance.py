"""The sums of the ledger: events by what was done with them, entries by outcome, invitations by state.

Each block of sums is one statement and thus one snapshot, so a ledger that is being written to never looks uneven.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.engine import Connection
from sqlalchemy.orm import InstrumentedAttribute

from feedback_app.invitations.models import Event, EventState, Invitation, LedgerEntry, Outcome
from feedback_app.invitations.words import EVENT_STATES, OUTCOMES, STATES
from feedback_app.ledger.queries import OF_NO_TRIGGER

_HAS_ENTRY = select(LedgerEntry.id).where(LedgerEntry.event_id == Event.id).correlate(Event).exists()
_EVENTS: Select[*tuple[Any, ...]] = select(Event.state, _HAS_ENTRY.label("has_entry"), func.count()).group_by(
    Event.state, "has_entry"
)
_HAS_INVITATION = LedgerEntry.invitation_id.is_not(None).label("has_invitation")
_ENTRIES: Select[*tuple[Any, ...]] = (
    select(LedgerEntry.trigger_id, LedgerEntry.outcome, _HAS_INVITATION, Invitation.state, func.count())
    .select_from(LedgerEntry)
    .outerjoin(Invitation, Invitation.id == LedgerEntry.invitation_id)
    .group_by(LedgerEntry.trigger_id, LedgerEntry.outcome, "has_invitation", Invitation.state)
)


@dataclass(frozen=True)
class Balance:
    """The sums of a period. `by_trigger` has the outcomes of each trigger; None stands for campaigns and plans."""

    received: int
    events: Counter[str]  # by state
    entries: int
    outcomes: Counter[str]
    invited: int
    states: Counter[str]  # of the invitations
    erased: int  # invitations that went with their person
    by_trigger: dict[int | None, Counter[str]]
    problems: tuple[str, ...]

    @property
    def is_even(self) -> bool:
        """Whether everything adds up: no event without its outcome, nobody asked without an entry."""
        return not self.problems


def balance(connection: Connection, since: datetime | None, until: datetime | None) -> Balance:
    """The sums of the events received, and of the entries written, from `since` on and before `until`."""
    events = connection.execute(_EVENTS.where(*within(Event.received_at, since, until))).all()
    entries = connection.execute(_ENTRIES.where(*within(LedgerEntry.at, since, until))).all()
    by_trigger: dict[int | None, Counter[str]] = {}
    for trigger_id, outcome, _, _, count in entries:
        if trigger_id is not None or outcome not in OF_NO_TRIGGER:
            by_trigger.setdefault(trigger_id, Counter())[outcome] += count
    invited = [row for row in entries if row.outcome == Outcome.INVITED]
    return Balance(
        received=sum(count for *_, count in events),
        events=counted((state, count) for state, _, count in events),
        entries=sum(count for *_, count in entries),
        outcomes=counted((outcome, count) for _, outcome, *_, count in entries),
        invited=sum(count for *_, count in invited),
        states=counted((state, count) for *_, state, count in invited if state is not None),
        erased=sum(count for *_, has_invitation, _, count in invited if not has_invitation),
        by_trigger=by_trigger,
        problems=(*problems_of_events(events), *problems_of_entries(entries)),
    )


def within(
    column: InstrumentedAttribute[Any], since: datetime | None, until: datetime | None
) -> Iterator[ColumnElement[bool]]:
    if since is not None:
        yield column >= since
    if until is not None:
        yield column < until


def counted(pairs: Iterator[tuple[str, int]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for key, count in pairs:
        found[key] += count
    return found


def problems_of_events(rows: Any) -> Iterator[str]:
    """What must not be: an event acted on without an outcome, one with an outcome that was not acted on."""
    for state, has_entry, count in rows:
        if state not in EVENT_STATES:
            yield f"Events in the unknown state {state!r}: {count}."
        elif state == EventState.DONE and not has_entry:
            yield f"Events that were acted on but have no outcome: {count}."
        elif state != EventState.DONE and has_entry:
            yield f"Events that have an outcome but are {EVENT_STATES[state].text.lower()}: {count}."


def problems_of_entries(rows: Any) -> Iterator[str]:
    """What must not be: an unknown outcome or state, an invitation behind an outcome that says nobody was asked."""
    for _, outcome, has_invitation, state, count in rows:
        if outcome not in OUTCOMES:
            yield f"Entries with the unknown outcome {outcome!r}: {count}."
        elif outcome != Outcome.INVITED and has_invitation:
            yield f"Entries that say {OUTCOMES[outcome].text.lower()} but have an invitation: {count}."
        elif has_invitation and state not in STATES:
            yield f"Invitations in the unknown state {state!r}: {count}."
