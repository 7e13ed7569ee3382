import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.scoring.intervals import (
    Interval,
    Share,
    adjusted_wald_nps,
    newcombe,
    nps_variance,
    wilson,
)

PEOPLE = st.integers(0, 100_000)
SHARES = st.integers(1, 100_000).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


def rounded(interval, digits):
    return round(interval.low, digits), round(interval.high, digits)


@pytest.mark.parametrize(
    ("promoters", "passives", "detractors", "expected"),
    [
        (32, 13, 6, (29.29, 67.00)),
        (5, 0, 0, (17.49, 100.00)),  # 107.51, cut at the end of the scale
        (0, 0, 5, (-100.00, -17.49)),
        (3, 1, 1, (-29.78, 79.78)),
        (100, 60, 40, (18.82, 40.30)),
        (500, 300, 200, (25.08, 34.74)),
    ],
)
def test_nps_intervals_agree_with_the_worked_values(promoters, passives, detractors, expected):
    assert rounded(adjusted_wald_nps(promoters, passives, detractors), 2) == expected


@pytest.mark.parametrize(
    ("successes", "answered", "expected"),
    [
        (45, 60, (62.8, 84.2)),
        (8, 10, (49.0, 94.3)),
        (10, 10, (72.2, 100.0)),
        (0, 10, (0.0, 27.8)),
    ],
)
def test_wilson_intervals_agree_with_the_worked_values(successes, answered, expected):
    assert rounded(wilson(successes, answered), 1) == expected


@pytest.mark.parametrize(
    ("after", "before", "expected"),
    [  # table II of Newcombe 1998, method 10
        (Share(56, 70), Share(48, 80), (5.24, 33.39)),
        (Share(9, 10), Share(3, 10), (17.05, 80.90)),
        (Share(6, 7), Share(2, 7), (5.82, 80.62)),
        (Share(5, 56), Share(0, 29), (-3.81, 19.26)),
        (Share(0, 10), Share(0, 20), (-16.11, 27.75)),
        (Share(10, 10), Share(0, 20), (67.91, 100.00)),
    ],
)
def test_newcombe_intervals_agree_with_the_published_table(after, before, expected):
    assert rounded(newcombe(before, after), 2) == expected


def test_a_wider_confidence_makes_a_wider_interval():
    ninety_nine = 2.575829
    assert wilson(45, 60, ninety_nine).width > wilson(45, 60).width
    assert adjusted_wald_nps(32, 13, 6, ninety_nine).width > adjusted_wald_nps(32, 13, 6).width


def test_without_answers_there_is_no_interval():
    assert wilson(0, 0) is None
    assert adjusted_wald_nps(0, 0, 0) is None
    assert newcombe(Share(0, 0), Share(3, 4)) is None
    assert newcombe(Share(3, 4), Share(0, 0)) is None
    assert Share(0, 0).percent is None


def test_impossible_counts_are_refused():
    for successes, answered in [(-1, 5), (6, 5), (0, -1)]:
        with pytest.raises(ValueError, match="is no share"):
            wilson(successes, answered)
    with pytest.raises(ValueError, match="cannot be negative"):
        adjusted_wald_nps(3, -1, 2)


def test_the_variance_of_one_answer_is_largest_between_two_camps_and_nothing_in_agreement():
    assert nps_variance(promoters=5, detractors=5, answered=10) == 1
    assert nps_variance(promoters=10, detractors=0, answered=10) == 0
    assert nps_variance(promoters=0, detractors=0, answered=10) == 0
    assert nps_variance(promoters=5, detractors=0, answered=10) == 0.25


def test_clipping_keeps_an_interval_inside_even_if_it_lay_outside():
    assert Interval(-5, 50).clipped(0, 100) == Interval(0, 50)
    assert Interval(120, 130).clipped(0, 100) == Interval(100, 100)


@given(SHARES)
def test_wilson_stays_on_the_scale_and_contains_the_share(share):
    interval = wilson(share.successes, share.answered)
    assert 0 <= interval.low < interval.high <= 100
    assert share.percent in interval


@given(SHARES)
def test_the_interval_of_the_failures_mirrors_that_of_the_successes(share):
    good = wilson(share.successes, share.answered)
    bad = wilson(share.answered - share.successes, share.answered)
    assert (bad.low, bad.high) == pytest.approx((100 - good.high, 100 - good.low), abs=1e-9)


@given(PEOPLE, PEOPLE, PEOPLE)
def test_turning_all_answers_round_mirrors_the_nps_interval(promoters, passives, detractors):
    if not promoters + passives + detractors:
        return
    liked, hated = (
        adjusted_wald_nps(promoters, passives, detractors),
        adjusted_wald_nps(detractors, passives, promoters),
    )
    assert (hated.low, hated.high) == pytest.approx((-liked.high, -liked.low), abs=1e-9)


@given(SHARES, SHARES)
def test_the_interval_of_a_difference_contains_it_and_stays_within_a_hundred_points(before, after):
    interval = newcombe(before, after)
    assert -100 <= interval.low < interval.high <= 100
    assert after.percent - before.percent in interval
