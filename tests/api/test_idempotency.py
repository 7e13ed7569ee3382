"""A POST that is sent again with the same Idempotency-Key is done once and answered as the first time."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import TimeMachineFixture
from werkzeug.test import TestResponse

from feedback_app.api import jobs
from feedback_app.api.models import IdempotentAnswer
from feedback_app.api.v1 import endpoints, idempotency
from feedback_app.api.v1.endpoints import CHANGES, Answer, Call, endpoint
from feedback_app.db import db
from feedback_app.errors import DatabaseBusy
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, program_of
from tests.factories import NOON

Effects = list[dict[str, Any]]


def again(program: Program, body: object, name: str = "k1", query: str = "") -> TestResponse:
    return program.call("POST", "/echo", body, headers={"Idempotency-Key": name}, query_string=query)


def test_the_same_request_is_done_once_and_answered_twice(program: Program, done: Effects) -> None:
    first, second = again(program, {"number": 1}), again(program, {"number": 1})
    assert (first.status_code, first.json) == (201, {"done": 1})
    assert (second.status_code, second.json) == (201, {"done": 1})
    assert second.content_type == first.content_type
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"
    assert done == [{"number": 1}]


def test_without_a_key_each_request_is_done(program: Program, done: Effects) -> None:
    program.post("/echo", number=1)
    program.post("/echo", number=1)
    assert len(done) == 2


@pytest.mark.parametrize(("body", "query"), [({"number": 2}, ""), ({"number": 1}, "a=b")])
def test_another_request_under_the_same_key_is_422(
    program: Program, done: Effects, body: object, query: str
) -> None:
    again(program, {"number": 1})
    refused = again(program, body, query=query)
    assert refused.status_code == 422
    assert refused.json["errors"] == {"Idempotency-Key": ["was used for another request"]}  # type: ignore[index]
    assert len(done) == 1


def test_what_was_refused_can_be_mended_under_the_same_key(program: Program, done: Effects) -> None:
    assert again(program, {"number": 99}).status_code == 422
    assert again(program, {"number": 9}).status_code == 201
    assert done == [{"number": 9}]


def test_keys_of_two_programs_do_not_meet(
    app: Flask, session: Session, survey: Survey, program: Program, done: Effects
) -> None:
    again(program, {"number": 1})
    assert again(program_of(app, session, survey), {"number": 2}).json == {"done": 2}
    assert len(done) == 2


@pytest.mark.parametrize("name", ["", "x" * 256])
def test_an_idempotency_key_has_1_to_255_characters(program: Program, done: Effects, name: str) -> None:
    assert again(program, {"number": 1}, name).status_code == 422
    assert done == []


def test_two_at_once_have_one_effect(app: Flask, program: Program, done: Effects) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @endpoint("POST", "/slow", summary="Slow", scope=CHANGES, tag="Test", statuses=(201,))
    def slow(_call: Call) -> Answer:
        done.append({})
        begun.set()
        assert go_on.wait(10)
        return Answer({"done": len(done)}, 201)

    answers: list[TestResponse] = []

    def send() -> None:
        with app.app_context():
            answers.append(program.call("POST", "/slow", {}, headers={"Idempotency-Key": "k"}))

    first = threading.Thread(target=send)
    first.start()
    assert begun.wait(10)
    meanwhile = program.call("POST", "/slow", {}, headers={"Idempotency-Key": "k"})
    go_on.set()
    first.join()
    afterwards = program.call("POST", "/slow", {}, headers={"Idempotency-Key": "k"})
    assert (meanwhile.status_code, meanwhile.headers["Retry-After"]) == (409, "1")
    assert meanwhile.json == {
        "status": 409,
        "message": "Conflict",
        "detail": "The first request with this Idempotency-Key is still at work.",
    }
    assert [answers[0].status_code, afterwards.status_code, len(done)] == [201, 201, 1]
    assert afterwards.json == answers[0].json


def test_a_request_that_died_can_be_sent_again_after_two_minutes(
    session: Session, program: Program, done: Effects, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    again(program, {"number": 1})
    row = session.scalars(select(IdempotentAnswer)).one()
    row.status = None  # as a kill before the answer was kept leaves it
    session.commit()
    assert again(program, {"number": 1}).status_code == 409
    time_machine.move_to(NOON + timedelta(seconds=121), tick=False)
    assert again(program, {"number": 1}).status_code == 201
    assert len(done) == 2


def test_a_fault_of_ours_is_not_kept(app: Flask, session: Session, program: Program, done: Effects) -> None:
    @endpoint("POST", "/broken", summary="Broken", scope=CHANGES, tag="Test")
    def broken(_call: Call) -> None:
        raise RuntimeError("no")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = program.call("POST", "/broken", {}, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 500
    assert session.scalar(select(func.count()).select_from(IdempotentAnswer)) == 0
    assert done == []


def test_what_was_done_is_answered_even_if_its_answer_could_not_be_kept(
    program: Program, done: Effects, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise DatabaseBusy

    monkeypatch.setattr(idempotency, "keep", busy)
    assert again(program, {"number": 1}).status_code == 201
    assert len(done) == 1


def test_answers_are_forgotten_after_a_day(
    session: Session, program: Program, done: Effects, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    again(program, {"number": 1}, "old")
    time_machine.move_to(NOON + timedelta(hours=24, seconds=1), tick=False)
    again(program, {"number": 2}, "new")
    jobs.forget_answers.run()
    assert db.session().scalars(select(IdempotentAnswer.idempotency_key)).all() == ["new"]
    assert again(program, {"number": 3}, "old").json == {"done": 3}


def test_a_key_of_another_day_is_new_before_any_worker_came_by(
    program: Program, done: Effects, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    again(program, {"number": 1})
    time_machine.move_to(NOON + timedelta(hours=24, seconds=1), tick=False)
    assert again(program, {"number": 2}).json == {"done": 2}


def test_the_offers_of_these_tests_are_gone_with_them() -> None:
    assert not any(one.path in ("/echo", "/slow", "/broken") for one in endpoints.ENDPOINTS)
