"""Where a page begins, as an address carries it."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.ledger.cursor import EPOCH, Place

MICROSECONDS = st.integers(0, 10**16 - 1)


@given(MICROSECONDS, st.integers(0, 2**31))
def test_a_place_reads_back_what_it_wrote(microseconds: int, row_id: int) -> None:
    at = EPOCH + timedelta(microseconds=microseconds)
    assert Place.read(str(Place(at, row_id))) == Place(at, row_id)


def test_a_place_is_written_in_microseconds() -> None:
    assert str(Place(datetime(1970, 1, 1, 0, 0, 1, 5, tzinfo=UTC), 7)) == "1000005-7"


@pytest.mark.parametrize(
    "given", ["", "7", "-", "1-", "-1-2", "1-2-3", "x-1", "1" * 17 + "-1", "1-" + "1" * 19, "١-٢"]
)
def test_anything_else_is_no_place(given: str) -> None:
    assert Place.read(given) is None
