"""What events come from: helpdesks, and programs with a key. Never their hooks' keys or their secrets."""

from sqlalchemy import func, select

from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.db import UtcDateTime, reading
from feedback_app.invitations.models import Event, Source

TAG = "Triggers"
SOURCE = object_of(id=ID, kind=TEXT, name=TEXT, last_event_at=nullable(TIME), created_at=TIME)


@endpoint(
    "GET",
    "/sources",
    summary="The helpdesks and programs that events come from; never their keys or secrets",
    scope=READS,
    tag=TAG,
    fields=(PER_PAGE_FIELD, CURSOR_FIELD),
    answer=a_list_of(SOURCE),
    statuses=(200, 422),
    example={},
)
def list_sources(call: Call) -> Page:
    """All of the installation, as any of them may feed a trigger of the survey."""
    newest = (
        select(func.max(Event.received_at, type_=UtcDateTime()))
        .where(Event.source_id == Source.id)
        .correlate(Source)
        .scalar_subquery()
    )
    columns = (Source.id, Source.kind, Source.name, Source.created_at, newest.label("last_event_at"))
    query = select(*columns).where(Source.id > id_in(call["page_info"])).order_by(Source.id)
    size = call["per_page"]
    with reading() as connection:
        rows = connection.execute(query.limit(size + 1)).all()
    items = [
        {
            "id": str(row.id),
            "kind": row.kind,
            "name": row.name,
            "last_event_at": unix(row.last_event_at),
            "created_at": unix(row.created_at),
        }
        for row in rows[:size]
    ]
    return Page(items, cursor_of(rows[size - 1].id) if len(rows) > size else None)
