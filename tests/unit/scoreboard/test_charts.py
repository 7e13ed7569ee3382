"""Where the bars, dots and bands go, worked out by hand for a box of 100 by 100."""

from datetime import date

import pytest

from feedback_app.scoreboard.charts import Box, bar_chart, score_axis, trend_chart
from feedback_app.scoreboard.queries import Period, Point
from feedback_app.scoring.metrics import Counts, metric

SQUARE = Box(width=100, height=100, left=0, right=100, top=0, bottom=100)
NPS, CSAT = metric("nps"), metric("csat")
SOME_DAYS = Period(date(2026, 11, 1), date(2026, 11, 8))


def points(*samples: Counts, of: str = "nps") -> list[Point]:
    return [Point(SOME_DAYS, metric(of).summary(counts)) for counts in samples]


def test_the_dots_stand_in_the_middle_of_their_places_at_the_height_of_their_score() -> None:
    # 10 promoters among 20: +50 with an interval of 19.9 to 77.4 (adjusted Wald), so the axis is 0 to 100.
    chart = trend_chart(points({10: 10, 7: 10}, {10: 10, 7: 10}), NPS, SQUARE)
    assert chart is not None
    assert [(tick.score, tick.y) for tick in chart.ticks] == [(0, 100), (50, 50), (100, 0)]
    (run,) = chart.runs
    assert [(dot.x, dot.y) for dot in run.dots] == [(25, 50), (75, 50)]
    assert run.line == "25,50 75,50"


def test_the_band_runs_along_the_upper_ends_and_back_along_the_lower_ones() -> None:
    sample = {10: 10, 7: 10}
    interval = NPS.summary(sample).interval
    assert interval is not None
    top, bottom = round(100 - interval.high, 1), round(100 - interval.low, 1)
    chart = trend_chart(points(sample, sample), NPS, SQUARE)
    assert chart is not None
    assert chart.runs[0].band == f"25,{top:g} 75,{top:g} 75,{bottom:g} 25,{bottom:g}"


def test_too_few_answers_break_the_line() -> None:
    enough, few = {10: 10, 7: 10}, {10: 4}
    chart = trend_chart(points(enough, enough, few, enough), NPS, SQUARE)
    assert chart is not None
    assert [[dot.x for dot in run.dots] for run in chart.runs] == [[12.5, 37.5], [87.5]]


def test_a_lone_dot_has_a_band_that_can_be_seen() -> None:
    chart = trend_chart(points({}, {10: 10, 7: 10}, {}), NPS, SQUARE)
    assert chart is not None
    corners = [tuple(map(float, corner.split(","))) for corner in chart.runs[0].band.split()]
    assert [x for x, _ in corners] == [45, 55, 55, 45]


@pytest.mark.parametrize("samples", [[], [{}], [{10: 4}, {3: 1}]])
def test_there_is_no_trend_without_enough_answers(samples: list[Counts]) -> None:
    assert trend_chart(points(*samples), NPS, SQUARE) is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({10: 50, 0: 50}, [-50, 0, 50]),  # 0, give or take 19
        ({0: 20}, [-100, -50]),  # -100 to -86.7
        ({10: 9, 7: 5, 0: 6}, [-50, 0, 50]),  # 15, from -19.6 to 45.7
        ({10: 1, 0: 4}, [-100, -50, 0, 50]),  # -60, from -100 to 10.8
    ],
)
def test_the_axis_is_round_and_holds_every_interval(counts: Counts, expected: list[int]) -> None:
    assert list(score_axis(points(counts), NPS)) == expected


def test_the_axis_of_a_share_goes_in_quarters() -> None:
    # 15 of 20 satisfied: Wilson's interval is 53.1 to 88.8.
    assert list(score_axis(points({5: 15, 1: 5}, of="csat"), CSAT)) == [50, 75, 100]


def test_the_highest_bar_fills_the_chart_and_the_others_are_in_proportion() -> None:
    chart = bar_chart(CSAT.summary({1: 5, 4: 20, 5: 10}), CSAT, SQUARE)
    assert [(bar.rating, bar.count, bar.height, bar.y) for bar in chart.bars] == [
        (1, 5, 25, 75),
        (2, 0, 0, 100),
        (3, 0, 0, 100),
        (4, 20, 100, 0),
        (5, 10, 50, 50),
    ]
    assert [bar.tone for bar in chart.bars] == ["bad", "bad", "middle", "good", "good"]
    assert [bar.middle for bar in chart.bars] == [10, 30, 50, 70, 90]


def test_a_single_answer_among_thousands_can_still_be_seen() -> None:
    chart = bar_chart(CSAT.summary({1: 1, 5: 10_000}), CSAT, SQUARE)
    assert chart.bars[0].height == 1.5


def test_without_answers_every_bar_is_empty() -> None:
    chart = bar_chart(CSAT.summary({}), CSAT, SQUARE)
    assert [bar.height for bar in chart.bars] == [0] * 5
