"""From stored events to invitations and the ledger: every event and trigger ends in exactly one entry."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.accounts.models import Account
from feedback_app.crypto import Vault
from feedback_app.db import db, transaction
from feedback_app.errors import DatabaseBusy
from feedback_app.invitations import jobs
from feedback_app.invitations.events import Agent, Contact, Delivery, EventKind, ParsedEvent
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import (
    Event,
    EventState,
    Invitation,
    InvitationState,
    LedgerEntry,
    Outcome,
    Source,
)
from feedback_app.invitations.reading import read_event
from feedback_app.invitations.services import receive_event
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import SurveyState
from feedback_app.workspace import keep_fact
from tests.factories import NOON, make_invitation, make_person, make_source, make_survey, make_trigger


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOON)


def happened(
    session: Session,
    source: Source,
    number: int = 1,
    *,
    at: datetime = NOON,
    email: str | None = "dana@harrow.example",
    **more: Any,
) -> int:
    """A case of that number was closed; return the event's id."""
    contact = Contact(email=email, **more.pop("contact", {}))
    event = ParsedEvent(EventKind.INTERACTION_CLOSED, str(number), at, contact=contact, **more)
    stored = receive_event(session, source.id, event, Delivery(None, b"{}"), now=NOON)
    assert stored is not None
    return stored


def ledger(session: Session) -> list[tuple[int, int | None, str]]:
    session.rollback()
    rows = session.execute(
        select(LedgerEntry.event_id, LedgerEntry.trigger_id, LedgerEntry.outcome).order_by(LedgerEntry.id)
    )
    return [(event, trigger, outcome) for event, trigger, outcome in rows]


def outcomes(session: Session) -> list[str]:
    return [outcome for _event, _trigger, outcome in ledger(session)]


def ruled(session: Session, **survey: Any) -> Source:
    """A source with one trigger for a survey like that."""
    source = make_source(session)
    make_trigger(session, source_id=source.id, survey_id=make_survey(session, **survey).id)
    return source


def vault_of(app: Flask) -> Vault:
    vault: Vault = app.extensions["feedback_vault"]
    return vault


def test_an_event_makes_person_account_and_invitation(session: Session) -> None:
    source = ruled(session)
    happened(
        session,
        source,
        subject="Wrong seat count",
        agent=Agent(name="Priya Raman", team="Billing"),
        channel="email",
        contact={"name": "Dana Whitfield", "company": "Harrow Finch GmbH", "locale": "de"},
    )
    read_events.run()
    [invitation] = session.scalars(select(Invitation))
    person = session.get_one(Person, invitation.person_id)
    assert (person.name, person.locale, session.get_one(Account, person.account_id).name) == (
        "Dana Whitfield",
        "de",
        "Harrow Finch GmbH",
    )
    assert (invitation.state, invitation.due_at) == (InvitationState.SCHEDULED, NOON + timedelta(days=1))
    assert invitation.expires_at == NOON + timedelta(days=4)
    assert invitation.context == {
        "interaction_id": "1",
        "topic": "Wrong seat count",
        "agent": "Priya Raman",
        "team": "Billing",
        "company": "Harrow Finch GmbH",
        "channel": "email",
    }
    [entry] = session.scalars(select(LedgerEntry))
    assert (entry.outcome, entry.invitation_id) == (Outcome.INVITED, invitation.id)
    event = session.get_one(Event, entry.event_id)
    assert (event.state, event.person_id) == (EventState.DONE, person.id)


def test_reading_again_changes_nothing(session: Session) -> None:
    event_id = happened(session, ruled(session))
    read_events.run()
    with transaction(session):
        session.execute(update(Event).values(state=EventState.DONE))
    read_events.run()
    assert ledger(session) == [(event_id, 1, Outcome.INVITED)]


def test_a_source_without_triggers_has_its_own_outcome(session: Session) -> None:
    source = make_source(session)
    make_trigger(session, source_id=source.id, active=False)
    event_id = happened(session, source)
    read_events.run()
    assert ledger(session) == [(event_id, None, Outcome.NO_TRIGGER)]


@pytest.mark.parametrize("email", [None, "", "dana", "dana@@harrow.example"])
def test_without_a_usable_address_nobody_is_made(email: str | None, session: Session) -> None:
    happened(session, ruled(session), email=email, contact={"company": "Harrow"})
    read_events.run()
    assert outcomes(session) == [Outcome.NO_ADDRESS]
    assert session.scalar(select(Person)) is None


def test_a_case_closed_eight_days_ago_is_stale(session: Session) -> None:
    happened(session, ruled(session), at=NOON - timedelta(days=8))
    read_events.run()
    assert outcomes(session) == [Outcome.STALE]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [(SurveyState.PAUSED, Outcome.SURVEY_PAUSED), (SurveyState.CLOSED, Outcome.SURVEY_CLOSED)],
)
def test_a_survey_that_does_not_ask_is_named(state: SurveyState, outcome: Outcome, session: Session) -> None:
    happened(session, ruled(session, state=state))
    read_events.run()
    assert outcomes(session) == [outcome]


def test_a_suppressed_address_gets_nothing_in_any_letter_case(app: Flask, session: Session) -> None:
    with transaction(session):
        known = vault_of(app).address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.UNSUBSCRIBED, now=NOON)
    happened(session, ruled(session), email="DANA@Harrow.example")
    read_events.run()
    assert outcomes(session) == [Outcome.UNSUBSCRIBED]


def test_unsubscribing_from_one_survey_leaves_the_others(app: Flask, session: Session) -> None:
    source, left, other = make_source(session), make_survey(session), make_survey(session)
    for survey in (left, other):
        make_trigger(session, source_id=source.id, survey_id=survey.id)
    with transaction(session):
        known = vault_of(app).address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.UNSUBSCRIBED, survey_id=left.id, now=NOON)
    happened(session, source)
    read_events.run()
    assert outcomes(session) == [Outcome.UNSUBSCRIBED, Outcome.INVITED]


def test_somebody_erased_is_not_brought_back(app: Flask, session: Session) -> None:
    with transaction(session):
        known = vault_of(app).address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.ERASED, now=NOON)
    event_id = happened(
        session, ruled(session), contact={"name": "Dana", "company": "Harrow"}, subject="Dana's invoice"
    )
    read_events.run()
    assert outcomes(session) == [Outcome.ERASED]
    assert session.scalar(select(Person)) is None
    event = session.get_one(Event, event_id)
    assert event.body == b""
    assert "dana" not in str(event.facts).lower()


def test_a_sample_of_nobody_invites_nobody(session: Session) -> None:
    source = make_source(session)
    make_trigger(session, source_id=source.id, sample_percent=0)
    happened(session, source)
    read_events.run()
    assert outcomes(session) == [Outcome.SAMPLED_OUT]


def test_a_second_case_within_the_throttle_is_told_with_its_reason(session: Session) -> None:
    source = ruled(session)
    for number in (1, 2):
        happened(session, source, number)
    read_events.run()
    assert outcomes(session) == [Outcome.INVITED, Outcome.THROTTLED]
    reason = session.scalar(select(LedgerEntry.reason).where(LedgerEntry.outcome == Outcome.THROTTLED))
    assert reason == "Not before 2026-12-21 12:00 UTC, because of invitation 1."


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (InvitationState.SENT, Outcome.THROTTLED),
        (InvitationState.ANSWERED, Outcome.THROTTLED),
        (InvitationState.UNCERTAIN, Outcome.THROTTLED),
        (InvitationState.BOUNCED, Outcome.INVITED),
        (InvitationState.CANCELLED, Outcome.INVITED),
        (InvitationState.FAILED, Outcome.INVITED),
        (InvitationState.EXPIRED, Outcome.INVITED),
    ],
)
def test_only_what_reached_the_person_throttles(
    state: InvitationState, expected: Outcome, session: Session
) -> None:
    survey, source = make_survey(session), make_source(session)
    make_trigger(session, source_id=source.id, survey_id=survey.id)
    dana = make_person(session, email="dana@harrow.example")
    make_invitation(session, survey_id=survey.id, person_id=dana.id, state=state)
    happened(session, source)
    read_events.run()
    assert outcomes(session) == [expected]


def test_the_cap_over_all_surveys_is_a_week_unless_the_workspace_says_otherwise(session: Session) -> None:
    source = make_source(session)
    for _ in range(2):
        make_trigger(session, source_id=source.id)
    happened(session, source)
    read_events.run()
    assert outcomes(session) == [Outcome.INVITED, Outcome.THROTTLED]
    with transaction(session):
        keep_fact(session, OVERALL_FACT, 0)
    happened(session, source, 2, email="ada@harrow.example")
    read_events.run()
    assert outcomes(session)[2:] == [Outcome.INVITED, Outcome.INVITED]


def test_a_poisoned_event_is_put_aside_and_holds_up_nobody(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = ruled(session)
    bad, good = happened(session, source, 1), happened(session, source, 2, email="ada@harrow.example")

    def choke(session: Session, event_id: int, **more: Any) -> list[datetime]:
        if event_id == bad:
            with transaction(session):
                session.execute(update(Event).where(Event.id == bad).values(person_id=999_999))
        return read_event(session, event_id, **more)

    monkeypatch.setattr(jobs, "read_event", choke)
    read_events.run()
    assert ledger(session) == [(good, 1, Outcome.INVITED)]
    event = session.get_one(Event, bad)
    assert (event.state, event.problem) == (
        EventState.UNREADABLE,
        "We could not act on it (IntegrityError).",
    )


def test_passing_trouble_puts_nothing_aside(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_args: object, **_more: object) -> None:
        raise DatabaseBusy

    happened(session, ruled(session))
    monkeypatch.setattr(jobs, "read_event", busy)
    with pytest.raises(DatabaseBusy):
        read_events.run()
    monkeypatch.undo()
    read_events.run()
    assert outcomes(session) == [Outcome.INVITED]


def test_twenty_cases_of_one_person_at_once_make_one_live_invitation(app: Flask, session: Session) -> None:
    source = ruled(session)
    address = "dana.whitfield@harrow.example"
    spellings = [address.upper(), address.title(), f" {address} ", address]
    events = [happened(session, source, number, email=spellings[number % 4]) for number in range(20)]

    def read(event_id: int) -> None:
        with app.app_context():
            read_event(db.session(), event_id, vault=vault_of(app), now=NOON)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(read, events))
    assert Counter(outcomes(session)) == {Outcome.INVITED: 1, Outcome.THROTTLED: 19}
    assert len(list(session.scalars(select(Person)))) == 1


def test_workers_that_read_the_same_events_make_each_once(app: Flask, session: Session) -> None:
    source = ruled(session)
    for number in range(40):
        happened(session, source, number, email=f"p{number}@harrow.example")

    def read(_worker: int) -> None:
        with app.app_context():
            read_events.run()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, range(4)))
    assert Counter(outcomes(session)) == {Outcome.INVITED: 40}


def test_an_invitation_that_is_due_soon_wakes_a_sender(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    nudges: list[tuple[str, float]] = []
    monkeypatch.setattr(
        jobs, "nudge", lambda work, *, delay_seconds: nudges.append((work.name, delay_seconds))
    )
    source = make_source(session)
    make_trigger(session, source_id=source.id, delay_seconds=10)
    for number in range(3):
        happened(session, source, number, email=f"p{number}@harrow.example")
    read_events.run()
    assert nudges == [("send_due_invitations", 10)]


def condition(field: str, value: str, op: str = "is") -> dict[str, Any]:
    return {"field": field, "op": op, "values": [value]}


def entries(session: Session) -> list[LedgerEntry]:
    session.rollback()
    return list(session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)))


def test_only_the_triggers_whose_conditions_hold_have_an_entry(session: Session) -> None:
    source = make_source(session)
    make_trigger(session, source_id=source.id, conditions=[condition("tag", "gold")])
    vip = make_trigger(session, source_id=source.id, conditions=[condition("tag", "vip")])
    event_id = happened(session, source, tags=("vip",))
    read_events.run()
    assert ledger(session) == [(event_id, vip.id, Outcome.INVITED)]


def test_an_event_that_none_matched_says_why_trigger_by_trigger(session: Session) -> None:
    source = make_source(session)
    of_source: dict[str, Any] = {"source_id": source.id}
    make_trigger(session, **of_source, name="Support closed", conditions=[condition("tag", "vip")])
    make_trigger(session, **of_source, active=False)
    make_trigger(session, **of_source, name="Shipped", event_type="order_shipped")
    make_trigger(session, **of_source, name="Deleted", deleted_at=NOON)
    event_id = happened(session, source)
    read_events.run()
    [entry] = entries(session)
    dana = session.scalars(select(Person)).one()
    assert (entry.event_id, entry.trigger_id, entry.outcome) == (event_id, None, Outcome.NO_TRIGGER)
    assert entry.person_id == dana.id
    assert entry.reason == (
        "Support closed: the tag is not vip. Trigger 2: it is paused. "
        "Shipped: it asks after order_shipped, this is interaction_closed."
    )


def test_reasons_of_many_triggers_are_cut_to_what_the_ledger_keeps(session: Session) -> None:
    source = make_source(session)
    for number in range(5):
        make_trigger(session, source_id=source.id, active=False, name=f"{number} {'x' * 100}")
    happened(session, source)
    read_events.run()
    assert [len(entry.reason) for entry in entries(session)] == [300]


def test_a_trigger_chooses_events_of_its_type(session: Session) -> None:
    source = make_source(session)
    shipped = make_trigger(session, source_id=source.id, event_type="order_shipped")
    event = ParsedEvent(
        EventKind.CUSTOM, "7", NOON, contact=Contact(email="dana@harrow.example"), type="Order_Shipped"
    )
    event_id = receive_event(session, source.id, event, Delivery(None, b"{}"), now=NOON)
    read_events.run()
    assert ledger(session) == [(event_id, shipped.id, Outcome.INVITED)]


def test_the_last_invitation_of_the_survey_can_be_a_condition(session: Session) -> None:
    survey, source = make_survey(session, throttle_days=0), make_source(session)
    for previous in ("never_asked", "answered", "unanswered"):
        conditions = [condition("previous", previous)]
        make_trigger(session, source_id=source.id, survey_id=survey.id, name=previous, conditions=conditions)
    people = [make_person(session, email=f"p{number}@harrow.example") for number in range(3)]
    for person, answered_at in zip(people[1:], (NOON, None), strict=True):
        make_invitation(
            session,
            survey_id=survey.id,
            person_id=person.id,
            sent_at=NOON - timedelta(days=40),
            answered_at=answered_at,
        )
    for number in range(3):
        happened(session, source, number, email=f"p{number}@harrow.example")
    read_events.run()
    assert [(entry.person_id, entry.trigger_id) for entry in entries(session)] == [
        (people[number].id, number + 1) for number in range(3)
    ]


def test_every_entry_names_its_person(session: Session) -> None:
    source = ruled(session)
    for number in (1, 2):
        happened(session, source, number)
    happened(session, source, 3, email=None)
    read_events.run()
    dana = session.scalars(select(Person)).one()
    assert [entry.person_id for entry in entries(session)] == [dana.id, dana.id, None]


def test_mail_waits_for_the_hours_of_the_trigger_where_the_person_is(session: Session) -> None:
    """A Friday's noon plus a day is Saturday; Monday at nine in New York is two in the afternoon in UTC."""
    source = make_source(session)
    window = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
    make_trigger(session, source_id=source.id, window=window)
    happened(session, source, contact={"time_zone": "America/New_York"})
    read_events.run()
    [invitation] = session.scalars(select(Invitation))
    assert invitation.due_at == NOON + timedelta(days=3, hours=2)
    assert invitation.expires_at == invitation.due_at + timedelta(days=3)
    assert invitation.window == window


def test_what_was_read_late_is_sent_at_once_and_not_past_its_time(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened(session, ruled(session))
    late = NOON + timedelta(days=5)
    monkeypatch.setattr(clock, "now", lambda: late)
    read_events.run()
    [invitation] = session.scalars(select(Invitation))
    assert (invitation.due_at, invitation.expires_at) == (late, late + timedelta(days=3))


def test_what_was_read_much_too_late_is_stale(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    happened(session, ruled(session))
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=7, seconds=1))
    read_events.run()
    assert outcomes(session) == [Outcome.STALE]


def test_why_the_address_is_missing_is_told_as_the_helpdesk_says_it(session: Session) -> None:
    happened(session, ruled(session), email=None, reason="The customer has no e-mail address.")
    read_events.run()
    assert [entry.reason for entry in entries(session)] == ["The customer has no e-mail address."]


SOMEBODY = st.sampled_from(
    ["dana@harrow.example", "DANA@harrow.example", "ada@harrow.example", "nobody", None]
)
CASES = st.lists(st.tuples(SOMEBODY, st.integers(0, 10), st.integers(0, 2)), max_size=15)


@pytest.mark.only("sqlite")
@hypothesis_settings(max_examples=25)
@given(cases=CASES)
def test_the_outcomes_always_add_up_to_events_and_triggers(
    app: Flask, session: Session, cases: list[tuple[str | None, int, int]]
) -> None:
    sources = [make_source(session) for _ in range(3)]  # with no, one and two triggers
    made = [make_trigger(session, source_id=sources[n].id, sample_percent=60) for n in (1, 2, 2)]
    events = {
        happened(session, sources[which], number, email=email, at=NOON - timedelta(days=days)): which
        for number, (email, days, which) in enumerate(cases)
    }
    read_events.run()
    expected = Counter()
    for event_id, which in events.items():
        of_source = [trigger.id for trigger in made if trigger.source_id == sources[which].id]
        expected.update((event_id, trigger_id) for trigger_id in of_source or [None])
    found = Counter((event, trigger) for event, trigger, _outcome in ledger(session) if event in events)
    assert found == expected
    invited = {entry for entry in ledger(session) if entry[2] == Outcome.INVITED}
    invitations = session.execute(select(Invitation.event_id, Invitation.trigger_id)).all()
    assert {(event, trigger) for event, trigger, _ in invited} == {tuple(row) for row in invitations}
