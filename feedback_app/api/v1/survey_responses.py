"""/v1/survey_responses: added, listed, looked at and changed, as Delighted's clients do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app

from feedback_app.api.v1.endpoints import CHANGES, INGESTS, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    INVALID,
    LATEST,
    Field,
    Wrong,
    choice,
    integer,
    moment,
    properties,
    row_id,
    text,
    words,
)
from feedback_app.api.v1.paging import (
    CURSOR_FIELD,
    PAGE_FIELD,
    PER_PAGE_FIELD,
    Page,
    cursor_of,
    place_of,
)
from feedback_app.api.v1.records import RECORD, one_record, record_items, records_page
from feedback_app.api.v1.shapes import a_list_of
from feedback_app.db import LARGEST_ID, reading
from feedback_app.errors import Invalid
from feedback_app.people.addresses import normalised_address
from feedback_app.responses.adding import (
    NewResponse,
    NotAccepted,
    add_response,
    change_response,
    problems_of,
)
from feedback_app.responses.forms import LONGEST_COMMENT, as_written
from feedback_app.responses.listing import CONFIRMED_ONLY, ResponseFilter, ResponsePlace
from feedback_app.responses.models import ResponseState

TAG = "Responses"
A_SECOND = timedelta(seconds=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Late(Field):
    """A field that the view reads itself, so that what only the database knows is reported with all the rest."""

    def value(self, values: dict[str, Any]) -> Any:
        return values.get(self.name)

    def now(self, given: Mapping[str, Any]) -> Any:
        """The value that came, or the default; raises Wrong."""
        return super().value(dict(given))


def person_id(given: Any) -> int:
    """The id of a person: digits, a number, or the whole object as `save()` sends it after `expand`."""
    if isinstance(given, Mapping):
        given = given.get("id")
    try:
        return row_id(given)
    except Wrong as error:
        raise Wrong(INVALID) from error


def path_id(given: Any) -> int:
    """The id in an address; what cannot be one is 0, which finds nothing."""
    found = str(given)
    return int(found) if found.isascii() and found.isdigit() and 0 < int(found[:12]) <= LARGEST_ID else 0


def tags(given: Any) -> list[str]:
    """Tags, each once, without blanks around them."""
    return list(dict.fromkeys(tag.strip() for tag in words()(given) if tag.strip()))


def comment(given: Any) -> str:
    return as_written(text(LONGEST_COMMENT)(given))


TEXTS = {"type": "array", "items": {"type": "string"}}
MAP = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}
SECONDS = {"type": "integer", "minimum": 0}
ID_TEXT = {"type": ["string", "integer"]}


def _late(name: str, read: Any, schema: dict[str, Any], meaning: str, *, required: bool = False) -> Late:
    return Late(name, read, schema, meaning, where="body", required=required)


SCORE_SCHEMA = {"type": "integer", "minimum": 0, "maximum": 10}
PERSON = _late("person", person_id, ID_TEXT, "The id of the person who answered.", required=True)
SCORE = _late("score", integer(), SCORE_SCHEMA, "The rating, on the survey's own scale.", required=True)
COMMENT = _late("comment", comment, {"type": ["string", "null"]}, "What the person wrote.")
PROPERTIES = _late(
    "person_properties",
    properties,
    MAP,
    "What was known of the person; numbers become text, empty values go.",
)
TAGS = _late("tags", tags, TEXTS, "Tags of the response.")
CREATED_AT = _late(
    "created_at", moment, SECONDS, "When it was collected, by default now; at most a day ahead."
)
NEW = (PERSON, SCORE, COMMENT, PROPERTIES, TAGS, CREATED_AT)
CHANGED = (
    _late("person", person_id, {"type": ["string", "integer", "object", "null"]}, "Another person's id."),
    _late("score", integer(), SCORE_SCHEMA, "Another rating."),
    COMMENT,
    _late("person_properties", properties, MAP, "Replaces the whole map."),
    _late("tags", tags, TEXTS, "Replaces all tags."),
)
COLUMNS = {
    "person": "person_id",
    "score": "rating",
    "comment": "comment",
    "person_properties": "properties",
    "tags": "tags",
}
EMPTY: Mapping[str, Any] = {"comment": "", "person_properties": {}, "tags": []}

ID = Field("id", path_id, {"type": "string"}, "The response's id.", where="path", required=True)
EXPAND = Field("expand", words(), TEXTS, "`person`: the person in full instead of the id.", default=())
INCLUDE = Field(
    "include",
    words(),
    TEXTS,
    "`unconfirmed`: also answers without a sign of a human, and those that look like a link scanner's.",
    default=(),
)
FILTERS = (
    Field("since", moment, SECONDS, "Created at this second or later."),
    Field("until", moment, SECONDS, "Created at this second or earlier."),
    Field("updated_since", moment, SECONDS, "Changed at this second or later; then in the order of changes."),
    Field(
        "updated_until", moment, SECONDS, "Changed at this second or earlier; then in the order of changes."
    ),
    Field(
        "order",
        choice("asc", "desc"),
        {"enum": ["asc", "desc"], "default": "asc"},
        "Oldest or newest first.",
        default="asc",
    ),
    Field("trend", text(200), {"type": "string"}, "There are no trends here, so any finds nothing."),
    Field("person_id", row_id, ID_TEXT, "Only this person's."),
    Field("person_email", text(254), {"type": "string"}, "Only the person's with this address."),
    Field("theme", row_id, ID_TEXT, "Only those whose comments have the theme with this id."),
    INCLUDE,
)


@endpoint(
    "POST",
    "/survey_responses",
    summary="Add a response that was collected elsewhere",
    scope=INGESTS,
    tag=TAG,
    fields=NEW,
    answer=RECORD,
    statuses=(201, 422),
    example={"person": "1", "score": 9, "comment": "Quick and kind.", "person_properties": {"plan": "pro"}},
)
def create(call: Call) -> Answer:
    """Keep the response, and give it back."""
    values, problems = read_late(call, NEW)
    if problems:
        raise ApiError(422, all_problems(call, values, problems))
    given = NewResponse(
        person_id=values["person"],
        rating=values["score"],
        comment=values["comment"] or "",
        properties=values["person_properties"] or {},
        tags=values["tags"] or [],
        created_at=values["created_at"],
    )
    try:
        response_id = add_response(call.session, call.key.survey_id, given, now=call.now)
    except NotAccepted as error:
        raise ApiError(422, in_lists(error.problems)) from error
    return Answer(shown(call, response_id, (), is_new=True), 201)


@endpoint(
    "GET",
    "/survey_responses",
    summary="List responses",
    scope=READS,
    tag=TAG,
    fields=(PER_PAGE_FIELD, PAGE_FIELD, CURSOR_FIELD, *FILTERS, EXPAND),
    answer=a_list_of(RECORD),
    statuses=(200, 422),
    example={},
)
def index(call: Call) -> Page:
    """A page by number or by cursor, oldest first unless told otherwise."""
    wanted = wanted_responses(call)
    if wanted is None:
        return Page([])
    size = call["per_page"]
    after = read_place(call, wanted)
    offset = 0 if after else (call["page"] - 1) * size
    with reading() as connection:
        rows = records_page(connection, wanted, after=after, offset=offset, size=size + 1)
        items = record_items(
            connection,
            rows[:size],
            current_app.extensions["feedback_links"],
            survey_id=call.key.survey_id,
            with_people="person" in call["expand"],
        )
    return Page(items, cursor_after(rows[size - 1], wanted) if len(rows) > size else None)


@endpoint(
    "GET",
    "/survey_responses/{id}",
    summary="One response",
    scope=READS,
    tag=TAG,
    fields=(ID, EXPAND, INCLUDE),
    answer=RECORD,
    statuses=(200, 404),
    example={"id": "1", "expand": ["person"]},
)
def show(call: Call) -> dict[str, Any]:
    return shown(call, call["id"], states_of(call))


PUT_EXPAND = Field("expand", words(), TEXTS, EXPAND.meaning, where="body", default=())
PUT_ID = Field("id", path_id, ID_TEXT, "The response's id.", where="body", required=True)


@endpoint(
    "PUT",
    "/survey_responses/{id}",
    summary="Change a response",
    scope=CHANGES,
    tag=TAG,
    fields=(ID, *CHANGED, PUT_EXPAND, INCLUDE),
    answer=RECORD,
    statuses=(200, 404, 422),
    example={"id": "1", "score": 8, "comment": "Quick, and kinder still."},
)
def change(call: Call) -> dict[str, Any]:
    """Change what is given; what the client cannot change may stand there too and is left alone."""
    shown(call, call["id"], states_of(call))
    sent = tuple(one for one in CHANGED if is_given(call, one.name))
    values, problems = read_late(call, sent)
    if call.given.get("score", 0) in (None, ""):
        problems["score"] = "can't be blank"
    if problems:
        raise ApiError(422, all_problems(call, values, problems))
    changes = {COLUMNS[name]: EMPTY.get(name) if value is None else value for name, value in values.items()}
    try:
        change_response(call.session, call.key.survey_id, call["id"], changes, now=call.now)
    except NotAccepted as error:
        raise ApiError(422, in_lists(error.problems)) from error
    return shown(call, call["id"], states_of(call))


@endpoint(
    "PUT",
    "/survey_responses",
    summary="Change a response that the body names",
    scope=CHANGES,
    tag=TAG,
    fields=(PUT_ID, *CHANGED, PUT_EXPAND, INCLUDE),
    answer=RECORD,
    statuses=(200, 404, 422),
    example={"id": "1", "score": 10},
)
def change_named(call: Call) -> dict[str, Any]:
    """The same with the id in the body, as Node's `save()` sends it."""
    return change(call)


def is_given(call: Call, name: str) -> bool:
    """Whether the body says something about it; a person of null is what an anonymous response has anyway."""
    return call.has(name) and (name in EMPTY or call.given[name] not in (None, ""))


def read_late(call: Call, fields: tuple[Late, ...]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of these fields, and what is wrong with the others."""
    values, problems = {}, {}
    for one in fields:
        try:
            values[one.name] = one.now(call.given)
        except Wrong as error:
            problems[one.name] = str(error)
    return values, problems


def all_problems(call: Call, values: Mapping[str, Any], problems: Mapping[str, str]) -> dict[str, list[str]]:
    """With what the database finds wrong with the rest: everything is reported at once."""
    with reading() as connection:
        found = problems_of(
            connection, call.key.survey_id, person_id=values.get("person"), rating=values.get("score")
        )
    return in_lists({**found, **problems})


def in_lists(problems: Mapping[str, str]) -> dict[str, list[str]]:
    return {name: [problem] for name, problem in problems.items()}


def states_of(call: Call) -> tuple[str, ...]:
    """Which answers are seen: the confirmed ones unless the others are asked for."""
    return tuple(ResponseState) if "unconfirmed" in call["include"] else CONFIRMED_ONLY


def shown(
    call: Call, response_id: int, states: tuple[str, ...] = (), *, is_new: bool = False
) -> dict[str, Any]:
    """The response as it is now; raises ApiError (404)."""
    survey_id = call.key.survey_id
    with reading() as connection:
        row = one_record(connection, survey_id, response_id, states or CONFIRMED_ONLY)
        if row is None:
            raise ApiError(404)
        return record_items(
            connection,
            [row],
            current_app.extensions["feedback_links"],
            survey_id=survey_id,
            with_people=not is_new and "person" in call["expand"],
            with_notes=not is_new,
        )[0]


def wanted_responses(call: Call) -> ResponseFilter | None:
    """The filter that the query asks for; None if nothing can match it."""
    key = None
    if call["person_email"] is not None:
        try:
            key = normalised_address(call["person_email"])
        except Invalid:
            return None
    if call["trend"] is not None:
        return None
    return ResponseFilter(
        survey_id=call.key.survey_id,
        states=states_of(call),
        since=call["since"],
        until=with_its_second(call["until"]),
        updated_since=call["updated_since"],
        updated_until=with_its_second(call["updated_until"]),
        person_id=call["person_id"],
        email_key=key,
        theme_id=call["theme"],
        newest_first=call["order"] == "desc",
    )


def with_its_second(until: datetime | None) -> datetime | None:
    """The moment before which everything of that second lies: times are shown without their fractions."""
    if until is None or until.timestamp() >= LATEST:
        return None
    return until + A_SECOND


def cursor_after(row: Any, wanted: ResponseFilter) -> str:
    """The place of a row as a cursor, exact to the microsecond."""
    at = row.updated_at if wanted.goes_by_change else row.created_at
    return cursor_of(order_name(wanted), (at - EPOCH) // timedelta(microseconds=1), row.id)


def read_place(call: Call, wanted: ResponseFilter) -> ResponsePlace | None:
    """The place that `page_info` names; raises ApiError (422) for that of another order."""
    if call["page_info"] is None:
        return None
    order, at, response_id = place_of(call["page_info"], str, int, int)
    try:
        place = ResponsePlace(EPOCH + timedelta(microseconds=at), response_id)
    except OverflowError:
        place = None
    if place is None or order != order_name(wanted) or not 0 <= response_id <= LARGEST_ID:
        raise ApiError(422, {"page_info": [INVALID]})
    return place


def order_name(wanted: ResponseFilter) -> str:
    return ("changed" if wanted.goes_by_change else "created") + ("-desc" if wanted.newest_first else "")
