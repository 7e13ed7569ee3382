"""Whose turn is when: evenly, on open days, in open hours, and the next time as well."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.campaigns.turns import Cadence
from feedback_app.invitations.windows import BUSINESS_DAYS, EVERY_DAY, SendingWindow

BERLIN = ZoneInfo("Europe/Berlin")
MORNINGS = SendingWindow(BUSINESS_DAYS, time(9), time(11))
QUARTER = Cadence(91, MORNINGS, BERLIN)  # thirteen weeks: 65 business days
MONDAY = datetime(2026, 11, 16, 5, 0, tzinfo=UTC)


def local_days(turns: list[datetime]) -> Counter[datetime]:
    return Counter(turn.astimezone(BERLIN).date() for turn in turns)  # type: ignore[misc]


def test_a_list_is_spread_evenly_over_the_business_days_of_the_cadence() -> None:
    days = local_days(QUARTER.spread(650, start=MONDAY))
    assert len(days) == 65
    assert set(days.values()) == {10}


def test_turns_lie_in_the_open_hours_and_evenly_in_them_too() -> None:
    turns = [turn.astimezone(BERLIN) for turn in QUARTER.spread(650, start=MONDAY)]
    assert {turn.hour for turn in turns} == {9, 10}
    assert sum(turn.hour == 9 for turn in turns) == 325


def test_a_cadence_through_the_change_of_clocks_stays_at_nine() -> None:
    autumn = datetime(2026, 10, 19, 5, 0, tzinfo=UTC)  # summer time ends on the 25th
    turns = Cadence(14, MORNINGS, BERLIN).spread(10, start=autumn)
    assert [turn.astimezone(BERLIN).hour for turn in turns] == [9] * 10
    assert [turn.hour for turn in turns] == [7] * 5 + [8] * 5


def test_those_who_join_one_at_a_time_lie_evenly_too() -> None:
    turns = [QUARTER.spread(1, start=MONDAY, before=earlier)[0] for earlier in range(650)]
    days = local_days(turns)
    assert len(days) == 65
    assert min(days.values()) >= 8
    assert max(days.values()) <= 12


def test_a_week_is_filled_by_its_first_few_members() -> None:
    week = Cadence(7, MORNINGS, BERLIN)
    turns = [week.spread(1, start=MONDAY, before=earlier)[0] for earlier in range(5)]
    assert len(local_days(turns)) >= 4


def test_nobody_is_asked_before_they_joined() -> None:
    midday = MONDAY + timedelta(hours=4, minutes=30)  # 10:30 in Berlin
    assert min(QUARTER.spread(500, start=midday)) >= midday


def test_the_next_turn_is_at_the_same_time_of_day_a_cadence_later() -> None:
    turn = datetime(2026, 11, 17, 8, 30, tzinfo=UTC)
    assert QUARTER.following(turn, person_id=1) == datetime(2027, 2, 16, 8, 30, tzinfo=UTC)


def test_the_time_of_day_is_kept_when_the_clocks_change() -> None:
    turn = datetime(2027, 2, 16, 8, 30, tzinfo=UTC)
    assert QUARTER.following(turn, person_id=1) == datetime(2027, 5, 18, 7, 30, tzinfo=UTC)


def test_turns_that_would_fall_on_a_weekend_are_spread_over_the_week_after() -> None:
    monthly = Cadence(30, MORNINGS, BERLIN)
    thursday = datetime(2026, 11, 19, 8, 30, tzinfo=UTC)  # thirty days later is Saturday, 19 December
    days = local_days([monthly.following(thursday, person_id) for person_id in range(100)])
    assert {day.isoformat(): count for day, count in days.items()} == {
        "2026-12-21": 20,
        "2026-12-22": 20,
        "2026-12-23": 20,
        "2026-12-24": 20,
        "2026-12-25": 20,
    }


windows = st.builds(
    SendingWindow,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from([time(0), time(2, 30), time(9), time(22)]),
    st.sampled_from([time(0), time(3), time(17), time(23, 30)]),
)


@given(windows, st.integers(7, 400), st.integers(1, 60), st.integers(0, 1000))
def test_every_turn_is_open_within_the_cadence_and_in_order(
    window: SendingWindow, days: int, count: int, before: int
) -> None:
    turns = Cadence(days, window, BERLIN).spread(count, start=MONDAY, before=before)
    assert len(turns) == count
    assert turns == sorted(turns)
    assert all(MONDAY <= turn < MONDAY + timedelta(days=days) for turn in turns)
    assert all(window.is_open(turn, BERLIN) for turn in turns)


@given(windows, st.integers(7, 400), st.integers(0, 50))
def test_the_next_turn_is_open_and_about_a_cadence_later(
    window: SendingWindow, days: int, person_id: int
) -> None:
    cadence = Cadence(days, window, BERLIN)
    turn = cadence.spread(1, start=MONDAY)[0]
    later = cadence.following(turn, person_id) - turn
    assert timedelta(days=days, hours=-2) <= later <= timedelta(days=days + 15)
    assert window.is_open(turn + later, BERLIN)


def test_a_cadence_shorter_than_a_week_is_refused() -> None:
    with pytest.raises(ValueError, match="at least seven days"):
        Cadence(6, SendingWindow(EVERY_DAY), BERLIN)
