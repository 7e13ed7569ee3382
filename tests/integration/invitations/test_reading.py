"""From stored events to invitations and the ledger: every event and trigger ends in exactly one entry."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from feedback_app.invitations.conditions import read_condition
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
    Trigger,
)
from feedback_app.invitations.reading import read_event
from feedback_app.invitations.receiving import receive_event
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.people.models import Person, SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import SurveyState
from feedback_app.workspace import keep_fact
from tests.factories import NOON, make_invitation, make_person, make_source, make_survey, make_trigger

BERLIN = ZoneInfo("Europe/Berlin")


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


def ledger(session: Session) -> list[tuple[int | None, int | None, str]]:
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
            read_event(db.session(), event_id, vault=vault_of(app), zone=BERLIN, now=NOON)

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


TAGS = ("vip", "spam")
SOMEBODY = st.sampled_from(
    [
        "dana@harrow.example",
        "DANA@harrow.example",
        "left@harrow.example",
        "gone@harrow.example",
        "nobody",
        None,
    ]
)
CASES = st.lists(
    st.tuples(SOMEBODY, st.integers(0, 10), st.integers(0, 2), st.sets(st.sampled_from(TAGS))), max_size=12
)
RULES = st.lists(
    st.tuples(
        st.integers(0, 2),  # its source
        st.sampled_from(
            [(), ("tag is vip",), ("tag is not spam", "auto_closed is no"), ("previous is answered",)]
        ),
        st.sampled_from([0, 60, 100]),
        st.sampled_from(["on", "on", "paused", "deleted"]),
        st.sampled_from([{}, {"reserves_turn": True}, {"state": SurveyState.CLOSED}, {"throttle_days": 0}]),
    ),
    max_size=5,
)


def triggers_of(session: Session, rules: list[Any], sources: list[Source]) -> list[Trigger]:
    made = []
    for which, written, sample, state, survey in rules:
        given: dict[str, Any] = {
            "conditions": [read_condition(one).to_json() for one in written],
            "sample_percent": sample,
            "active": state == "on",
            "deleted_at": NOON if state == "deleted" else None,
        }
        survey_id = make_survey(session, **survey).id
        made.append(make_trigger(session, source_id=sources[which].id, survey_id=survey_id, **given))
    return made


def matching(trigger: Trigger, tags: set[str]) -> bool:
    """By hand: nobody has ever answered, and no case is closed automatically."""
    held = {"vip": "vip" in tags, "spam": "spam" not in tags, "answered": False, "yes": True, "no": True}
    return trigger.active and all(held[one["values"][0]] for one in trigger.conditions)


@pytest.mark.only("sqlite")
@hypothesis_settings(max_examples=30)
@given(cases=CASES, rules=RULES)
def test_the_outcomes_always_add_up_to_events_and_triggers(
    app: Flask, session: Session, cases: list[Any], rules: list[Any]
) -> None:
    with transaction(session):
        for email, reason in (("left", SuppressionReason.UNSUBSCRIBED), ("gone", SuppressionReason.ERASED)):
            suppress(session, vault_of(app).address_hash(f"{email}@harrow.example"), reason, now=NOON)
    sources = [make_source(session) for _ in range(3)]
    made = triggers_of(session, rules, sources)
    events: dict[int, tuple[int, set[str]]] = {}
    for number, (email, days, which, tags) in enumerate(cases):
        at = NOON - timedelta(days=days)
        stored = happened(session, sources[which], number, email=email, at=at, tags=tuple(tags))
        events[stored] = which, tags
    read_events.run()
    expected: Counter[tuple[int, int | None]] = Counter()
    for event_id, (which, tags) in events.items():
        of_source = [one for one in made if one.source_id == sources[which].id and matching(one, tags)]
        expected.update((event_id, trigger.id) for trigger in of_source)
        if not of_source:
            expected[event_id, None] += 1
    entered = [entry for entry in ledger(session) if entry[0] in events]
    assert Counter((event, trigger) for event, trigger, _outcome in entered) == expected
    invited = {(event, trigger) for event, trigger, outcome in ledger(session) if outcome == Outcome.INVITED}
    invitations = session.execute(select(Invitation.event_id, Invitation.trigger_id)).all()
    assert invited == {tuple(row) for row in invitations}
    for event_id in events:
        assert read_event(session, event_id, vault=vault_of(app), zone=BERLIN, now=NOON) == []
    assert [entry for entry in ledger(session) if entry[0] in events] == entered


def test_people_without_a_clock_of_their_own_live_by_the_workspaces(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine o'clock on Monday in Berlin is eight in UTC."""
    in_berlin = replace(app.extensions["feedback_settings"], time_zone="Europe/Berlin")
    monkeypatch.setitem(app.extensions, "feedback_settings", in_berlin)
    source = make_source(session)
    make_trigger(session, source_id=source.id, window={"days": [0], "start": "09:00", "end": "17:00"})
    happened(session, source)
    read_events.run()
    assert session.scalar(select(Invitation.due_at)) == NOON + timedelta(days=2, hours=20)
