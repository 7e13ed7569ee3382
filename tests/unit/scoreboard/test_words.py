"""Names as the pages show them."""

from datetime import date

import pytest

from feedback_app.scoreboard.queries import Period
from feedback_app.scoreboard.words import NAMES, band_name, days, metric_name, score_meaning
from feedback_app.scoring.metrics import METRICS, metric


def test_every_metric_that_is_offered_has_a_name() -> None:
    assert {one.key for one in METRICS} <= set(NAMES)
    assert metric_name(metric("ces")) == "Customer Effort Score"


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("nps", ["Detractors", "Passives", "Promoters"]),
        ("csat", ["Dissatisfied", "Neutral", "Satisfied"]),
        ("pmf", ["Not disappointed", "Somewhat disappointed", "Very disappointed"]),
    ],
)
def test_bands_are_named_as_groups_of_people(key: str, expected: list[str]) -> None:
    assert [band_name(band) for band in metric(key).bands] == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("nps", "% promoters minus % detractors"),
        ("ces", "of answers rated 5–7, easy"),
        ("thumbs", "of answers rated 1, up"),
    ],
)
def test_a_score_says_what_it_counts(key: str, expected: str) -> None:
    assert score_meaning(metric(key)) == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (date(2026, 11, 14), date(2026, 11, 21), "14–20 Nov"),
        (date(2026, 10, 28), date(2026, 11, 4), "28 Oct – 3 Nov"),
        (date(2026, 11, 20), date(2026, 11, 21), "20 Nov"),
    ],
)
def test_days_are_written_short(since: date, until: date, expected: str) -> None:
    assert days(Period(since, until)) == expected
