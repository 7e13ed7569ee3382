"""/healthz, /readyz and /metrics: for operators, and no more than they need."""

import dataclasses
import resource
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback_app.db import db, transaction
from feedback_app.health import disk_problem
from feedback_app.invitations.models import Reminder
from tests.factories import NOON, keep, make_invitation, make_response

ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}


def test_alive_and_ready_say_so_to_anybody(client: FlaskClient) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = client.get(path, environ_overrides=ELSEWHERE)
        assert (answer.status_code, answer.json) == (200, {"status": status})


def test_an_older_schema_is_not_ready(client: FlaskClient, session: Session) -> None:
    newest = db.session.connection().exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    try:
        with transaction(session):
            session.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
        assert answer.get_json()["detail"].endswith("run: feedback db upgrade")
    finally:
        with transaction(session):
            session.connection().exec_driver_sql(f"UPDATE alembic_version SET version_num = '{newest}'")


@pytest.mark.only("sqlite")
def test_a_disk_that_takes_no_more_is_not_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
    most, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # no file may grow beyond it, as on a full disk
    try:
        answer = client.get("/readyz")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert answer.json == {
        "status": "not ready",
        "detail": "the database's disk cannot be written (File too large)",
    }
    assert client.get("/readyz").status_code == 200


def test_a_folder_that_is_gone_is_not_ready(tmp_path: Path) -> None:
    assert disk_problem(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    assert disk_problem(tmp_path / "gone") == (
        "the database's disk cannot be written (No such file or directory)"
    )


def test_metrics_count_what_was_asked_reminded_and_answered_by_state(
    client: FlaskClient, session: Session
) -> None:
    asked = make_invitation(session)
    make_invitation(session, state="uncertain")
    times = dict.fromkeys(("created_at", "changed_at", "due_at", "expires_at"), NOON)
    rows = {"invitation_id": asked.id, "survey_id": asked.survey_id, "person_id": asked.person_id}
    keep(session, Reminder(**rows, **times))
    make_response(session)
    shown = client.get("/metrics").text.splitlines()
    assert {line for line in shown if "state=" in line} == {
        'feedback_invitations{state="sent"} 1.0',
        'feedback_invitations{state="uncertain"} 1.0',
        'feedback_reminders{state="scheduled"} 1.0',
        'feedback_responses{state="confirmed"} 1.0',
    }


def test_metrics_are_for_loopback_until_there_is_a_token_and_then_for_its_bearer(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    make_response(session)
    assert 'feedback_responses{state="confirmed"} 1.0' in client.get("/metrics").text
    assert client.get("/metrics", environ_overrides=ELSEWHERE).status_code == 404
    claimed = {"X-Forwarded-For": "127.0.0.1", "Authorization": "Bearer "}
    assert client.get("/metrics", headers=claimed, environ_overrides=ELSEWHERE).status_code == 404
    settings = app.extensions["feedback_settings"]
    app.extensions["feedback_settings"] = dataclasses.replace(settings, metrics_token="m" * 32)
    bearer = {"Authorization": f"Bearer {'m' * 32}"}
    assert client.get("/metrics", headers=bearer, environ_overrides=ELSEWHERE).status_code == 200
    for wrong in ({}, {"Authorization": "Bearer " + "n" * 32}, {"Authorization": "Bearer "}):
        assert client.get("/metrics", headers=wrong).status_code == 404
