"""What the lists of unsubscribed and of bounced people have in common."""

from datetime import UTC, datetime, timedelta
from typing import Any

from feedback_app.api.v1.endpoints import Call
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import Field, moment
from feedback_app.api.v1.paging import CURSOR_FIELD, PAGE_FIELD, PER_PAGE_FIELD, Page, cursor_of, place_of
from feedback_app.api.v1.shapes import ID, TEXT, TIME, Shape, nullable, object_of, unix
from feedback_app.db import reading
from feedback_app.directory.refused import Span, refused_people
from feedback_app.people.models import SuppressionReason

MOMENT = {"type": "integer", "minimum": 0}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)
LIST_FIELDS = (
    PER_PAGE_FIELD,
    PAGE_FIELD,
    CURSOR_FIELD,
    Field("since", moment, MOMENT, "Since then, that second included."),
    Field("until", moment, MOMENT, "Until then, that second included."),
)


def shape_of(time_name: str) -> Shape:
    """One person of the list, with the time under this name."""
    return object_of(**{"person_id": ID, "email": nullable(TEXT), "name": nullable(TEXT), time_name: TIME})


def page_of(call: Call, reason: SuppressionReason, time_name: str) -> Page:
    """The page that was asked for, by its number or by a cursor."""
    limit, after = call["per_page"], _place(call)
    span = Span(call["since"], call["until"] and call["until"] + timedelta(seconds=1))
    skip = 0 if after else (call["page"] - 1) * limit
    with reading() as connection:
        rows = refused_people(
            connection, call.key.survey_id, reason, span, after=after, skip=skip, limit=limit + 1
        )
    items = [
        {"person_id": str(row.id), "email": row.email, "name": row.name or None, time_name: unix(row.at)}
        for row in rows[:limit]
    ]
    return Page(items, cursor_of(*_as_place(rows[limit - 1])) if len(rows) > limit else None)


def _as_place(row: Any) -> tuple[int, int]:
    return (row.at - EPOCH) // A_MICROSECOND, row.id


def _place(call: Call) -> tuple[datetime, int] | None:
    if not call["page_info"]:
        return None
    microseconds, person_id = place_of(call["page_info"], int, int)
    try:
        return EPOCH + timedelta(microseconds=microseconds), person_id
    except OverflowError as error:
        raise ApiError(422, {"page_info": ["is invalid"]}) from error
