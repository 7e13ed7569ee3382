"""The survey that the key selects: shown, changed, paused, closed and opened again."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.v1.endpoints import CHANGES, READS, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import BLANK, INVALID, Field, Wrong, boolean, choice, integer, text
from feedback_app.api.v1.shapes import TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.services import (
    LONGEST_DAYS,
    change_survey,
    close_survey,
    pause_survey,
    reopen_survey,
)
from feedback_app.surveys.types import survey_type

TAG = "Surveys"
MOVES: Mapping[str, Callable[..., None]] = {
    SurveyState.OPEN: reopen_survey,
    SurveyState.PAUSED: pause_survey,
    SurveyState.CLOSED: close_survey,
}
STATES = {"enum": [state.value for state in SurveyState]}
DAYS = {"type": "integer"}
WORDING = {
    "type": "object",
    "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}},
}
SURVEY = object_of(
    slug=TEXT,
    name=TEXT,
    brand=TEXT,
    survey_type=TEXT,
    metric=TEXT,
    points=DAYS | {"description": "How many ratings its scale has."},
    state=STATES,
    language=TEXT,
    wording=WORDING | {"description": "By language, what differs from the standard wording."},
    throttle_days=DAYS,
    reminder_days=nullable(DAYS),
    reserves_turn={"type": "boolean"},
    link=TEXT | {"description": "The open link, for pages and QR codes."},
    created_at=TIME,
    updated_at=TIME,
    closed_at=nullable(TIME),
)


def wording(given: Any) -> dict[str, dict[str, str]]:
    """Texts by name, by language."""
    if not isinstance(given, dict) or not all(isinstance(texts, dict) for texts in given.values()):
        raise Wrong(INVALID)
    read = text()
    return {
        language: {name: read("" if one is None else one) for name, one in texts.items()}
        for language, texts in given.items()
    }


SLUG = Field(
    "slug", text(64), {"type": "string"}, "The last part of the survey's open link.", "path", required=True
)
CHANGED = (
    Field("name", text(120), {"type": "string", "maxLength": 120}, "For staff.", "body"),
    Field(
        "brand", text(80), {"type": "string", "maxLength": 80}, "What the question is about: yours.", "body"
    ),
    Field(
        "wording", wording, WORDING, "Replaces all texts of your own; what you leave out is standard.", "body"
    ),
    Field(
        "throttle_days",
        integer(0, LONGEST_DAYS),
        {"type": "integer", "minimum": 0, "maximum": LONGEST_DAYS},
        "The least days between two invitations of this survey to a person.",
        "body",
    ),
    Field(
        "reminder_days",
        integer(1, LONGEST_DAYS),
        {"type": ["integer", "null"], "minimum": 1, "maximum": LONGEST_DAYS},
        "Days without an answer after which one more mail goes out; null: none does.",
        "body",
    ),
    Field(
        "reserves_turn",
        boolean,
        {"type": "boolean"},
        "Whether somebody whom another survey asked lately waits for this one, instead of being left out.",
        "body",
    ),
    Field(
        "state", choice(*SurveyState), STATES, "closed: no more answers; queued mail is cancelled.", "body"
    ),
)
MAY_BE_EMPTY: Mapping[str, Any] = {"reminder_days": None, "wording": {}}


@endpoint(
    "GET",
    "/surveys",
    summary="The survey of the key, as a list of one",
    scope=READS,
    tag=TAG,
    answer=a_list_of(SURVEY),
    example={},
)
def list_surveys(call: Call) -> list[dict[str, Any]]:
    """A key sees no other survey than its own."""
    return [survey_item(call.session.get_one(Survey, call.key.survey_id))]


@endpoint(
    "GET",
    "/surveys/{slug}",
    summary="The survey of the key",
    scope=READS,
    tag=TAG,
    fields=(SLUG,),
    answer=SURVEY,
    statuses=(200, 404),
    example={"slug": "relationship0001"},
)
def show_survey(call: Call) -> dict[str, Any]:
    return survey_item(own_survey(call.session, call))


@endpoint(
    "PUT",
    "/surveys/{slug}",
    summary="Change the survey of the key, pause it, close it or open it again",
    scope=CHANGES,
    tag=TAG,
    fields=(SLUG, *CHANGED),
    answer=SURVEY,
    statuses=(200, 404, 422),
    example={"slug": "relationship0001", "throttle_days": 60, "state": "open"},
)
def put_survey(call: Call) -> dict[str, Any]:
    """What is not given stays."""
    survey_id = own_survey(call.session, call).id
    given = {one.name: call[one.name] for one in CHANGED if call.has(one.name)}
    for name, value in given.items():
        if value is None and name not in MAY_BE_EMPTY:
            raise ApiError(422, {name: [BLANK]})
    state = given.pop("state", None)
    changes: dict[str, Any] = {
        name: MAY_BE_EMPTY.get(name) if value is None else value for name, value in given.items()
    }
    survey = change_survey(call.session, survey_id, now=call.now, **changes)
    if state is not None:
        MOVES[state](call.session, survey_id, now=call.now)
    return survey_item(survey)


def own_survey(session: Session, call: Call) -> Survey:
    """The survey of the path, if it is the key's; raises ApiError (404)."""
    own = select(Survey).where(Survey.slug == call["slug"], Survey.id == call.key.survey_id)
    survey = session.scalar(own)
    if survey is None:
        raise ApiError(404)
    return survey


def survey_item(survey: Survey) -> dict[str, Any]:
    return {
        "slug": survey.slug,
        "name": survey.name,
        "brand": survey.brand,
        "survey_type": survey_type(survey),
        "metric": survey.metric_key,
        "points": survey.points,
        "state": survey.state,
        "language": survey.language,
        "wording": survey.wording,
        "throttle_days": survey.throttle_days,
        "reminder_days": survey.reminder_days,
        "reserves_turn": survey.reserves_turn,
        "link": current_app.extensions["feedback_links"].open_survey(survey.slug),
        "created_at": unix(survey.created_at),
        "updated_at": unix(survey.updated_at),
        "closed_at": unix(survey.closed_at),
    }
