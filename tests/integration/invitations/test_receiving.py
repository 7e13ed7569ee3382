"""Storing events: each once, however often and under however many names it is delivered."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.db import db, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.events import Contact, Delivery, EventKind, ParsedEvent
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event, EventState, Invitation, LedgerEntry, Outcome
from feedback_app.invitations.receiving import receive_event, replay_event
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.services import suppress
from tests.factories import NOON, make_source, make_trigger

DANA = Contact(email="dana@harrow.example", name="Dana Whitfield")
CLOSED = ParsedEvent(EventKind.INTERACTION_CLOSED, "84213", NOON, contact=DANA, subject="Seats")
BODY = b'{"of": "dana"}'


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


@pytest.fixture
def source_id(session: Session) -> int:
    return make_trigger(session).source_id


def received(
    session: Session, source_id: int, delivery_id: str | None, event: ParsedEvent | None = CLOSED, **more: Any
) -> int | None:
    return receive_event(session, source_id, event, Delivery(delivery_id, BODY), now=NOON, **more)


def unreadable(session: Session, source_id: int, delivery_id: str | None = "d1") -> int:
    stored = received(session, source_id, delivery_id, None, problem="No idea.")
    assert stored is not None
    return stored


def events(session: Session) -> list[Event]:
    session.rollback()
    return list(session.scalars(select(Event).order_by(Event.id)))


def entries(session: Session) -> list[LedgerEntry]:
    return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def test_a_repeated_delivery_is_counted(session: Session, source_id: int) -> None:
    first = received(session, source_id, "d1")
    assert [received(session, source_id, "d1") for _ in range(3)] == [None] * 3
    [event] = events(session)
    assert (event.id, event.deliveries, event.state) == (first, 4, EventState.RECEIVED)


def test_without_a_delivery_id_the_same_happening_is_counted(session: Session, source_id: int) -> None:
    received(session, source_id, None)
    assert received(session, source_id, None) is None
    assert [event.deliveries for event in events(session)] == [2]
    assert entries(session) == []


def test_the_same_ids_at_another_source_are_another_event(session: Session, source_id: int) -> None:
    received(session, source_id, "d1")
    assert received(session, make_source(session).id, "d1") is not None


def test_what_could_not_be_read_is_counted_too(session: Session, source_id: int) -> None:
    unreadable(session, source_id)
    assert received(session, source_id, "d1", None, problem="No idea.") is None
    assert [(event.deliveries, event.problem) for event in events(session)] == [(2, "No idea.")]


def test_fifty_of_one_delivery_at_once_are_one_event_that_came_fifty_times(
    app: Flask, session: Session, source_id: int
) -> None:
    def receive(_number: int) -> int | None:
        with app.app_context():
            return received(db.session(), source_id, "d1")

    with ThreadPoolExecutor(8) as pool:
        stored = list(pool.map(receive, range(50)))
    assert stored.count(None) == 49
    assert [event.deliveries for event in events(session)] == [50]


def test_twenty_deliveries_of_one_closing_make_one_invitation_and_nineteen_duplicates(
    app: Flask, session: Session, source_id: int
) -> None:
    def receive(number: int) -> int | None:
        with app.app_context():
            return received(db.session(), source_id, f"d{number}")

    with ThreadPoolExecutor(8) as pool:
        stored = [event_id for event_id in pool.map(receive, range(20)) if event_id is not None]
    assert len(stored) == 1
    read_events.run()
    session.rollback()
    dana = session.scalars(select(Person)).one()
    assert session.scalar(select(func.count(Invitation.id))) == 1
    told = [entry for entry in entries(session) if entry.outcome == Outcome.DUPLICATE]
    assert len(told) == 19
    assert {(entry.reason, entry.duplicate_of_id, entry.person_id) for entry in told} == {
        (f"Duplicate of event {stored[0]}.", stored[0], dana.id)
    }
    assert {event.person_id for event in events(session)} == {dana.id}


def test_a_duplicate_that_comes_after_the_reading_names_the_person_too(
    session: Session, source_id: int
) -> None:
    received(session, source_id, "d1")
    read_events.run()
    assert [received(session, source_id, "d2") for _ in range(2)] == [None, None]
    _first, duplicate = events(session)
    dana = session.scalars(select(Person)).one()
    assert (duplicate.state, duplicate.person_id, duplicate.deliveries) == (EventState.DONE, dana.id, 2)
    assert (duplicate.natural_key, duplicate.body) == (None, BODY)
    assert [(entry.outcome, entry.person_id) for entry in entries(session)] == [
        (Outcome.INVITED, dana.id),
        (Outcome.DUPLICATE, dana.id),
    ]


def test_no_duplicate_remembers_somebody_who_was_erased(app: Flask, session: Session, source_id: int) -> None:
    """Whether it comes before the first one was read, or after."""
    with transaction(session):
        known = app.extensions["feedback_vault"].address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.ERASED, now=NOON)
    received(session, source_id, "d1")
    received(session, source_id, "d2")
    read_events.run()
    received(session, source_id, "d3")
    kept = events(session)
    assert [event.body for event in kept] == [b""] * 3
    assert "dana" not in str([event.facts for event in kept]).lower()


def test_another_kind_of_event_in_the_same_second_is_no_duplicate(session: Session, source_id: int) -> None:
    shipped = ParsedEvent(EventKind.CUSTOM, "84213", NOON, contact=DANA, type="order_shipped")
    assert received(session, source_id, "d1") is not None
    assert received(session, source_id, "d2", shipped) is not None
    assert received(session, source_id, "d3", shipped) is None


def test_what_can_be_read_after_a_fix_is_acted_on(session: Session, source_id: int) -> None:
    event_id = unreadable(session, source_id)
    replay_event(session, event_id, [CLOSED], now=NOON)
    [event] = events(session)
    assert (event.state, event.natural_key, event.problem) == (
        EventState.RECEIVED,
        "84213 2026-11-20T12:00:00Z",
        "",
    )
    read_events.run()
    assert [entry.outcome for entry in entries(session)] == [Outcome.INVITED]


def test_what_turns_out_to_be_nothing_for_us_says_so(session: Session, source_id: int) -> None:
    event_id = unreadable(session, source_id)
    ping = ParsedEvent(EventKind.IGNORED, "", None, reason="A ping.")
    replay_event(session, event_id, [ping], now=NOON)
    assert [(event.state, event.problem) for event in events(session)] == [(EventState.IGNORED, "A ping.")]


def test_what_turns_out_to_be_known_is_a_duplicate(session: Session, source_id: int) -> None:
    event_id = unreadable(session, source_id)
    first = received(session, source_id, "d2")
    replay_event(session, event_id, [CLOSED], now=NOON)
    assert [event.state for event in events(session)] == [EventState.DONE, EventState.RECEIVED]
    [entry] = entries(session)
    assert (entry.event_id, entry.outcome, entry.duplicate_of_id) == (event_id, Outcome.DUPLICATE, first)


def test_several_events_in_one_body_become_rows_of_their_own(session: Session, source_id: int) -> None:
    event_id = unreadable(session, source_id, None)
    other = ParsedEvent(EventKind.INTERACTION_CLOSED, "84214", NOON, contact=DANA)
    replay_event(session, event_id, [CLOSED, other, CLOSED], now=NOON)
    kept = events(session)
    assert [event.case_number for event in kept] == ["84213", "84214", "84213"]
    assert [event.state for event in kept] == [EventState.RECEIVED, EventState.RECEIVED, EventState.DONE]
    assert [entry.duplicate_of_id for entry in entries(session)] == [event_id]


def test_only_what_waits_to_be_read_can_be_read_again(session: Session, source_id: int) -> None:
    event_id = unreadable(session, source_id)
    with pytest.raises(Invalid, match="Nothing was found"):
        replay_event(session, event_id, [], now=NOON)
    replay_event(session, event_id, [CLOSED], now=NOON)
    with pytest.raises(Invalid, match="read meanwhile"):
        replay_event(session, event_id, [CLOSED], now=NOON)
    with pytest.raises(NotFound):
        replay_event(session, 999, [CLOSED], now=NOON)
    assert len(events(session)) == 1
