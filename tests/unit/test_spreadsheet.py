"""Cells that a spreadsheet must not take for formulas."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from feedback_app.spreadsheet import safe_cell


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_what_begins_like_a_formula_becomes_text(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "Ada", "a=b", "1+1", "’=1", " padded", "ü"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert safe_cell(text) == text


def test_numbers_stay_numbers_also_below_zero() -> None:
    assert safe_cell(-5) == -5
    assert safe_cell(0.5) == 0.5


def test_nothing_is_an_empty_cell() -> None:
    assert safe_cell(None) == ""


def test_truth_is_a_word() -> None:
    assert safe_cell(True) == "True"


def test_moments_are_iso_in_utc() -> None:
    moment = datetime(2026, 11, 20, 13, 5, 7, tzinfo=timezone(timedelta(hours=1)))
    assert safe_cell(moment) == "2026-11-20T12:05:07Z"
    assert safe_cell(datetime(2026, 1, 2, tzinfo=UTC)) == "2026-01-02T00:00:00Z"
