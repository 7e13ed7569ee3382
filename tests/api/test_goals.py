"""Goals of the survey's score, and where it stands."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.scoreboard.models import Goal
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import NOON, keep, make_response, make_survey

pytestmark = pytest.mark.usefixtures("noon")


def make_goal(session: Session, survey: Survey) -> Goal:
    goal = Goal(survey_id=survey.id, target=50, due_on=date(2026, 12, 31), created_at=NOON)
    return keep(session, goal)


def test_a_goal_that_nobody_has_answered_to_yet_is_neither_met_nor_missed(program: Program) -> None:
    answer = program.post("/goals", target=50, due_on="2026-12-31")
    assert answer.status_code == 201
    assert answer.json == {
        "id": "1",
        "number": "score",
        "target": 50.0,
        "due_on": "2026-12-31",
        "now": {"n": 0, "score": None, "interval": None, "mean": None},
        "met": None,
        "over": False,
        "created_at": int(NOON.timestamp()),
    }
    assert program.get("/goals/1").json == answer.json


def test_the_score_of_the_last_90_days_says_whether_it_is_met(
    program: Program, session: Session, survey: Survey
) -> None:
    make_goal(session, survey)
    for rating in (10, 9, 9, 8):
        make_response(session, survey_id=survey.id, rating=rating)
    make_response(session, survey_id=survey.id, rating=0, created_at=NOON - timedelta(days=90))
    goal = program.get("/goals/1").json
    assert (goal["now"]["n"], goal["now"]["score"], goal["met"]) == (4, 75.0, True)
    assert goal["now"]["interval"] is None
    make_response(session, survey_id=survey.id, rating=0)
    goal = program.get("/goals/1").json
    assert (goal["now"]["n"], goal["now"]["score"], goal["met"]) == (5, 40.0, False)
    assert goal["now"]["interval"]["low"] < 40 < goal["now"]["interval"]["high"]


def test_its_day_passes(program: Program, noon: Any) -> None:
    program.post("/goals", target=50, due_on="2026-11-20")
    assert program.get("/goals/1").json["over"] is False
    noon.shift(timedelta(days=1))
    assert program.get("/goals/1").json["over"] is True


def test_a_goal_is_changed_and_taken_away(program: Program) -> None:
    program.post("/goals", target=50, due_on="2026-12-31")
    assert program.put("/goals/1", target="-12.5").json["target"] == -12.5
    changed = program.put("/goals/1", due_on="2027-06-30").json
    assert (changed["target"], changed["due_on"]) == (-12.5, "2027-06-30")
    assert program.delete("/goals/1").json == {"ok": True}
    assert program.get("/goals").json == []


def test_the_list_goes_on_behind_its_cursor(program: Program, session: Session, survey: Survey) -> None:
    for _ in range(3):
        make_goal(session, survey)
    first = program.get("/goals", per_page=2)
    cursor = first.headers["Link"].partition("page_info=")[2].partition("&")[0]
    second = program.get("/goals", per_page=2, page_info=cursor)
    assert [one["id"] for one in first.json + second.json] == ["1", "2", "3"]


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"target": None}, {"target": ["can't be blank"]}),
        ({"target": "high"}, {"target": ["is not a number"]}),
        ({"target": 101}, {"target": ["must be between -100 and 100"]}),
        ({"target": "nan"}, {"target": ["must be between -100 and 100"]}),
        ({"due_on": None}, {"due_on": ["can't be blank"]}),
        ({"due_on": "soon"}, {"due_on": ["is invalid"]}),
        ({"number": "churn"}, {"number": ["is not included in the list"]}),
    ],
)
def test_what_does_not_fit_is_told_and_no_goal_is_set(
    program: Program, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(program.post("/goals", **{"target": 50, "due_on": "2026-12-31", **given})) == errors
    assert program.get("/goals").json == []


def test_what_does_not_fit_leaves_the_goal_as_it_was(
    program: Program, session: Session, survey: Survey
) -> None:
    make_goal(session, survey)
    assert errors_of(program.put("/goals/1", target=None)) == {"target": ["can't be blank"]}
    assert errors_of(program.put("/goals/1", target=-101)) == {"target": ["must be between -100 and 100"]}
    assert program.get("/goals/1").json["target"] == 50.0


def test_a_share_cannot_fall_below_nothing(app: Flask, session: Session) -> None:
    program = program_of(app, session, make_survey(session, metric_key="csat"))
    found = errors_of(program.post("/goals", target=-1, due_on="2026-12-31"))
    assert found == {"target": ["must be between 0 and 100"]}


def test_goals_of_other_surveys_are_not_there(program: Program, session: Session) -> None:
    make_goal(session, make_survey(session))
    assert program.get("/goals/1").status_code == 404
    assert program.put("/goals/1", target=1).status_code == 404
    assert program.delete("/goals/1").status_code == 404
    assert program.get("/goals").json == []


def test_only_a_full_key_changes_and_one_that_sends_sees_nothing(
    app: Flask, session: Session, survey: Survey
) -> None:
    make_goal(session, survey)
    reads = program_of(app, session, survey, Scope.READ)
    assert (reads.get("/goals").status_code, reads.get("/goals/1").status_code) == (200, 200)
    sends = program_of(app, session, survey, Scope.INGEST)
    assert (sends.get("/goals").status_code, sends.get("/goals/1").status_code) == (403, 403)
    for key in (reads, sends):
        assert key.post("/goals", target=1, due_on="2026-12-31").status_code == 403
        assert key.put("/goals/1", target=1).status_code == 403
        assert key.delete("/goals/1").status_code == 403
