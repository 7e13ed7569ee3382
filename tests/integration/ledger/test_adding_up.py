"""The ledger adds up: any load through several triggers, whatever breaks off in between, and whatever comes later."""

import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.campaigns.models import Campaign
from feedback_app.db import db, transaction
from feedback_app.invitations import reading
from feedback_app.invitations.asking import Ask, ask
from feedback_app.invitations.events import Contact, Delivery, EventKind, ParsedEvent
from feedback_app.invitations.jobs import read_events, send_due_invitations
from feedback_app.invitations.models import (
    Event,
    EventState,
    Invitation,
    InvitationState,
    LedgerEntry,
    Trigger,
)
from feedback_app.invitations.receiving import receive_event
from feedback_app.ledger.balance import Balance, balance
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.queue import WorkQueue
from tests.factories import NOON, keep, make_person, make_source, make_survey, make_trigger
from tests.installation import Installation, wait_for

PEOPLE = 12
VIP = {"field": "tag", "op": "is", "values": ["vip"]}
UTC_ZONE = ZoneInfo("UTC")


class PowerCut(BaseException):
    """Ends a worker in the middle of what it does; no `except Exception` sees it."""


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is noon, and nobody is nudged: the tests run the jobs themselves."""
    monkeypatch.setattr(WorkQueue, "nudge", lambda *_given: None)
    monkeypatch.setattr(clock, "now", lambda: NOON)


def receive(
    session: Session, source_id: int, number: int, *, at: datetime = NOON, again: bool = False
) -> None:
    """Case `number` was closed: every third one is a VIP's, every seventh names no address, every fifth is old."""
    contact = Contact(email=None if number % 7 == 0 else f"person{number % PEOPLE}@customer.example")
    event = ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        f"case-{number}",
        at - timedelta(days=8) if number % 5 == 0 else at - timedelta(seconds=number),
        contact=contact,
        tags=("vip",) if number % 3 == 0 else (),
    )
    delivery = Delivery(f"{number}{'-again' if again else ''}", b"{}")
    receive_event(session, source_id, event, delivery, now=at)


def receive_mixture(session: Session, cases: int) -> list[Trigger]:
    """The cases at a source with three triggers (all, VIPs only, half of all), some delivered twice or unreadable."""
    source = make_source(session)
    triggers = [
        make_trigger(session, source_id=source.id),
        make_trigger(session, source_id=source.id, conditions=[VIP]),
        make_trigger(session, source_id=source.id, sample_percent=50),
    ]
    for number in range(cases):
        receive(session, source.id, number)
        if number % 4 == 0:
            receive(session, source.id, number, again=True)
    receive_event(session, source.id, None, Delivery("broken", b"{"), problem="Not JSON.", now=NOON)
    ping = ParsedEvent(EventKind.IGNORED, "case-0", NOON, reason="A ping.")
    receive_event(session, source.id, ping, Delivery("ping", b"{}"), now=NOON)
    return triggers


def sums(session: Session) -> Balance:
    session.rollback()
    return balance(session.connection(), None, None)


def entries_of_closings(session: Session) -> Counter[tuple[int, int | None]]:
    """How many entries each event and trigger has."""
    session.rollback()
    rows = session.execute(
        select(LedgerEntry.event_id, LedgerEntry.trigger_id).where(LedgerEntry.outcome != "duplicate")
    )
    return Counter((event_id, trigger_id) for event_id, trigger_id in rows)


def expected_pairs(session: Session, triggers: list[Trigger]) -> set[tuple[int, int | None]]:
    """Each closing with each trigger that matches it, worked out anew: the VIP trigger has every third case."""
    every, vip, half = (trigger.id for trigger in triggers)
    rows = session.execute(
        select(Event.id, Event.case_number).where(Event.natural_key.is_not(None)).order_by(Event.id)
    )
    found: set[tuple[int, int | None]] = set()
    for event_id, case in rows:
        found |= {(event_id, every), (event_id, half)}
        if int(case.removeprefix("case-")) % 3 == 0:
            found.add((event_id, vip))
    return found


def assert_adds_up(session: Session, triggers: list[Trigger], cases: int) -> Balance:
    """Every closing has one entry for each trigger that matched, every repeat one of its own, and the sums agree."""
    assert entries_of_closings(session) == Counter(dict.fromkeys(expected_pairs(session, triggers), 1))
    repeats = len(range(0, cases, 4))
    found = sums(session)
    assert found.problems == ()
    assert found.received == cases + repeats + 2
    assert found.events == {EventState.DONE: cases + repeats, EventState.IGNORED: 1, EventState.UNREADABLE: 1}
    vips = len(range(0, cases, 3))
    assert found.entries == 2 * cases + vips + repeats == found.outcomes.total()
    assert found.outcomes["duplicate"] == repeats
    assert found.invited == found.outcomes["invited"] == found.states.total()
    totals = {trigger.id: total for trigger, total in zip(triggers, (cases, vips, cases), strict=True)}
    assert {trigger_id: counts.total() for trigger_id, counts in found.by_trigger.items()} == totals
    return found


def test_a_mixed_load_through_three_triggers_adds_up(session: Session) -> None:
    triggers = receive_mixture(session, 42)
    read_events.run()
    found = assert_adds_up(session, triggers, 42)
    assert (
        found.outcomes["no_address"] == 14
    )  # cases 0, 7 ... 35: twice each, and 0 and 21 of them are a VIP's
    assert found.invited > 0
    assert found.states == {InvitationState.SCHEDULED: found.invited}


def cut(step: Callable[..., object], chance: random.Random) -> Callable[..., object]:
    """The step, before which the power fails now and then."""

    def risky(*args: object, **kwargs: object) -> object:
        if chance.random() < 0.1:
            raise PowerCut
        return step(*args, **kwargs)

    return risky


@pytest.mark.parametrize("seed", [1, 2])
def test_it_adds_up_after_power_cuts_in_the_middle_of_events(
    session: Session, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    triggers = receive_mixture(session, 28)
    with monkeypatch.context() as patched:
        chance = random.Random(seed)
        for step in ("recognise", "apply", "note", "finish"):
            patched.setattr(reading, step, cut(getattr(reading, step), chance))
        broken_off = 0
        for _ in range(1_000):
            try:
                read_events.run()
                break
            except PowerCut:
                broken_off += 1
                assert sums(session).problems == ()  # nor is it uneven in between
    assert broken_off >= 5
    assert_adds_up(session, triggers, 28)


WORKER = """
from feedback_app.app import create_app
from feedback_app.invitations.jobs import read_events
with create_app().app_context():
    read_events.run()
"""


@pytest.mark.only("sqlite")
def test_it_adds_up_after_a_worker_was_killed(session: Session, database: str, tmp_path: Path) -> None:
    triggers = receive_mixture(session, 120)
    environment = Installation(tmp_path, database).environment
    worker = subprocess.Popen([sys.executable, "-c", WORKER], env=environment)
    try:
        wait_for(lambda: sums(session).entries > 40, seconds=30, what="the first outcomes")
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    left = sums(session)
    assert left.problems == ()
    assert left.events[EventState.RECEIVED] > 0  # it was killed in the middle
    read_events.run()
    assert_adds_up(session, triggers, 120)


def test_it_still_adds_up_after_all_that_can_happen_later(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    triggers = receive_mixture(session, 42)
    read_events.run()
    invited = sums(session).invited
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(days=1))
    send_due_invitations.run()
    assert sums(session).states == {InvitationState.SENT: invited}

    first, second = session.scalars(select(Invitation.id).order_by(Invitation.id).limit(2))
    with transaction(session):
        for invitation_id, state in ((first, InvitationState.BOUNCED), (second, InvitationState.ANSWERED)):
            session.execute(update(Invitation).where(Invitation.id == invitation_id).values(state=state))
        session.execute(
            update(Trigger).where(Trigger.id == triggers[1].id).values(deleted_at=NOON, active=False)
        )
    found = assert_adds_up(session, triggers, 42)
    assert found.states == {
        InvitationState.SENT: invited - 2,
        InvitationState.BOUNCED: 1,
        InvitationState.ANSWERED: 1,
    }


def test_a_campaigns_people_stand_beside_the_triggers(session: Session) -> None:
    triggers = receive_mixture(session, 14)
    read_events.run()
    before = sums(session)
    survey = make_survey(session)
    campaign = keep(session, Campaign(survey_id=survey.id, name="Autumn", created_at=NOON))
    new, gone = make_person(session), make_person(session, email="gone@customer.example")
    vault = current_app.extensions["feedback_vault"]
    with transaction(session):
        hashed = vault.address_hash("gone@customer.example")
        suppress(session, hashed, SuppressionReason.UNSUBSCRIBED, now=NOON)
    with transaction(session):
        asks = [Ask(person.id, survey.id, NOON, campaign_id=campaign.id) for person in (new, gone)]
        ask(session, asks, vault=vault, zone=UTC_ZONE, now=NOON)
    after = sums(session)
    assert after.is_even
    assert after.by_trigger.pop(None) == {"invited": 1, "unsubscribed": 1}
    assert after.by_trigger == before.by_trigger
    assert (after.entries, after.invited) == (before.entries + 2, before.invited + 1)
    assert {trigger.id for trigger in triggers} == set(after.by_trigger)


def test_erased_people_leave_their_outcomes(session: Session) -> None:
    receive_mixture(session, 14)
    read_events.run()
    before = sums(session)
    with transaction(session):
        invitation = session.scalars(select(Invitation).order_by(Invitation.id).limit(1)).one()
        session.delete(invitation)
    after = sums(session)
    assert after.is_even
    assert (after.invited, after.states.total(), after.erased) == (before.invited, before.invited - 1, 1)


def test_an_event_without_its_outcome_makes_the_balance_uneven(session: Session) -> None:
    receive_mixture(session, 2)
    with transaction(session):
        session.execute(update(Event).where(Event.case_number == "case-1").values(state=EventState.DONE))
    found = sums(session)
    assert not found.is_even
    assert found.problems == ("Events that were acted on but have no outcome: 1.",)


def test_an_outcome_without_an_event_acted_on_makes_the_balance_uneven(session: Session) -> None:
    receive_mixture(session, 2)
    read_events.run()
    with transaction(session):
        session.execute(update(Event).where(Event.case_number == "case-1").values(state=EventState.RECEIVED))
    assert sums(session).problems == ("Events that have an outcome but are waiting: 1.",)


def test_an_invitation_behind_another_outcome_makes_the_balance_uneven(session: Session) -> None:
    receive_mixture(session, 14)
    read_events.run()
    with transaction(session):
        entry = session.scalars(select(LedgerEntry).where(LedgerEntry.outcome == "invited").limit(1)).one()
        entry.outcome = "throttled"
    assert sums(session).problems == ("Entries that say throttled but have an invitation: 1.",)


def test_the_period_counts_what_came_in_it(session: Session) -> None:
    source = make_source(session)
    make_trigger(session, source_id=source.id)
    for number, at in ((1, NOON - timedelta(days=2)), (2, NOON), (3, NOON)):
        receive(session, source.id, number, at=at)
    read_events.run()
    connection = db.session.connection()
    assert balance(connection, NOON, None).received == 2
    assert balance(connection, None, NOON).received == 1
    assert balance(connection, NOON, None).entries == 3  # all were acted on at noon
    assert balance(connection, None, NOON).entries == 0
    assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 3
