"""The work on a response: notes for colleagues, status, assignee and tags."""

from typing import Any

from flask import current_app
from sqlalchemy import Row, select

from feedback_app.api.models import ApiKey
from feedback_app.api.v1.accounts import staff_id
from feedback_app.api.v1.endpoints import CHANGES, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import BLANK, Field, choice, email, text
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.records import RECORD, one_record, record_items
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.api.v1.survey_responses import ID as RESPONSE_ID
from feedback_app.api.v1.survey_responses import TEXTS, tags
from feedback_app.db import reading
from feedback_app.responses.adding import change_response
from feedback_app.responses.models import ResponseState
from feedback_app.reviews.models import Note, ReviewStatus
from feedback_app.reviews.services import LONGEST_NOTE, add_note, assign, set_status
from feedback_app.staff.models import StaffUser

TAG = "Reviews"
NOTES: Any = select(
    Note.id, Note.text, Note.created_at, Note.author_name, StaffUser.name, StaffUser.email
).outerjoin(StaffUser, StaffUser.id == Note.author_id)
NOTE = object_of(
    id=ID,
    text=TEXT,
    author=nullable(TEXT | {"description": "A member of staff, or the name of an API key."}),
    user_email=nullable(TEXT),
    created_at=TIME,
)
STATUSES = {"enum": [status.value for status in ReviewStatus]}


@endpoint(
    "GET",
    "/survey_responses/{id}/notes",
    summary="The notes on a response, oldest first",
    scope=READS,
    tag=TAG,
    fields=(RESPONSE_ID, PER_PAGE_FIELD, CURSOR_FIELD),
    answer=a_list_of(NOTE),
    statuses=(200, 404, 422),
    example={"id": 1},
)
def list_notes(call: Call) -> Page:
    own_response(call)
    size = call["per_page"]
    wanted = NOTES.where(Note.response_id == call["id"], Note.id > id_in(call["page_info"]))
    with reading() as connection:
        rows = connection.execute(wanted.order_by(Note.id).limit(size + 1)).all()
    items = [note_item(row) for row in rows[:size]]
    return Page(items, cursor_of(rows[size - 1].id) if len(rows) > size else None)


@endpoint(
    "POST",
    "/survey_responses/{id}/notes",
    summary="Note something on a response for colleagues",
    scope=CHANGES,
    tag=TAG,
    fields=(
        RESPONSE_ID,
        Field(
            "text",
            text(LONGEST_NOTE),
            {"type": "string", "maxLength": LONGEST_NOTE},
            "The note.",
            "body",
            required=True,
        ),
    ),
    answer=NOTE,
    statuses=(201, 404, 422),
    example={"id": 1, "text": "Called back; all is well."},
)
def post_note(call: Call) -> Answer:
    """Its author is the key, by its name."""
    own_response(call)
    if not call["text"].strip():
        raise ApiError(422, {"text": [BLANK]})
    note_id = add_note(
        call.session, call["id"], call["text"], user_id=None, by=name_of_key(call), now=call.now
    )
    with reading() as connection:
        return Answer(note_item(connection.execute(NOTES.where(Note.id == note_id)).one()), 201)


@endpoint(
    "PUT",
    "/survey_responses/{id}/review",
    summary="Set the status of a response, or who works on it",
    scope=CHANGES,
    tag=TAG,
    fields=(
        RESPONSE_ID,
        Field("status", choice(*ReviewStatus), STATUSES, "How far the work is.", "body"),
        Field(
            "assignee_email",
            email,
            {"type": ["string", "null"], "format": "email"},
            "The member of staff who works on it; null: nobody.",
            "body",
        ),
    ),
    answer=RECORD,
    statuses=(200, 404, 422),
    example={"id": 1, "status": "open", "assignee_email": "dana@northlight.example"},
)
def put_review(call: Call) -> dict[str, Any]:
    """What is not given stays."""
    own_response(call)
    by = name_of_key(call)
    if call.has("status") and call["status"] is None:
        raise ApiError(422, {"status": [BLANK]})
    if call.has("assignee_email"):
        assignee = staff_id(call.session, call["assignee_email"], "assignee_email")
        assign(call.session, call["id"], assignee, user_id=None, by=by, now=call.now)
    if call["status"] is not None:
        set_status(call.session, call["id"], ReviewStatus(call["status"]), user_id=None, by=by, now=call.now)
    return own_response(call)


@endpoint(
    "PUT",
    "/survey_responses/{id}/tags",
    summary="Replace the tags of a response",
    scope=CHANGES,
    tag=TAG,
    fields=(RESPONSE_ID, Field("tags", tags, TEXTS, "All of them; an empty list takes all away.", "body")),
    answer=RECORD,
    statuses=(200, 404, 422),
    example={"id": 1, "tags": ["billing"]},
)
def put_tags(call: Call) -> dict[str, Any]:
    own_response(call)
    if call["tags"] is None:
        raise ApiError(422, {"tags": [BLANK]})
    change_response(call.session, call.key.survey_id, call["id"], {"tags": call["tags"]}, now=call.now)
    return own_response(call)


def own_response(call: Call) -> dict[str, Any]:
    """The response of the path, confirmed or not, if it is of the key's survey; raises ApiError (404)."""
    survey_id, links = call.key.survey_id, current_app.extensions["feedback_links"]
    with reading() as connection:
        row = one_record(connection, survey_id, call["id"], tuple(ResponseState))
        if row is None:
            raise ApiError(404)
        return record_items(connection, [row], links, survey_id=survey_id)[0]


def name_of_key(call: Call) -> str:
    """What staff call the key, or its first letters."""
    key = call.session.get_one(ApiKey, call.key.id)
    return key.name or f"API key {key.start}…"


def note_item(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "text": row.text,
        "author": row.author_name or row.name or row.email,
        "user_email": row.email,
        "created_at": unix(row.created_at),
    }
