"""Trying an event out: the same words as the ledger would have, and nothing is written."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.db import Base, transaction
from feedback_app.invitations.events import Contact, EventKind, ParsedEvent
from feedback_app.invitations.models import Outcome
from feedback_app.invitations.trying import Tried, try_event
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from tests.factories import NOON, make_invitation, make_person, make_source, make_survey, make_trigger

BERLIN = ZoneInfo("Europe/Berlin")
DANA = Contact(email="Dana@harrow.example", company="Harrow Finch")
CLOSED = ParsedEvent(EventKind.INTERACTION_CLOSED, "84213", NOON, contact=DANA, tags=("vip",))
OFFICE_HOURS = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}


@pytest.fixture
def source_id(session: Session) -> int:
    return make_source(session).id


def tried(app: Flask, session: Session, source_id: int, event: ParsedEvent = CLOSED) -> Tried:
    vault = app.extensions["feedback_vault"]
    return try_event(session, source_id, event, vault=vault, zone=BERLIN, now=NOON)


def outcomes(found: Tried) -> list[Outcome | str]:
    return [trial.why_not or (trial.verdict.outcome if trial.verdict else "") for trial in found.trials]


def rows(session: Session) -> dict[str, int]:
    session.rollback()
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def test_every_trigger_says_what_would_become_of_it_and_nothing_is_written(
    app: Flask, session: Session, source_id: int
) -> None:
    of_source: dict[str, Any] = {"source_id": source_id}
    gold = [{"field": "tag", "op": "is", "values": ["gold"]}]
    make_trigger(session, **of_source, conditions=gold)
    make_trigger(session, **of_source, active=False)
    make_trigger(session, **of_source, window=OFFICE_HOURS)
    make_trigger(session, **of_source)
    make_trigger(session, **of_source, deleted_at=NOON)
    before = rows(session)
    found = tried(app, session, source_id)
    assert outcomes(found) == ["the tag is not gold", "it is paused", Outcome.INVITED, Outcome.THROTTLED]
    third, fourth = (trial.verdict for trial in found.trials[2:])
    assert third is not None
    assert third.due_at == NOON + timedelta(
        days=2, hours=20
    )  # Saturday waits for Monday, nine o'clock in Berlin
    assert fourth is not None
    assert fourth.reason == "Not before 2026-11-30 08:00 UTC, because of the invitation of a trigger above."
    assert not found.is_known
    assert rows(session) == before


def test_what_is_known_of_the_person_counts(app: Flask, session: Session, source_id: int) -> None:
    survey = make_survey(session)
    make_trigger(session, source_id=source_id, survey_id=survey.id)
    dana = make_person(session, email="dana@harrow.example", time_zone="Asia/Tokyo")
    make_invitation(session, survey_id=survey.id, person_id=dana.id)
    found = tried(app, session, source_id)
    assert (found.is_known, found.whom.zone.key, outcomes(found)) == (
        True,
        "Asia/Tokyo",
        [Outcome.THROTTLED],
    )
    moved = replace(CLOSED, contact=replace(DANA, time_zone="America/New_York"))
    assert tried(app, session, source_id, moved).whom.zone.key == "America/New_York"


def test_somebody_who_was_erased_stays_unknown(app: Flask, session: Session, source_id: int) -> None:
    make_trigger(session, source_id=source_id)
    with transaction(session):
        known = app.extensions["feedback_vault"].address_hash("dana@harrow.example")
        suppress(session, known, SuppressionReason.ERASED, now=NOON)
    assert outcomes(tried(app, session, source_id)) == [Outcome.ERASED]


@pytest.mark.parametrize(
    ("email", "reason", "told"),
    [
        (None, "", "The event names no address of the contact."),
        (None, "Only an id.", "Only an id."),
        ("dana", "", "What the event names is not an e-mail address."),
    ],
)
def test_nobody_is_asked_without_an_address(
    email: str | None, reason: str, told: str, app: Flask, session: Session, source_id: int
) -> None:
    make_trigger(session, source_id=source_id)
    found = tried(app, session, source_id, replace(CLOSED, contact=Contact(email=email), reason=reason))
    assert outcomes(found) == [Outcome.NO_ADDRESS]
    assert found.whom.no_address == told


def test_what_is_nothing_for_us_matches_nothing(app: Flask, session: Session, source_id: int) -> None:
    make_trigger(session, source_id=source_id)
    ping = ParsedEvent(EventKind.IGNORED, "", None, reason="A ping.")
    assert outcomes(tried(app, session, source_id, ping)) == ["the event is nothing for us"]
