"""The rules that turn events into invitations of the key's survey; each listening to a source."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from feedback_app.api.v1.endpoints import CHANGES, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    BLANK,
    INVALID,
    NOT_INCLUDED,
    Field,
    Wrong,
    boolean,
    integer,
    row_id,
    text,
)
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.shapes import ID, OK, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.errors import Invalid
from feedback_app.invitations.conditions import OPS, Condition, checked_conditions
from feedback_app.invitations.drafts import LONGEST_DELAY, LONGEST_NAME, LONGEST_TYPE, TriggerDraft
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.services import (
    add_trigger,
    change_trigger,
    delete_trigger,
    pause_trigger,
    resume_trigger,
)
from feedback_app.invitations.windows import SendingWindow

TAG = "Triggers"
CONDITION = object_of(field=TEXT, op={"enum": list(OPS)}, values=a_list_of(TEXT))
CLOCK = {"type": "string", "pattern": r"^\d\d:\d\d$"}
WINDOW = object_of(
    days={"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 6}}, start=CLOCK, end=CLOCK
)
TRIGGER = object_of(
    id=ID,
    source_id=ID,
    name=TEXT,
    event_type=TEXT,
    conditions=a_list_of(CONDITION),
    delay={"type": "integer", "description": "Seconds."},
    sample_percent={"type": "integer"},
    window=nullable(WINDOW),
    active={"type": "boolean"},
    created_at=TIME,
)


def conditions(given: Any) -> tuple[Condition, ...]:
    """Conditions as the trigger keeps them; what is wrong is told in words."""
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise Wrong(INVALID)
    read = text()
    try:
        return checked_conditions(
            [
                Condition(
                    read(one.get("field")), read(one.get("op")), tuple(map(read, _list(one.get("values"))))
                )
                for one in given
            ]
        )
    except Invalid as error:
        raise Wrong(error.message) from error


def window(given: Any) -> SendingWindow:
    """The hours in which mail may arrive: {"days": [0, 1], "start": "09:00", "end": "17:00"}, Monday being 0."""
    if not isinstance(given, Mapping):
        raise Wrong(INVALID)
    day = integer(0, 6)
    days = frozenset(day(one) for one in _list(given.get("days", list(range(7)))))
    try:
        start, end = (_clock(given.get(name, "00:00")) for name in ("start", "end"))
        return SendingWindow(days, start, end)
    except (TypeError, ValueError) as error:
        raise Wrong(INVALID) from error


TRIGGER_ID = Field("id", row_id, {"type": "string"}, "The trigger's id.", "path", required=True)
MOST_SECONDS = int(LONGEST_DELAY.total_seconds())
CHANGED = (
    Field("name", text(LONGEST_NAME), {"type": "string", "maxLength": LONGEST_NAME}, "For staff.", "body"),
    Field(
        "event_type",
        text(LONGEST_TYPE),
        {"type": "string", "maxLength": LONGEST_TYPE, "default": "interaction_closed"},
        "The type of the events that it is about.",
        "body",
    ),
    Field(
        "conditions",
        conditions,
        {"type": "array", "items": CONDITION},
        "All must hold; about `tag`, `group`, `channel`, `agent`, `organization`, `subject`, `property:NAME`, "
        "`auto_closed`, `own_case` or `previous`.",
        "body",
    ),
    Field(
        "delay",
        integer(0, MOST_SECONDS),
        {"type": "integer", "minimum": 0, "maximum": MOST_SECONDS, "default": 86_400},
        "Seconds from the event to the mail.",
        "body",
    ),
    Field(
        "sample_percent",
        integer(0, 100),
        {"type": "integer", "minimum": 0, "maximum": 100, "default": 100},
        "The share of people who are asked.",
        "body",
    ),
    Field(
        "window",
        window,
        {"type": ["object", "null"], "properties": WINDOW["properties"]},
        "When mail may arrive, on the person's clock; null: at any time.",
        "body",
    ),
    Field("active", boolean, {"type": "boolean", "default": True}, "false: it matches nothing.", "body"),
)
NEW = (
    Field("source_id", row_id, {"type": ["string", "integer"]}, "Whose events.", "body", required=True),
    *CHANGED,
)
MAY_BE_EMPTY: Mapping[str, Any] = {"name": "", "conditions": (), "window": None}


@endpoint(
    "GET",
    "/triggers",
    summary="The triggers of the survey",
    scope=READS,
    tag=TAG,
    fields=(PER_PAGE_FIELD, CURSOR_FIELD),
    answer=a_list_of(TRIGGER),
    statuses=(200, 422),
    example={},
)
def list_triggers(call: Call) -> Page:
    size = call["per_page"]
    query = (
        select(Trigger)
        .where(
            Trigger.survey_id == call.key.survey_id,
            Trigger.deleted_at.is_(None),
            Trigger.id > id_in(call["page_info"]),
        )
        .order_by(Trigger.id)
        .limit(size + 1)
    )
    found = call.session.scalars(query).all()
    items = [trigger_item(one) for one in found[:size]]
    return Page(items, cursor_of(found[size - 1].id) if len(found) > size else None)


@endpoint(
    "GET",
    "/triggers/{id}",
    summary="One trigger of the survey",
    scope=READS,
    tag=TAG,
    fields=(TRIGGER_ID,),
    answer=TRIGGER,
    statuses=(200, 404),
    example={"id": 1},
)
def show_trigger(call: Call) -> dict[str, Any]:
    return trigger_item(_own(call))


@endpoint(
    "POST",
    "/triggers",
    summary="Ask the survey after events of a source",
    scope=CHANGES,
    tag=TAG,
    fields=NEW,
    answer=TRIGGER,
    statuses=(201, 422),
    example={
        "source_id": 1,
        "name": "VIP cases",
        "delay": 3600,
        "conditions": [{"field": "tag", "op": "is", "values": ["vip"]}],
    },
)
def post_trigger(call: Call) -> Answer:
    if call.session.get(Source, call["source_id"]) is None:
        raise ApiError(422, {"source_id": [NOT_INCLUDED]})
    draft = _changed(call, TriggerDraft(call.key.survey_id))
    trigger_id = add_trigger(call.session, call["source_id"], draft, user_id=None, now=call.now)
    if call["active"] is False:
        pause_trigger(call.session, trigger_id, user_id=None, now=call.now)
    return Answer(trigger_item(call.session.get_one(Trigger, trigger_id)), 201)


@endpoint(
    "PUT",
    "/triggers/{id}",
    summary="Change a trigger, pause it or let it go on",
    scope=CHANGES,
    tag=TAG,
    fields=(TRIGGER_ID, *CHANGED),
    answer=TRIGGER,
    statuses=(200, 404, 422),
    example={"id": 1, "window": {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}},
)
def put_trigger(call: Call) -> dict[str, Any]:
    """What is not given stays; events that are here already are not read again."""
    trigger = _own(call)
    trigger_id, was = trigger.id, TriggerDraft.of_trigger(trigger)
    if call.has("active") and call["active"] is None:
        raise ApiError(422, {"active": [BLANK]})
    draft = _changed(call, was)
    if draft != was:
        change_trigger(call.session, trigger_id, draft, user_id=None, now=call.now)
    if call["active"] is not None:
        move = resume_trigger if call["active"] else pause_trigger
        move(call.session, trigger_id, user_id=None, now=call.now)
    return trigger_item(call.session.get_one(Trigger, trigger_id))


@endpoint(
    "DELETE",
    "/triggers/{id}",
    summary="Take a trigger away, and cancel what it has scheduled",
    scope=CHANGES,
    tag=TAG,
    fields=(TRIGGER_ID,),
    answer=OK,
    statuses=(200, 404),
    example={"id": 1},
)
def delete_one(call: Call) -> dict[str, Any]:
    delete_trigger(call.session, _own(call).id, user_id=None, now=call.now)
    return {"ok": True}


def trigger_item(trigger: Trigger) -> dict[str, Any]:
    return {
        "id": str(trigger.id),
        "source_id": str(trigger.source_id),
        "name": trigger.name,
        "event_type": trigger.event_type,
        "conditions": trigger.conditions,
        "delay": trigger.delay_seconds,
        "sample_percent": trigger.sample_percent,
        "window": trigger.window,
        "active": trigger.active,
        "created_at": unix(trigger.created_at),
    }


def _own(call: Call) -> Trigger:
    """The trigger of the path, if it is of the key's survey and there; raises ApiError (404)."""
    own = select(Trigger).where(
        Trigger.id == call["id"], Trigger.survey_id == call.key.survey_id, Trigger.deleted_at.is_(None)
    )
    trigger = call.session.scalar(own)
    if trigger is None:
        raise ApiError(404)
    return trigger


def _changed(call: Call, draft: TriggerDraft) -> TriggerDraft:
    """The draft with what was given."""
    changes: dict[str, Any] = {}
    for one in CHANGED:
        if one.name == "active" or not call.has(one.name):
            continue
        value = call[one.name]
        if value is None and one.name not in MAY_BE_EMPTY:
            raise ApiError(422, {one.name: [BLANK]})
        changes[one.name] = MAY_BE_EMPTY.get(one.name) if value is None else value
    if "delay" in changes:
        changes["delay"] = timedelta(seconds=changes["delay"])
    return replace(draft, **changes)


def _list(given: Any) -> list[Any]:
    if not isinstance(given, list):
        raise Wrong(INVALID)
    return given


def _clock(given: Any) -> time:
    return datetime.strptime(given, "%H:%M").time()  # noqa: DTZ007  a time of day, wherever the person is
