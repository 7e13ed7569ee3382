"""Places in lists that go by time, as cursors."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import INVALID, LATEST
from feedback_app.api.v1.paging import cursor_of, place_of
from feedback_app.db import LARGEST_ID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
A_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind the row of this time and id."""

    at: datetime
    row_id: int


def as_place(at: datetime, row_id: int) -> str:
    """The cursor of a row, exact to the microsecond."""
    return cursor_of((at - EPOCH) // A_MICROSECOND, row_id)


def place_in(cursor: str) -> Place:
    """The place of a cursor; raises ApiError (422) for one that names none."""
    microseconds, row_id = place_of(cursor, int, int)
    try:
        at = EPOCH + microseconds * A_MICROSECOND
    except OverflowError as error:
        raise ApiError(422, {"page_info": [INVALID]}) from error
    if not 0 <= row_id <= LARGEST_ID:
        raise ApiError(422, {"page_info": [INVALID]})
    return Place(at, row_id)


def id_in(cursor: str | None) -> int:
    """The id behind which a list by id goes on; 0 is its beginning. Raises ApiError (422)."""
    if not cursor:
        return 0
    (row_id,) = place_of(cursor, int)
    if not 0 <= row_id <= LARGEST_ID:
        raise ApiError(422, {"page_info": [INVALID]})
    return int(row_id)


def with_its_second(until: datetime) -> datetime | None:
    """The moment before which everything of that second lies; None if no calendar has it."""
    return None if until.timestamp() >= LATEST else until + A_SECOND
