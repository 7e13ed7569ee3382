"""Events that programs send with their key instead of a signature, and what became of them."""

import json
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from flask import current_app, request
from sqlalchemy import Connection, Row, or_, select

from feedback_app.api.v1.endpoints import INGESTS, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import INVALID, Field, Wrong, row_id, text
from feedback_app.api.v1.fields import moment as unix_moment
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.db import reading
from feedback_app.invitations.events import Delivery, ParsedEvent
from feedback_app.invitations.from_programs import source_key, source_of_programs
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event, LedgerEntry, Outcome, Source
from feedback_app.invitations.receiving import receive_event
from feedback_app.queue import nudge
from feedback_app.webhooks.helpdesks.generic import PROVIDER
from feedback_app.webhooks.helpdesks.provider import HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import LONGEST_ID, moment

TAG = "Events"
RECEIVED, DUPLICATE = "received", "duplicate"
STORED = object_of(id=ID, result={"enum": [RECEIVED, DUPLICATE]})
OUTCOME = object_of(
    trigger_id=nullable(ID),
    outcome={"enum": [one.value for one in Outcome]},
    reason=nullable(TEXT),
    invitation_id=nullable(ID),
    created_at=TIME,
)
EVENT = object_of(
    id=ID,
    source_id=ID,
    type=nullable(TEXT),
    state=TEXT | {"description": "received, done, ignored, unreadable."},
    problem=nullable(TEXT),
    interaction_id=nullable(TEXT),
    occurred_at=nullable(TIME),
    received_at=TIME,
    person_id=nullable(ID),
    outcomes=a_list_of(OUTCOME),
)
EVENT_ID = Field("id", row_id, {"type": "string"}, "The event's id.", "path", required=True)


@dataclass(frozen=True, slots=True)
class Told:
    """An event as the program told it and as it is kept."""

    event: ParsedEvent
    delivery: Delivery


def at(given: Any) -> str:
    """A moment, in ISO 8601 or Unix seconds, as ISO 8601."""
    found = moment(given) or unix_moment(given)
    return found.isoformat()


def data(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Wrong(INVALID)
    return given


@endpoint(
    "POST",
    "/events",
    summary="Tell what happened; the survey's triggers act on it",
    scope=INGESTS,
    tag=TAG,
    fields=(
        Field(
            "type",
            text(LONGEST_ID),
            {"type": "string", "maxLength": 60},
            "`support.interaction.closed`, or one of your own.",
            "body",
            required=True,
        ),
        Field(
            "data",
            data,
            {"type": "object"},
            "As for signed events: `interaction_id`, `contact`, `agent`, `subject`, `tags`, `properties`, ...",
            "body",
            required=True,
        ),
        Field(
            "timestamp",
            at,
            {"type": ["string", "integer"]},
            "When it happened: ISO 8601 or Unix seconds; without it, now.",
            "body",
        ),
        Field(
            "id",
            text(LONGEST_ID),
            {"type": "string", "maxLength": LONGEST_ID},
            "By which a repeated event is known; the header Idempotency-Key does the same.",
            "body",
        ),
    ),
    answer=STORED,
    statuses=(200, 201, 422),
    example={
        "type": "support.interaction.closed",
        "data": {"interaction_id": "84213", "contact": {"email": "dana.whitfield@customer.example"}},
    },
)
def post_event(call: Call) -> Answer:
    """201 for what is new, 200 for what is here already. The first event makes the survey's trigger, if it has none."""
    told = understood(call)
    vault = current_app.extensions["feedback_vault"]
    source_id = source_of_programs(
        call.session, call.key.survey_id, told.event.type, vault=vault, now=call.now
    )
    stored = receive_event(call.session, source_id, told.event, told.delivery, now=call.now)
    if stored is not None:
        nudge(read_events)
        return Answer({"id": str(stored), "result": RECEIVED}, 201)
    with reading() as connection:
        return Answer({"id": str(first_of(connection, source_id, told)), "result": DUPLICATE})


@endpoint(
    "GET",
    "/events/{id}",
    summary="What became of an event",
    scope=READS,
    tag=TAG,
    fields=(EVENT_ID,),
    answer=EVENT,
    statuses=(200, 404),
    example={"id": 1},
)
def show_event(call: Call) -> dict[str, Any]:
    """One that came by a key of the survey, or that one of the survey's triggers met."""
    survey_id = call.key.survey_id
    with reading() as connection:
        row = connection.execute(_event(call["id"], survey_id)).one_or_none()
        if row is None:
            raise ApiError(404)
        entries = connection.execute(_entries(call["id"], survey_id)).all()
    return {
        "id": str(row.id),
        "source_id": str(row.source_id),
        "type": row.facts.get("type"),
        "state": row.state,
        "problem": row.problem or None,
        "interaction_id": row.facts.get("interaction_id"),
        "occurred_at": unix(row.occurred_at),
        "received_at": unix(row.received_at),
        "person_id": _as_id(row.person_id),
        "outcomes": [outcome_item(entry) for entry in entries],
    }


def understood(call: Call) -> Told:
    """What came, in our generic shape; raises ApiError (422) for what is no event, of which nothing is kept."""
    happened_at = call["timestamp"] or call.now.astimezone(UTC).isoformat()
    body = json.dumps({"type": call["type"], "timestamp": happened_at, "data": call["data"]}).encode()
    delivery_id = (request.headers.get("Idempotency-Key") or call["id"] or "")[:LONGEST_ID]
    headers = {"webhook-id": delivery_id} if delivery_id else {}
    try:
        event = PROVIDER.parse(HookRequest(headers, body, "", call.now))
    except Unreadable as error:
        raise ApiError(422, {"data": [str(error)]}) from error
    return Told(event, Delivery(delivery_id or None, body, headers))


def first_of(connection: Connection, source_id: int, told: Told) -> int:
    """The id of the event that we have already."""
    same = or_(Event.natural_key == told.event.natural_key, Event.delivery_id == told.delivery.delivery_id)
    first = select(Event.id).where(Event.source_id == source_id, same).order_by(Event.id).limit(1)
    return int(connection.execute(first).scalar_one())


def outcome_item(entry: Row[Any]) -> dict[str, Any]:
    return {
        "trigger_id": _as_id(entry.trigger_id),
        "outcome": entry.outcome,
        "reason": entry.reason or None,
        "invitation_id": _as_id(entry.invitation_id),
        "created_at": unix(entry.at),
    }


def _event(event_id: int, survey_id: int) -> Any:
    met = select(LedgerEntry.id).where(LedgerEntry.event_id == Event.id, LedgerEntry.survey_id == survey_id)
    columns = (
        Event.id,
        Event.source_id,
        Event.state,
        Event.problem,
        Event.occurred_at,
        Event.received_at,
        Event.person_id,
        Event.facts,
    )
    return (
        select(*columns)
        .join(Source, Source.id == Event.source_id)
        .where(Event.id == event_id, or_(Source.key == source_key(survey_id), met.exists()))
    )


def _entries(event_id: int, survey_id: int) -> Any:
    """The ledger's entries for the event, of this survey or of none."""
    columns = (
        LedgerEntry.trigger_id,
        LedgerEntry.outcome,
        LedgerEntry.reason,
        LedgerEntry.invitation_id,
        LedgerEntry.at,
    )
    of_survey = or_(LedgerEntry.survey_id == survey_id, LedgerEntry.survey_id.is_(None))
    return select(*columns).where(LedgerEntry.event_id == event_id, of_survey).order_by(LedgerEntry.id)


def _as_id(number: int | None) -> str | None:
    return None if number is None else str(number)
