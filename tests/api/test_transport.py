"""How a program proves itself, what it may send, and that every answer is JSON in one shape."""

import json

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.keys import create_key, replace_key, revoke_key
from feedback_app.api.models import ApiKey, Scope
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, basic, program_of
from tests.factories import NOON
from tests.pages import new_browser


@pytest.mark.parametrize("form", ["{key}:", "{key}", "{key}:-", "{key}:anything at all"])
def test_a_key_is_taken_as_every_client_sends_it(app: Flask, program: Program, form: str) -> None:
    for scheme in ("Basic", "basic", "BASIC"):
        header = basic(form.format(key=program.key)).replace("Basic", scheme)
        answer = new_browser(app).get("/v1/nothing", headers={"Authorization": header})
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "header", ["", "Basic", "Basic !!!", basic(":"), basic("wrong:"), "Digest x", "Bearer ", basic("\xff")]
)
def test_without_a_good_key_nothing_is_told(app: Flask, program: Program, header: str) -> None:
    answer = new_browser(app).get("/v1/people", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json == {"status": 401, "message": "Unauthorized"}
    assert answer.content_type == "application/json"


def test_the_key_as_a_password_is_no_key(app: Flask, program: Program) -> None:
    answer = new_browser(app).get("/v1/people", headers={"Authorization": basic(f":{program.key}")})
    assert answer.status_code == 401


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/people/1/2/3", "/nothing.json"])
def test_an_unknown_path_is_404_in_json(program: Program, path: str) -> None:
    answer = program.get(path)
    assert (answer.status_code, answer.json) == (404, {"status": 404, "message": "Not Found"})


def test_a_method_that_a_path_does_not_take_is_404_too(program: Program) -> None:
    assert program.delete("/metrics").status_code == 404


def test_a_revoked_key_is_refused_at_once(session: Session, program: Program) -> None:
    key = session.query(ApiKey).one()
    revoke_key(session, key.id, user_id=None, now=NOON)
    assert program.get("/nothing").status_code == 401


def test_a_replaced_key_is_good_for_the_overlap(
    app: Flask, session: Session, survey: Survey, time_machine: object
) -> None:
    from datetime import timedelta

    time_machine.move_to(NOON)  # type: ignore[attr-defined]
    old = program_of(app, session, survey)
    key = session.query(ApiKey).one()
    new = Program(app, replace_key(session, key.id, overlap=timedelta(hours=1), user_id=None, now=NOON))
    assert (old.get("/nothing").status_code, new.get("/nothing").status_code) == (404, 404)
    time_machine.move_to(NOON + timedelta(hours=1, seconds=1))  # type: ignore[attr-defined]
    assert (old.get("/nothing").status_code, new.get("/nothing").status_code) == (401, 404)


@pytest.mark.skip
def test_the_last_use_is_kept(session: Session, program: Program) -> None:
    program.get("/nothing")
    assert session.query(ApiKey).one().last_used_at is None  # nothing was asked of it
    program.get("/metrics")
    session.rollback()
    assert session.query(ApiKey).one().last_used_at is not None


def test_more_requests_than_the_rate_get_429_with_the_seconds_to_wait(
    app: Flask, session: Session, survey: Survey
) -> None:
    program = Program(app, create_key(session, survey.slug, per_minute=3, now=NOON))
    assert [program.get("/nothing").status_code for _ in range(4)] == [404, 404, 404, 429]
    answer = program.get("/nothing")
    assert answer.json == {"status": 429, "message": "Too Many Requests"}
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    other = Program(app, create_key(session, survey.slug, per_minute=0, now=NOON))
    assert {other.get("/nothing").status_code for _ in range(10)} == {404}


def test_a_key_is_kept_as_a_hash(session: Session, survey: Survey) -> None:
    key = create_key(session, survey.slug, scope=Scope.READ, now=NOON)
    row = session.query(ApiKey).one()
    assert len(key) == 32
    assert row.start == key[:4]
    assert key not in json.dumps([str(value) for value in vars(row).values()])
