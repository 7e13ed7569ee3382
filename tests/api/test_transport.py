"""How a program proves itself, what it may send, and that every answer is JSON in one shape."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.testing import capture_logs
from time_machine import TimeMachineFixture

from feedback_app.api.keys import create_key, replace_key, revoke_key
from feedback_app.api.models import ApiKey, Scope
from feedback_app.api.v1 import views
from feedback_app.errors import DatabaseBusy
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, basic, program_of
from tests.factories import NOON
from tests.pages import afresh, new_browser

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


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
    assert answer.content_type == "application/json; charset=utf-8"


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
    app: Flask, session: Session, survey: Survey, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON)
    old = program_of(app, session, survey)
    key = session.query(ApiKey).one()
    new = Program(app, replace_key(session, key.id, overlap=timedelta(hours=1), user_id=None, now=NOON))
    assert (old.get("/nothing").status_code, new.get("/nothing").status_code) == (404, 404)
    time_machine.move_to(NOON + timedelta(hours=1, seconds=1))
    assert (old.get("/nothing").status_code, new.get("/nothing").status_code) == (401, 404)


@pytest.mark.usefixtures("done")
def test_the_last_use_is_kept_to_the_minute(
    session: Session, program: Program, time_machine: TimeMachineFixture
) -> None:
    def last_use() -> datetime | None:
        return afresh(session).scalars(select(ApiKey)).one().last_used_at

    time_machine.move_to(NOON, tick=False)
    program.get("/nothing")
    assert last_use() is None  # nothing was asked of it
    program.get("/echo")
    assert last_use() == NOON
    time_machine.move_to(NOON + timedelta(seconds=59), tick=False)
    program.get("/echo")
    assert last_use() == NOON
    time_machine.move_to(NOON + timedelta(seconds=61), tick=False)
    program.get("/echo")
    assert last_use() == NOON + timedelta(seconds=61)


@pytest.mark.usefixtures("done")
def test_a_database_that_is_busy_keeps_nobody_from_reading(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(views, "note_use", busy)
    assert program.get("/echo").status_code == 200


@pytest.mark.parametrize(
    ("scope", "method", "status"),
    [("full", "POST", 201), ("read", "POST", 403), ("ingest", "GET", 403), ("read", "GET", 200)],
)
@pytest.mark.usefixtures("done")
def test_a_key_may_do_what_its_scope_says(
    app: Flask, session: Session, survey: Survey, scope: str, method: str, status: int
) -> None:
    answer = program_of(app, session, survey, Scope(scope)).call(method, "/echo")
    assert answer.status_code == status
    if status == 403:
        assert answer.json == {
            "status": 403,
            "message": "Forbidden",
            "detail": f"This key has the scope {scope}, which does not allow this.",
        }


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("", 200),
        ("application/*;q=0.1, text/html", 200),
        ("text/html", 406),
        ("application/json;q=0, text/html", 406),
        ("nonsense", 406),
    ],
)
@pytest.mark.usefixtures("done")
def test_json_is_given_to_whoever_takes_it(program: Program, accept: str, status: int) -> None:
    answer = program.call("GET", "/echo", headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.content_type == "application/json; charset=utf-8"
    assert program.call("GET", "/echo.json", headers={"Accept": accept}).status_code == 200


@pytest.mark.usefixtures("done")
def test_every_answer_says_not_to_keep_it_and_has_an_id(program: Program) -> None:
    for path in ("/echo", "/nothing"):
        answer = program.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert len(answer.headers["X-Request-Id"]) == 16


ODD_PATHS = (
    "//echo",
    "/echo//",
    "/echo/%00",
    "/echo/%2F",
    "/echo/%ed%a0%80",
    "/echo/" + "x" * 3000,
    "/echo;a,b",
)
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "BREW")


@pytest.mark.usefixtures("done")
def test_no_path_and_no_method_is_a_fault_a_redirect_or_html(program: Program) -> None:
    for method in METHODS:
        for path in ("", "/echo", *ODD_PATHS):
            answer = program.call(method, path)
            assert answer.status_code in (200, 201, 404), (method, path)
            assert answer.content_type == "application/json; charset=utf-8", (method, path)
            if method != "HEAD":
                assert answer.json is not None, (method, path)


@pytest.mark.usefixtures("done")
def test_head_is_get_without_the_body(program: Program) -> None:
    answer = program.call("HEAD", "/echo")
    assert (answer.status_code, answer.data) == (200, b"")


@pytest.mark.usefixtures("done")
def test_a_slash_at_the_end_makes_no_difference(program: Program) -> None:
    assert program.get("/echo/").json == program.get("/echo").json


@pytest.mark.parametrize(
    ("asked", "read"),
    [
        ("email%3Aa%2Bb%40c.d", "email:a+b@c.d"),
        ("email:a+b@c.d", "email:a+b@c.d"),
        ("phone_number:+15551234567", "phone_number:+15551234567"),
        ("7.json", "7"),
    ],
)
@pytest.mark.usefixtures("done")
def test_a_name_in_the_path_is_read_encoded_or_raw(program: Program, asked: str, read: str) -> None:
    assert program.get(f"/echo/{asked}").json["given"] == {"name": read}  # type: ignore[index]


@pytest.mark.parametrize(
    "query", ["a=" + "x" * 100_000, "&".join(["a=1"] * 4_000), "%", "%ff=%ff", "[]=&[a]=&a[]]=1"]
)
@pytest.mark.usefixtures("done")
def test_an_odd_query_is_read_or_left_alone(program: Program, query: str) -> None:
    assert program.call("GET", "/echo", query_string=query).status_code == 200


@pytest.mark.usefixtures("done")
def test_a_query_of_a_hundred_thousand_names_is_refused(program: Program) -> None:
    answer = program.call("GET", "/echo", query_string="&".join(["a"] * 50_000))
    assert (answer.status_code, answer.json["errors"]) == (  # type: ignore[index]
        422,
        {"base": ["has more than 5000 parameters"]},
    )


def test_a_body_that_is_too_large_is_refused_in_the_same_shape(program: Program, done: list[Any]) -> None:
    answer = program.call("POST", "/echo", data=b"x" * 1_000_001)
    assert (answer.status_code, answer.content_type) == (413, "application/json; charset=utf-8")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["message"]) == (413, "Payload Too Large")
    assert done == []


def test_half_a_body_is_refused_in_the_same_shape(program: Program, done: list[Any]) -> None:
    answer = program.call("POST", "/echo", data=b'{"number": 1', environ_overrides={"CONTENT_LENGTH": "500"})
    assert answer.json is not None
    assert (answer.status_code, answer.json["status"], answer.json["message"]) == (400, 400, "Bad Request")
    assert done == []


def test_a_fault_of_ours_is_json_with_an_id_that_the_log_has(
    app: Flask, program: Program, monkeypatch: pytest.MonkeyPatch, done: list[Any]
) -> None:
    def broken(_request: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(views, "given_values", broken)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with capture_logs() as lines:
        answer = program.post("/echo")
    assert (answer.status_code, answer.json) == (500, {"status": 500, "message": "Internal Server Error"})
    assert [line["request"] for line in lines] == [answer.headers["X-Request-Id"]]
    assert done == []


@pytest.mark.usefixtures("done")
def test_a_busy_database_is_503_with_the_seconds_to_wait(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_request: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(views, "given_values", busy)
    answer = program.get("/echo")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["message"]) == (503, "Service Unavailable")


def test_a_key_is_kept_as_a_hash(session: Session, survey: Survey) -> None:
    key = create_key(session, survey.slug, scope=Scope.READ, now=NOON)
    row = session.query(ApiKey).one()
    assert len(key) == 32
    assert row.start == key[:4]
    assert key not in json.dumps([str(value) for value in vars(row).values()])
