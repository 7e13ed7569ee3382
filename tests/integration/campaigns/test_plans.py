"""A plan asks everybody on it once in a cadence, whatever else asks them, and nobody twice."""

from collections import Counter
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Plan, PlanMember, PlanMode
from feedback_app.campaigns.plans import (
    PlanTerms,
    activate_plan,
    deactivate_plan,
    join_audience,
    join_plan,
    leave_plan,
    set_plan,
)
from feedback_app.campaigns.queries import plan_lines, turns_by_day
from feedback_app.campaigns.taking_turns import take_turns
from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid
from feedback_app.invitations.asking import Ask, ask
from feedback_app.invitations.models import Invitation, LedgerEntry
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow
from feedback_app.people.filters import PeopleFilter
from tests.factories import make_invitation, make_person, make_survey
from tests.integration.campaigns.conftest import BERLIN, make_people

MORNINGS = SendingWindow(BUSINESS_DAYS, time(9), time(11))
QUARTER = PlanTerms(91, window=MORNINGS)


def made(session: Session, now: datetime, terms: PlanTerms = QUARTER, **survey: object) -> int:
    survey_id = make_survey(session, **survey).id
    plan_id = set_plan(session, survey_id, terms, zone=BERLIN, user_id=None, now=now)
    activate_plan(session, plan_id, zone=BERLIN, user_id=None, now=now)
    return plan_id


def joined(session: Session, plan_id: int, people: list[int], now: datetime) -> int:
    return join_plan(session, plan_id, {person_id: {} for person_id in people}, zone=BERLIN, now=now)


def turn_of(session: Session, person_id: int) -> datetime:
    session.rollback()
    return session.scalars(select(PlanMember.next_at).where(PlanMember.person_id == person_id)).one()


def take(session: Session, plan_id: int, vault: Vault, now: datetime) -> tuple[int, list[datetime]]:
    return take_turns(session, plan_id, vault=vault, zone=BERLIN, now=now)


def test_a_list_is_spread_over_the_business_days_of_the_cadence(session: Session, now: datetime) -> None:
    plan_id = made(session, now, PlanTerms(14, window=MORNINGS))
    people = [person.id for person in make_people(session, 20)]
    assert joined(session, plan_id, people, now) == 20
    days = Counter(turn_of(session, person_id).astimezone(BERLIN).date() for person_id in people)
    assert set(days.values()) == {2}
    assert {day.weekday() for day in days} == {0, 1, 2, 3, 4}


def test_who_joins_again_keeps_their_turn_and_gets_the_new_properties(
    session: Session, now: datetime
) -> None:
    plan_id = made(session, now)
    person = make_person(session)
    joined(session, plan_id, [person.id], now)
    first = turn_of(session, person.id)
    later = now + timedelta(days=3)
    assert join_plan(session, plan_id, {person.id: {"topic": "Onboarding"}}, zone=BERLIN, now=later) == 0
    assert turn_of(session, person.id) == first
    assert session.scalars(select(PlanMember.properties)).one() == {"topic": "Onboarding"}


def test_a_turn_invites_and_the_next_one_is_a_cadence_later(
    session: Session, vault: Vault, now: datetime
) -> None:
    plan_id = made(session, now)
    person = make_person(session)
    join_plan(session, plan_id, {person.id: {"topic": "Onboarding"}}, zone=BERLIN, now=now)
    turn = turn_of(session, person.id)
    assert take(session, plan_id, vault, turn - timedelta(seconds=1)) == (0, [])
    assert take(session, plan_id, vault, turn) == (1, [turn])
    entry = session.scalars(select(LedgerEntry)).one()
    assert (entry.plan_id, entry.person_id, entry.outcome) == (plan_id, person.id, "invited")
    assert session.scalars(select(Invitation.context)).one() == {"topic": "Onboarding"}
    assert turn_of(session, person.id) - turn in (timedelta(days=91), timedelta(days=91, hours=-1))
    assert take(session, plan_id, vault, turn) == (0, [])


def test_whom_the_survey_asked_by_another_way_has_their_turn_a_cadence_after_that(
    session: Session, vault: Vault, now: datetime
) -> None:
    plan_id = made(session, now)
    survey_id = session.get_one(Plan, plan_id).survey_id
    before, between = make_people(session, 2)
    make_invitation(session, survey_id=survey_id, person_id=before.id, sent_at=now - timedelta(days=1))
    joined(session, plan_id, [before.id, between.id], now)
    assert turn_of(session, before.id) >= now + timedelta(days=89)
    turn = turn_of(session, between.id)
    make_invitation(session, survey_id=survey_id, person_id=between.id, sent_at=turn - timedelta(hours=2))
    assert take(session, plan_id, vault, turn) == (1, [])
    assert turn_of(session, between.id) >= turn + timedelta(days=88)
    assert session.scalars(select(LedgerEntry)).all() == []


def test_whom_another_survey_protects_has_their_turn_when_the_limit_ends(
    session: Session, vault: Vault, now: datetime
) -> None:
    plan_id = made(session, now)
    person = make_person(session)
    joined(session, plan_id, [person.id], now)
    turn = turn_of(session, person.id)
    make_invitation(session, person_id=person.id, sent_at=turn - timedelta(days=2))
    assert take(session, plan_id, vault, turn) == (1, [])
    assert session.scalars(select(LedgerEntry.outcome)).all() == ["throttled"]
    again = turn_of(session, person.id)
    assert timedelta(days=5) <= again - turn <= timedelta(days=8)
    assert take(session, plan_id, vault, again)[1] == [again]


def test_a_reserved_turn_is_taken_before_a_frequent_survey_can_take_it(
    session: Session, vault: Vault, now: datetime
) -> None:
    plan_id = made(session, now, reserves_turn=True)
    person = make_person(session)
    joined(session, plan_id, [person.id], now)
    turn = turn_of(session, person.id)
    days_before = turn - timedelta(days=5)
    assert take(session, plan_id, vault, days_before) == (1, [turn])
    frequent = make_survey(session, throttle_days=0)
    with transaction(session):
        (found,) = ask(
            session, [Ask(person.id, frequent.id, days_before)], vault=vault, zone=BERLIN, now=days_before
        )
    assert found.verdict.outcome == "throttled"


def test_everybody_at_a_set_time_and_again_a_cadence_later(
    session: Session, vault: Vault, now: datetime
) -> None:
    monday_ten = datetime(2026, 11, 23, 9, 0, tzinfo=now.tzinfo)
    terms = PlanTerms(28, PlanMode.AT_ONCE, MORNINGS, next_at=monday_ten)
    plan_id = made(session, now, terms)
    people = [person.id for person in make_people(session, 3)]
    joined(session, plan_id, people, now)
    assert take(session, plan_id, vault, monday_ten) == (3, [monday_ten] * 3)
    assert {turn_of(session, one) for one in people} == {monday_ten + timedelta(days=28)}
    assert session.get_one(Plan, plan_id).next_at == monday_ten + timedelta(days=28)


def test_everybody_stays_together_when_the_day_a_cadence_later_is_closed(
    session: Session, vault: Vault, now: datetime
) -> None:
    monday_ten = datetime(2026, 11, 23, 9, 0, tzinfo=now.tzinfo)
    plan_id = made(session, now, PlanTerms(90, PlanMode.AT_ONCE, MORNINGS, next_at=monday_ten))
    people = [person.id for person in make_people(session, 6)]
    joined(session, plan_id, people, now)
    take(session, plan_id, vault, monday_ten)
    sent_at = monday_ten + timedelta(minutes=3)
    with transaction(session):
        session.execute(update(Invitation).values(state="sent", sent_at=sent_at))
    after_the_sunday = datetime(2027, 2, 22, 9, 0, tzinfo=now.tzinfo)
    take(session, plan_id, vault, after_the_sunday)  # three minutes too early for them
    _, due = take(session, plan_id, vault, after_the_sunday + timedelta(minutes=3))
    assert due == [after_the_sunday + timedelta(minutes=3)] * 6


def test_no_turn_comes_while_the_plan_is_off_and_missed_ones_are_spread_anew(
    session: Session, vault: Vault, now: datetime
) -> None:
    plan_id = made(session, now, PlanTerms(28, window=MORNINGS))
    people = [person.id for person in make_people(session, 10)]
    joined(session, plan_id, people, now)
    deactivate_plan(session, plan_id, user_id=None, now=now)
    later = now + timedelta(days=60)
    assert take(session, plan_id, vault, later) == (0, [])
    activate_plan(session, plan_id, zone=BERLIN, user_id=None, now=later)
    turns = [turn_of(session, person_id) for person_id in people]
    assert all(later <= turn <= later + timedelta(days=28) for turn in turns)
    assert len({turn.date() for turn in turns}) == 10


def test_who_leaves_has_no_more_turns(session: Session, vault: Vault, now: datetime) -> None:
    plan_id = made(session, now)
    person = make_person(session)
    joined(session, plan_id, [person.id], now)
    assert leave_plan(session, plan_id, [person.id], user_id=None, now=now) == 1
    assert leave_plan(session, plan_id, [person.id], user_id=None, now=now) == 0
    assert take(session, plan_id, vault, now + timedelta(days=100)) == (0, [])


def test_an_audience_joins_as_one(session: Session, now: datetime) -> None:
    plan_id = made(session, now)
    make_people(session, 4)
    everybody = PeopleFilter()
    assert join_audience(session, plan_id, everybody, zone=BERLIN, user_id=None, now=now) == 4
    (line,) = plan_lines(session)
    assert (line.people, line.plan.id) == (4, plan_id)
    assert sum(turns_by_day(session, plan_id, BERLIN, since=now, days=91).values()) == 4


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (PlanTerms(6), "from 7 to 730"),
        (PlanTerms(731), "from 7 to 730"),
        (PlanTerms(30, PlanMode.AT_ONCE), "say when"),
    ],
)
def test_terms_that_cannot_be_kept_are_refused(
    session: Session, now: datetime, terms: PlanTerms, said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        made(session, now, terms)


def test_a_time_for_everybody_that_is_over_is_refused(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid, match="is over"):
        made(session, now, PlanTerms(30, PlanMode.AT_ONCE, next_at=now - timedelta(hours=1)))
