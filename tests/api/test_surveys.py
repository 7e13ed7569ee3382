"""GET and PUT of the survey that the key selects."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import LONG_AGO, NOON, make_survey
from tests.pages import afresh

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def survey(session: Session) -> Survey:
    return make_survey(session, slug="relations", name="Relationship")


def test_a_key_lists_its_own_survey_alone(program: Program, session: Session) -> None:
    make_survey(session)
    answer = program.get("/surveys")
    assert answer.json == [
        {
            "slug": "relations",
            "name": "Relationship",
            "brand": "Northlight",
            "survey_type": "nps",
            "metric": "nps",
            "points": 11,
            "state": "open",
            "language": "en",
            "wording": {},
            "throttle_days": 30,
            "reminder_days": None,
            "reserves_turn": False,
            "link": "http://localhost/t/relations",
            "created_at": int(LONG_AGO.timestamp()),
            "updated_at": int(LONG_AGO.timestamp()),
            "closed_at": None,
        }
    ]
    assert program.get("/surveys/relations").json == answer.json[0]


def test_what_is_given_is_changed_and_the_rest_stays(program: Program) -> None:
    answer = program.put(
        "/surveys/relations",
        name="After support",
        wording={"de": {"question": "Wie war es?"}},
        throttle_days=60,
        reminder_days=5,
        reserves_turn=True,
    )
    assert answer.status_code == 200
    changed = {name: answer.json[name] for name in ("name", "brand", "throttle_days", "reminder_days")}
    assert changed == {
        "name": "After support",
        "brand": "Northlight",
        "throttle_days": 60,
        "reminder_days": 5,
    }
    assert answer.json["wording"] == {"de": {"question": "Wie war es?"}}
    assert answer.json["reserves_turn"] is True
    cleared = program.put("/surveys/relations", reminder_days=None, wording=None)
    assert (cleared.json["reminder_days"], cleared.json["wording"]) == (None, {})
    assert cleared.json["throttle_days"] == 60


def test_it_is_paused_closed_and_opened_again(program: Program, session: Session, survey: Survey) -> None:
    assert program.put("/surveys/relations", state="paused").json["state"] == "paused"
    assert program.put("/surveys/relations", state="closed").json["closed_at"] == int(NOON.timestamp())
    assert program.put("/surveys/relations", state="open").json["closed_at"] is None
    assert afresh(session).get_one(Survey, survey.id).state == "open"


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "name", "what"),
    [
        ({"state": "deleted"}, "state", "is not included in the list"),
        ({"state": None}, "state", "can't be blank"),
        ({"name": ""}, "name", "can't be blank"),
        ({"throttle_days": -1}, "throttle_days", "must be between 0 and 3650"),
        ({"reminder_days": 0}, "reminder_days", "must be between 1 and 3650"),
        ({"reserves_turn": "perhaps"}, "reserves_turn", "is invalid"),
        ({"wording": {"en": "Hello"}}, "wording", "is invalid"),
        ({"wording": ["en"]}, "wording", "is invalid"),
        ({"brand": "x" * 81}, "brand", "must be less than 81 characters"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_changes(
    program: Program, given: dict[str, Any], name: str, what: str
) -> None:
    before = program.get("/surveys").json
    assert errors_of(program.put("/surveys/relations", **given)) == {name: [what]}
    assert program.get("/surveys").json == before


def test_texts_that_no_survey_has_are_refused_in_words(program: Program) -> None:
    found = errors_of(program.put("/surveys/relations", wording={"en": {"riddle": "?"}}, state="closed"))
    assert found == {"base": ["No text is called 'riddle', so nothing was saved."]}
    assert program.get("/surveys/relations").json["state"] == "open"


def test_another_survey_is_not_there(program: Program, session: Session) -> None:
    make_survey(session, slug="others")
    assert program.get("/surveys/others").status_code == 404
    assert program.put("/surveys/others", name="Mine").status_code == 404


def test_a_key_that_only_reads_changes_nothing_and_one_that_only_sends_sees_nothing(
    app: Flask, session: Session, survey: Survey
) -> None:
    reads = program_of(app, session, survey, Scope.READ)
    assert (reads.get("/surveys").status_code, reads.put("/surveys/relations").status_code) == (200, 403)
    sends = program_of(app, session, survey, Scope.INGEST)
    assert (sends.get("/surveys").status_code, sends.get("/surveys/relations").status_code) == (403, 403)
