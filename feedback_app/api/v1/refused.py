"""What the lists of unsubscribed and of bounced people have in common."""

from feedback_app.api.v1.endpoints import Call
from feedback_app.api.v1.fields import Field, moment
from feedback_app.api.v1.paging import CURSOR_FIELD, PAGE_FIELD, PER_PAGE_FIELD, Page
from feedback_app.api.v1.places import as_place, place_in, with_its_second
from feedback_app.api.v1.shapes import ID, TEXT, TIME, Shape, nullable, object_of, unix
from feedback_app.db import reading
from feedback_app.directory.refused import Span, refused_people
from feedback_app.people.models import SuppressionReason

MOMENT = {"type": "integer", "minimum": 0}
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
    limit = call["per_page"]
    after = place_in(call["page_info"]) if call["page_info"] else None
    span = Span(call["since"], call["until"] and with_its_second(call["until"]))
    with reading() as connection:
        rows = refused_people(
            connection,
            call.key.survey_id,
            reason,
            span,
            after=(after.at, after.row_id) if after else None,
            skip=0 if after else (call["page"] - 1) * limit,
            limit=limit + 1,
        )
    items = [
        {"person_id": str(row.id), "email": row.email, "name": row.name or None, time_name: unix(row.at)}
        for row in rows[:limit]
    ]
    return Page(items, as_place(rows[limit - 1].at, rows[limit - 1].id) if len(rows) > limit else None)
