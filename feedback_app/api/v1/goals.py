"""Goals of the survey's score, and where it stands."""

from typing import Any

from flask import current_app

from feedback_app.api.v1.accounts import day
from feedback_app.api.v1.endpoints import CHANGES, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import BLANK, NOT_A_NUMBER, Field, Wrong, choice, row_id
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.scores import SCORED, scored
from feedback_app.api.v1.shapes import ID, OK, TIME, a_list_of, nullable, object_of, unix
from feedback_app.scoreboard.goals import (
    SCORE,
    OutOfReach,
    Standing,
    add_goal,
    change_goal,
    goal_of,
    goals_after,
    remove_goal,
    standings,
)
from feedback_app.scoreboard.models import Goal

TAG = "Goals"
GOAL = object_of(
    id=ID,
    number={"const": SCORE},
    target={"type": "number"},
    due_on={"type": "string", "format": "date"},
    now=object_of(**SCORED) | {"description": "The score of the last 90 days."},
    met=nullable({"type": "boolean", "description": "null while nobody has answered."}),
    over={"type": "boolean", "description": "Whether its day has passed."},
    created_at=TIME,
)


def number(given: Any) -> float:
    """A number, also as text."""
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        raise Wrong(NOT_A_NUMBER)
    try:
        return float(given)
    except (ValueError, OverflowError) as error:
        raise Wrong(NOT_A_NUMBER) from error


GOAL_ID = Field("id", row_id, {"type": "string"}, "The goal's id.", "path", required=True)
NUMBER_FIELD = Field(
    "number",
    choice(SCORE),
    {"enum": [SCORE], "default": SCORE},
    "What is to get there.",
    "body",
    default=SCORE,
)


def _target(*, required: bool = False) -> Field:
    meaning = "What it is to come to: -100 to 100 for NPS, 0 to 100 for a share."
    return Field("target", number, {"type": "number"}, meaning, "body", required)


def _due_on(*, required: bool = False) -> Field:
    return Field("due_on", day, {"type": "string", "format": "date"}, "By which day.", "body", required)


@endpoint(
    "GET",
    "/goals",
    summary="The goals of the survey, and where its score stands",
    scope=READS,
    tag=TAG,
    fields=(PER_PAGE_FIELD, CURSOR_FIELD),
    answer=a_list_of(GOAL),
    statuses=(200, 422),
    example={},
)
def list_goals(call: Call) -> Page:
    size = call["per_page"]
    found = goals_after(call.session, call.key.survey_id, id_in(call["page_info"]), size + 1)
    return Page(_items(call, found[:size]), cursor_of(found[size - 1].id) if len(found) > size else None)


@endpoint(
    "GET",
    "/goals/{id}",
    summary="One goal",
    scope=READS,
    tag=TAG,
    fields=(GOAL_ID,),
    answer=GOAL,
    statuses=(200, 404),
    example={"id": 1},
)
def show_goal(call: Call) -> dict[str, Any]:
    return _shown(call, call["id"])


@endpoint(
    "POST",
    "/goals",
    summary="Set a goal",
    scope=CHANGES,
    tag=TAG,
    fields=(NUMBER_FIELD, _target(required=True), _due_on(required=True)),
    answer=GOAL,
    statuses=(201, 422),
    example={"target": 50, "due_on": "2027-12-31"},
)
def post_goal(call: Call) -> Answer:
    try:
        goal_id = add_goal(
            call.session,
            call.key.survey_id,
            target=call["target"],
            due_on=call["due_on"],
            user_id=None,
            now=call.now,
        )
    except OutOfReach as error:
        raise _out_of_reach(error) from error
    return Answer(_shown(call, goal_id), 201)


@endpoint(
    "PUT",
    "/goals/{id}",
    summary="Change a goal",
    scope=CHANGES,
    tag=TAG,
    fields=(GOAL_ID, _target(), _due_on()),
    answer=GOAL,
    statuses=(200, 404, 422),
    example={"id": 1, "target": 55},
)
def put_goal(call: Call) -> dict[str, Any]:
    """What is not given stays."""
    goal_of(call.session, call.key.survey_id, call["id"])
    for name in ("target", "due_on"):
        if call.has(name) and call[name] is None:
            raise ApiError(422, {name: [BLANK]})
    try:
        change_goal(
            call.session,
            call.key.survey_id,
            call["id"],
            target=call["target"],
            due_on=call["due_on"],
            user_id=None,
            now=call.now,
        )
    except OutOfReach as error:
        raise _out_of_reach(error) from error
    return _shown(call, call["id"])


@endpoint(
    "DELETE",
    "/goals/{id}",
    summary="Take a goal away",
    scope=CHANGES,
    tag=TAG,
    fields=(GOAL_ID,),
    answer=OK,
    statuses=(200, 404),
    example={"id": 1},
)
def delete_goal(call: Call) -> dict[str, Any]:
    remove_goal(call.session, call.key.survey_id, call["id"], user_id=None, now=call.now)
    return {"ok": True}


def goal_item(standing: Standing) -> dict[str, Any]:
    goal = standing.goal
    return {
        "id": str(goal.id),
        "number": goal.number,
        "target": goal.target,
        "due_on": goal.due_on.isoformat(),
        "now": scored(standing.summary),
        "met": standing.is_met,
        "over": standing.is_over,
        "created_at": unix(goal.created_at),
    }


def _items(call: Call, goals: list[Goal]) -> list[dict[str, Any]]:
    zone = current_app.extensions["feedback_settings"].zone
    found = standings(call.session, call.key.survey_id, goals, now=call.now, zone=zone)
    return [goal_item(one) for one in found]


def _shown(call: Call, goal_id: int) -> dict[str, Any]:
    return _items(call, [goal_of(call.session, call.key.survey_id, goal_id)])[0]


def _out_of_reach(error: OutOfReach) -> ApiError:
    return ApiError(422, {"target": [f"must be between {error.low} and {error.high}"]})
