"""The arithmetic and the table of the benchmarks."""

import json

import pytest

from benchmarks.report import Goal, Row, Spread, markdown, number, ratios, spread


def test_a_spread_is_least_median_and_greatest():
    assert spread([3.0, 1.0, 2.0, 10.0]) == Spread(1.0, 2.5, 10.0)


def test_rounds_are_compared_with_their_neighbours_in_time():
    # Both sides slow down by half in the second round, which is no difference between them.
    assert ratios([90.0, 45.0, 80.0], [100.0, 50.0, 100.0]) == Spread(0.8, 0.9, 0.9)


def test_sides_with_different_numbers_of_rounds_are_refused():
    with pytest.raises(ValueError, match="longer"):
        ratios([1.0], [1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "verdict"), [(0.59, "MISSED"), (0.6, "must"), (0.79, "must"), (0.8, "aim"), (2.0, "aim")]
)
def test_a_ratio_must_reach_its_limit_and_aims_higher(value, verdict):
    assert Goal(">=", 0.6, 0.8).verdict(value) == verdict


@pytest.mark.parametrize(("value", "verdict"), [(0, "met"), (5, "met"), (5.01, "MISSED")])
def test_a_limit_must_not_be_passed(value, verdict):
    assert Goal("<=", 5).verdict(value) == verdict


def test_the_median_decides_and_not_the_best_round():
    assert Row("GET", "SQLite", Spread(0.4, 0.5, 0.9), Goal(">=", 0.6)).verdict == "MISSED"


def test_a_row_without_a_goal_is_there_for_comparison():
    assert Row("start", "none", spread([1.5]), None).verdict == "for comparison"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.617, "0.62"), (12.34, "12.3"), (1234.5, "1,234"), (100, "100")]
)
def test_numbers_keep_the_digits_that_matter(value, text):
    assert number(value) == text


def test_the_table_has_a_line_for_each_row():
    rows = [
        Row("GET", "SQLite", Spread(0.5, 0.7, 0.9), Goal(">=", 0.6, 0.8, "x"), "700/s"),
        Row("errors", "PostgreSQL", spread([0]), Goal("<=", 0)),
    ]
    assert markdown(rows).splitlines()[2:] == [
        "| GET | SQLite | 0.50 / **0.70** / 0.90x | >= 0.60x, aim 0.80x | must | 700/s |",
        "| errors | PostgreSQL | 0 | <= 0 | met |  |",
    ]


def test_a_row_as_data_holds_its_numbers_and_its_verdict():
    row = json.loads(Row("GET", "SQLite", Spread(0.5, 0.7, 0.9), Goal(">=", 0.6, 0.8)).as_json())
    assert row["measured"] == {"least": 0.5, "middle": 0.7, "greatest": 0.9}
    assert (row["goal"]["must"], row["goal"]["aim"], row["verdict"]) == (0.6, 0.8, "must")
