"""Notes, status, assignee and tags of a response."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.keys import create_key
from feedback_app.api.models import Scope
from feedback_app.responses.models import ResponseState
from feedback_app.reviews.details import activity_on
from feedback_app.reviews.models import Note
from feedback_app.reviews.services import add_note
from feedback_app.staff.models import Role
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import LONG_AGO, NOON, make_response, make_user
from tests.pages import afresh

AT_NOON = int(NOON.timestamp())

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def program(app: Flask, session: Session, survey: Survey) -> Program:
    """A program whose key is called CRM, and a response of long ago."""
    make_response(session, survey_id=survey.id, created_at=LONG_AGO, tags=["old"])
    return Program(app, create_key(session, survey.slug, name="CRM", per_minute=0, now=NOON))


def test_a_note_is_by_the_key_that_wrote_it(program: Program, session: Session) -> None:
    answer = program.post("/survey_responses/1/notes", text=" Called back. ")
    assert answer.status_code == 201
    note = {"id": "1", "text": "Called back.", "author": "CRM", "user_email": None, "created_at": AT_NOON}
    assert answer.json == note
    assert program.get("/survey_responses/1/notes").json == [note]
    assert [(one.who, one.text, one.note) for one in activity_on(afresh(session), 1)] == [
        ("CRM", "noted", "Called back.")
    ]


def test_notes_of_colleagues_stand_beside_them(program: Program, session: Session) -> None:
    user = make_user(session, Role.CSM, email="dana@northlight.example", name="Dana Reyes")
    add_note(session, 1, "Mine.", user_id=user.id, now=NOON)
    [note] = program.get("/survey_responses/1/notes").json
    assert (note["author"], note["user_email"]) == ("Dana Reyes", "dana@northlight.example")


def test_a_key_without_a_name_signs_with_its_first_letters(
    app: Flask, program: Program, session: Session, survey: Survey
) -> None:
    nameless = program_of(app, session, survey)
    note = nameless.post("/survey_responses/1/notes", text="Done.").json
    assert note["author"] == f"API key {nameless.key[:4]}…"


def test_the_notes_go_on_behind_their_cursor(program: Program) -> None:
    for text in ("one", "two", "three"):
        program.post("/survey_responses/1/notes", text=text)
    first = program.get("/survey_responses/1/notes", per_page=2)
    cursor = first.headers["Link"].partition("page_info=")[2].partition("&")[0]
    second = program.get("/survey_responses/1/notes", per_page=2, page_info=cursor)
    assert [one["text"] for one in first.json + second.json] == ["one", "two", "three"]


def test_a_response_is_given_to_somebody_and_taken_back(program: Program, session: Session) -> None:
    make_user(session, email="dana@northlight.example", name="Dana Reyes")
    given = program.put("/survey_responses/1/review", status="open", assignee_email="dana@northlight.example")
    assert given.status_code == 200
    assert given.json["feedback"]["status"] == "open"
    assert given.json["feedback"]["assignee_email"] == "dana@northlight.example"
    taken = program.put("/survey_responses/1/review", assignee_email=None).json["feedback"]
    assert (taken["status"], taken["assignee_email"]) == ("open", None)
    told = [(one.who, one.text) for one in activity_on(afresh(session), 1)]
    assert told == [
        ("CRM", "assigned it to Dana Reyes"),
        ("CRM", "set the status to open"),
        ("CRM", "took the assignment back"),
    ]


def test_tags_are_replaced_as_a_whole(program: Program) -> None:
    answer = program.put("/survey_responses/1/tags", tags=["billing", " billing ", "ux"])
    assert (answer.status_code, answer.json["tags"]) == (200, ["billing", "ux"])
    assert program.put("/survey_responses/1/tags", tags=[]).json["tags"] == []


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        ("POST", "notes", {"text": "Called back."}),
        ("PUT", "review", {"status": "closed"}),
        ("PUT", "tags", {"tags": ["ux"]}),
    ],
)
def test_whoever_asks_for_what_has_changed_is_told(
    program: Program, method: str, path: str, given: dict[str, Any]
) -> None:
    assert program.get("/survey_responses", updated_since=AT_NOON).json == []
    program.call(method, f"/survey_responses/1/{path}", given)
    [changed] = program.get("/survey_responses", updated_since=AT_NOON).json
    assert changed["updated_at"] == AT_NOON


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("method", "path", "given", "errors"),
    [
        ("POST", "notes", {}, {"text": ["can't be blank"]}),
        ("POST", "notes", {"text": "  "}, {"text": ["can't be blank"]}),
        ("POST", "notes", {"text": "x" * 10_001}, {"text": ["must be less than 10001 characters"]}),
        ("PUT", "review", {"status": "done"}, {"status": ["is not included in the list"]}),
        ("PUT", "review", {"status": None}, {"status": ["can't be blank"]}),
        ("PUT", "review", {"assignee_email": "x@y.example"}, {"assignee_email": ["is nobody of staff"]}),
        ("PUT", "tags", {}, {"tags": ["can't be blank"]}),
        ("PUT", "tags", {"tags": [{}]}, {"tags": ["is invalid"]}),
    ],
)
def test_what_does_not_fit_is_told(
    program: Program,
    session: Session,
    method: str,
    path: str,
    given: dict[str, Any],
    errors: dict[str, list[str]],
) -> None:
    assert errors_of(program.call(method, f"/survey_responses/1/{path}", given)) == errors
    assert afresh(session).scalars(select(Note)).all() == []


def test_answers_without_a_human_sign_can_be_worked_on_too(
    program: Program, session: Session, survey: Survey
) -> None:
    make_response(session, survey_id=survey.id, state=ResponseState.UNCONFIRMED)
    assert program.post("/survey_responses/2/notes", text="Odd.").status_code == 201


def test_responses_of_other_surveys_are_not_there(program: Program, session: Session) -> None:
    make_response(session)
    assert program.get("/survey_responses/2/notes").status_code == 404
    assert program.post("/survey_responses/2/notes", text="Hm").status_code == 404
    assert program.put("/survey_responses/2/review", status="open").status_code == 404
    assert program.put("/survey_responses/2/tags", tags=["a"]).status_code == 404


def test_only_a_full_key_changes_and_one_that_sends_sees_nothing(
    app: Flask, program: Program, session: Session, survey: Survey
) -> None:
    reads = program_of(app, session, survey, Scope.READ)
    assert reads.get("/survey_responses/1/notes").status_code == 200
    sends = program_of(app, session, survey, Scope.INGEST)
    assert sends.get("/survey_responses/1/notes").status_code == 403
    for key in (reads, sends):
        assert key.post("/survey_responses/1/notes", text="Hm").status_code == 403
        assert key.put("/survey_responses/1/review", status="open").status_code == 403
        assert key.put("/survey_responses/1/tags", tags=["a"]).status_code == 403
