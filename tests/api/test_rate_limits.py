"""How often a key may ask, and what whoever asks too often is told."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from time_machine import TimeMachineFixture

from feedback_app.api.keys import create_key
from feedback_app.limiting import limiter
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program
from tests.factories import NOON

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database


@pytest.fixture(autouse=True)
def _counted_from_zero(app: Flask) -> None:
    assert app.extensions["limiter"]
    limiter.reset()  # the counts live in the process, and keys of other tests had the same ids


def program_with(app: Flask, session: Session, survey: Survey, per_minute: int | None) -> Program:
    return Program(app, create_key(session, survey.slug, per_minute=per_minute, now=NOON))


def test_more_requests_than_the_rate_get_429_with_the_seconds_to_wait(
    app: Flask, session: Session, survey: Survey, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    program = program_with(app, session, survey, 3)
    assert [program.get("/nothing").status_code for _ in range(4)] == [404, 404, 404, 429]
    time_machine.move_to(NOON + timedelta(seconds=18), tick=False)
    answer = program.get("/nothing")
    assert answer.json == {"status": 429, "message": "Too Many Requests"}
    assert answer.headers["Retry-After"] == "42"


def test_after_the_seconds_to_wait_the_same_request_goes_through(
    app: Flask, session: Session, survey: Survey, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    program = program_with(app, session, survey, 1)
    program.get("/nothing")
    wait = int(program.get("/nothing").headers["Retry-After"])
    time_machine.move_to(NOON + timedelta(seconds=wait), tick=False)
    assert program.get("/nothing").status_code == 404


def test_without_a_rate_of_its_own_a_key_may_ask_a_hundred_times_at_once(
    app: Flask, session: Session, survey: Survey, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to(NOON, tick=False)
    program = program_with(app, session, survey, None)
    assert [program.get("/nothing").status_code for _ in range(101)] == [404] * 100 + [429]


def test_a_rate_of_zero_is_no_limit_and_keys_do_not_share_theirs(
    app: Flask, session: Session, survey: Survey
) -> None:
    limited, free = program_with(app, session, survey, 1), program_with(app, session, survey, 0)
    assert [limited.get("/nothing").status_code for _ in range(2)] == [404, 429]
    assert {free.get("/nothing").status_code for _ in range(120)} == {404}


def test_what_is_refused_counts_as_well(app: Flask, session: Session, survey: Survey) -> None:
    program = program_with(app, session, survey, 1)
    refused = program.call("POST", "/people", data=b"{", headers={"Content-Type": "application/json"})
    assert refused.status_code != 429
    assert program.get("/nothing").status_code == 429
