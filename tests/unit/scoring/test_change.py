from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.scoring.bands import Tally
from feedback_app.scoring.change import TOO_FEW, Change, nps_change, share_change
from feedback_app.scoring.intervals import Share

PEOPLE = st.integers(0, 1000)
TALLIES = st.builds(Tally, PEOPLE, PEOPLE, PEOPLE)
SHARES = st.integers(0, 1000).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


def tally(promoters, passives, detractors):
    return Tally(bad=detractors, middle=passives, good=promoters)


def test_a_fall_of_21_points_among_fifty_answers_may_be_chance():
    change = nps_change(tally(32, 13, 6), tally(28, 14, 12))
    assert round(change.difference, 2) == -21.35
    assert round(change.z, 2) == -1.45
    assert round(change.p, 2) == 0.15
    assert (change.significant, change.enough, change.direction) == (False, True, "level")


def test_a_fall_of_13_points_among_a_thousand_answers_is_none():
    change = nps_change(tally(500, 300, 200), tally(430, 310, 260))
    assert round(change.difference, 2) == -13.00
    assert round(change.z, 2) == -3.65
    assert round(change.p, 4) == 0.0003
    assert (change.significant, change.direction) == (True, "down")


def test_a_rise_is_said_to_be_one():
    assert nps_change(tally(430, 310, 260), tally(500, 300, 200)).direction == "up"
    assert share_change(Share(200, 400), Share(260, 400)).direction == "up"
    assert share_change(Share(3, 10), Share(9, 10)).direction == "up"


@pytest.mark.parametrize(
    ("before", "after", "direction"),
    [
        ((5, 0, 0), (0, 0, 5), "down"),
        ((0, 5, 0), (5, 0, 0), "up"),
        ((5, 0, 0), (5, 0, 0), "level"),
        ((5, 0, 0), (4, 1, 0), "level"),  # one person of five; plain variance would see only one side
    ],
)
def test_unanimous_sides_can_be_compared(before, after, direction):
    assert nps_change(tally(*before), tally(*after)).direction == direction


def test_the_error_of_a_unanimous_side_is_that_of_the_adjusted_interval():
    change = nps_change(tally(5, 0, 0), tally(0, 0, 5))
    # each side: 5.75/8 and 0.75/8, so v = 0.8125 - 0.625^2 = 0.421875; z = -2 / sqrt(2 * 0.421875 / 8)
    assert change.z == pytest.approx(-6.158, abs=0.001)
    assert change.difference == -200


def test_shares_of_thirty_and_more_are_compared_by_the_pooled_z():
    change = share_change(Share(60, 100), Share(75, 100))
    # pooled 0.675; error sqrt(0.675 * 0.325 * 0.02) = 0.06624; z = 0.15 / 0.06624
    assert change.difference == pytest.approx(15)
    assert change.z == pytest.approx(2.2646, abs=0.0001)
    assert change.p == pytest.approx(0.0235, abs=0.0001)
    assert change.direction == "up"


def test_small_shares_are_decided_by_their_interval_without_a_z():
    chance = share_change(Share(0, 29), Share(5, 56))  # Newcombe: -3.81 .. 19.26
    real = share_change(Share(2, 7), Share(6, 7))  # Newcombe: 5.82 .. 80.62
    assert (chance.z, chance.p, chance.direction) == (None, None, "level")
    assert (real.z, real.p, real.direction) == (None, None, "up")
    assert real.difference == pytest.approx(400 / 7)


@pytest.mark.parametrize("n", [5, 29, 30, 400])
def test_two_perfect_periods_are_level(n):
    for share in (Share(n, n), Share(0, n)):
        change = share_change(share, share)
        assert (change.difference, change.significant, change.direction) == (0, False, "level")


@pytest.mark.parametrize("few", [0, 4])
def test_below_five_answers_on_either_side_nothing_is_said(few):
    for change in (
        nps_change(tally(few, 0, 0), tally(0, 0, 900)),
        nps_change(tally(900, 0, 0), tally(0, 0, few)),
        share_change(Share(0, few), Share(900, 900)),
        share_change(Share(900, 900), Share(0, few)),
    ):
        assert change == TOO_FEW
        assert (change.direction, change.enough, change.significant) == (None, False, False)


def test_five_answers_on_both_sides_are_enough():
    assert nps_change(tally(5, 0, 0), tally(0, 0, 5)).enough
    assert share_change(Share(5, 5), Share(0, 5)).enough


def assert_it_says_nothing_it_cannot_know(change: Change, fewest: int):
    assert change.enough == (fewest >= 5)
    assert all(isfinite(number) for number in (change.difference, change.z, change.p) if number is not None)
    if change.direction in ("up", "down"):
        assert change.significant
        assert change.enough
        assert (change.difference > 0) == (change.direction == "up")


@given(TALLIES, TALLIES)
def test_an_nps_change_is_finite_and_the_way_back_is_its_mirror(before, after):
    there, back = nps_change(before, after), nps_change(after, before)
    assert_it_says_nothing_it_cannot_know(there, min(before.answered, after.answered))
    assert there.p == back.p
    if there.enough:
        assert there.difference == -back.difference
        assert -200 <= there.difference <= 200


@given(SHARES, SHARES)
def test_a_change_of_shares_is_finite_and_the_way_back_is_its_mirror(before, after):
    there, back = share_change(before, after), share_change(after, before)
    assert_it_says_nothing_it_cannot_know(there, min(before.answered, after.answered))
    assert there.significant == back.significant
    if there.enough:
        assert there.difference == -back.difference
        assert -100 <= there.difference <= 100
