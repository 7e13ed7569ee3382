"""Asking people without an event: each gets an invitation or the ledger's word why not."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import NotFound
from feedback_app.invitations.asking import Ask, Asking, ask, verdicts
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.invitations.throttle import OVERALL_FACT
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import SurveyState
from feedback_app.workspace import keep_fact
from tests.factories import NOON, make_invitation, make_person, make_survey

BERLIN = ZoneInfo("Europe/Berlin")
DAY = timedelta(days=1)


@pytest.fixture
def vault(app: Flask) -> Vault:
    vault: Vault = app.extensions["feedback_vault"]
    return vault


def asking(session: Session, vault: Vault, *asks: Ask, now: datetime = NOON) -> list[Asking]:
    with transaction(session):
        return ask(session, asks, vault=vault, zone=BERLIN, now=now)


def outcome(session: Session, vault: Vault, person_id: int, survey_id: int, at: datetime = NOON) -> Outcome:
    [made] = asking(session, vault, Ask(person_id, survey_id, at), now=at)
    return made.verdict.outcome


def sent(session: Session, made: Asking) -> None:
    """The invitation went out when it was due."""
    with transaction(session):
        invitation = session.get_one(Invitation, made.invitation_id)
        invitation.state, invitation.sent_at = InvitationState.SENT, invitation.due_at


def test_everybody_has_one_entry_in_the_ledger(session: Session, vault: Vault) -> None:
    survey, dana, nobody = make_survey(session), make_person(session), make_person(session, email=None)
    erik = make_person(session, email="erik@harrow.example")
    with transaction(session):
        known = vault.address_hash("erik@harrow.example")
        suppress(session, known, SuppressionReason.UNSUBSCRIBED, now=NOON)
    people = [dana.id, nobody.id, erik.id]
    made = asking(session, vault, *(Ask(one, survey.id, NOON, context={"plan": "Pro"}) for one in people))
    assert [one.person_id for one in made] == people
    entries = session.scalars(select(LedgerEntry).order_by(LedgerEntry.id)).all()
    assert [(entry.person_id, entry.outcome, entry.invitation_id) for entry in entries] == [
        (dana.id, Outcome.INVITED, made[0].invitation_id),
        (nobody.id, Outcome.NO_ADDRESS, None),
        (erik.id, Outcome.UNSUBSCRIBED, None),
    ]
    [invitation] = session.scalars(select(Invitation))
    assert (invitation.due_at, invitation.expires_at) == (NOON, NOON + 3 * DAY)
    assert (invitation.context, invitation.event_id, invitation.window) == ({"plan": "Pro"}, None, None)


def test_somebody_who_is_gone_meanwhile_has_an_entry_too(session: Session, vault: Vault) -> None:
    survey = make_survey(session)
    assert outcome(session, vault, 999, survey.id) is Outcome.NO_ADDRESS
    [entry] = session.scalars(select(LedgerEntry))
    assert (entry.person_id, entry.reason) == (None, "The person is gone.")


def test_nobody_is_asked_for_a_survey_that_is_gone(session: Session, vault: Vault) -> None:
    with pytest.raises(NotFound):
        outcome(session, vault, make_person(session).id, 999)


def test_somebody_named_twice_is_asked_once(session: Session, vault: Vault) -> None:
    survey, dana = make_survey(session), make_person(session)
    first, second = asking(session, vault, *[Ask(dana.id, survey.id, NOON)] * 2)
    assert first.verdict.outcome is Outcome.INVITED
    assert second.verdict.outcome is Outcome.THROTTLED
    assert second.verdict.until == NOON + 30 * DAY


def test_the_hours_are_those_where_the_person_is_else_the_workspaces(session: Session, vault: Vault) -> None:
    survey = make_survey(session)
    zones = ["America/New_York", None, "Not/AZone"]
    people = [make_person(session, time_zone=zone).id for zone in zones]
    window = SendingWindow(BUSINESS_DAYS, time(9), time(17))
    early = NOON - timedelta(hours=5)  # two in the morning in New York, eight in Berlin
    made = asking(session, vault, *(Ask(one, survey.id, early, window) for one in people))
    assert [one.due_at for one in made] == [NOON + timedelta(hours=hours) for hours in (2, -4, -4)]
    assert [SendingWindow.of_json(kept) for kept in session.scalars(select(Invitation.window))] == [
        window
    ] * 3


def test_a_preview_says_the_same_and_writes_nothing(session: Session, vault: Vault) -> None:
    survey, dana = make_survey(session), make_person(session)
    asked_before = make_person(session)
    make_invitation(session, survey_id=survey.id, person_id=asked_before.id)
    found = verdicts(session, survey.id, [dana.id, asked_before.id, 999], at=NOON, vault=vault, zone=BERLIN)
    assert {person_id: one.outcome for person_id, one in found.items()} == {
        dana.id: Outcome.INVITED,
        asked_before.id: Outcome.THROTTLED,
        999: Outcome.NO_ADDRESS,
    }
    session.rollback()
    assert session.scalar(select(LedgerEntry)) is None
    assert len(session.scalars(select(Invitation)).all()) == 1


def test_more_people_than_one_statement_takes_are_all_asked(session: Session, vault: Vault) -> None:
    """They need not exist for that; each has an entry and a verdict."""
    survey = make_survey(session, state=SurveyState.PAUSED)
    made = asking(session, vault, *(Ask(number, survey.id, NOON) for number in range(1, 1_203)))
    assert len(made) == len({one.person_id for one in made}) == 1_202
    assert len(verdicts(session, survey.id, range(1, 1_203), at=NOON, vault=vault, zone=BERLIN)) == 1_202


def test_the_overall_limit_is_the_workspaces(session: Session, vault: Vault) -> None:
    dana, survey = make_person(session), make_survey(session)
    make_invitation(session, person_id=dana.id, sent_at=NOON - 2 * DAY)
    with transaction(session):
        keep_fact(session, OVERALL_FACT, 3)
    assert outcome(session, vault, dana.id, survey.id) is Outcome.THROTTLED
    assert outcome(session, vault, dana.id, survey.id, NOON + DAY) is Outcome.INVITED


def nps_gets_through(session: Session, vault: Vault, *, reserves_turn: bool) -> list[int]:
    """A case is closed every day; from day 30 to day 50 NPS is to be asked. On which days its mail goes out."""
    dana = make_person(session)
    csat = make_survey(session, metric_key="csat", throttle_days=7)
    nps = make_survey(session, throttle_days=90, reserves_turn=reserves_turn)
    days = []
    for day in range(50):
        surveys = [csat.id, nps.id] if day >= 30 else [csat.id]
        for survey_id in surveys:
            at = NOON + day * DAY
            [made] = asking(session, vault, Ask(dana.id, survey_id, at), now=at)
            if survey_id == nps.id and made.due_at:
                days.append((made.due_at - NOON).days)
            if made.due_at == at:
                sent(session, made)
    return days


def test_a_storm_of_cases_starves_a_quarterly_survey(session: Session, vault: Vault) -> None:
    assert nps_gets_through(session, vault, reserves_turn=False) == []


def test_but_not_one_that_reserves_its_turn(session: Session, vault: Vault) -> None:
    """CSAT went out on day 28, so NPS has day 35; the CSAT of that day is throttled by it."""
    assert nps_gets_through(session, vault, reserves_turn=True) == [35]


def test_an_invitation_that_waits_its_turn_says_so(session: Session, vault: Vault) -> None:
    dana, nps = make_person(session), make_survey(session, reserves_turn=True)
    earlier = make_invitation(session, person_id=dana.id, sent_at=NOON - 3 * DAY)
    [made] = asking(session, vault, Ask(dana.id, nps.id, NOON))
    invitation = session.get_one(Invitation, made.invitation_id)
    assert invitation.due_at == made.due_at == NOON + 4 * DAY
    assert invitation.expires_at == NOON + 7 * DAY
    reason = f"Waits its turn until 2026-11-24 12:00 UTC, because of invitation {earlier.id}."
    assert invitation.reason == reason
    assert session.scalar(select(LedgerEntry.reason)) == reason
