"""Responses and people as files, by /v1 and by command."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app.api.models import Scope
from feedback_app.api.v1 import exports
from feedback_app.cli import context
from feedback_app.cli.responses import responses
from feedback_app.config import Settings
from feedback_app.invitations.models import SurveyPerson
from feedback_app.reviews.services import add_note
from feedback_app.staff.models import AuditEntry
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, program_of
from tests.factories import (
    NOON,
    give_theme,
    keep,
    make_account,
    make_person,
    make_response,
    make_survey,
    make_theme,
    make_user,
)

WHEN = datetime(2026, 3, 1, 10, 30, 15, tzinfo=UTC)


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def download(program: Program, path: str, **query: Any) -> TestResponse:
    """The answer, read to its end."""
    return program.call("GET", path, query_string=query, buffered=True)


def fill(session: Session, survey: Survey) -> None:
    """One response with everything and one with nothing."""
    acme = make_account(session, name="Acme")
    person = make_person(
        session, name="Jo", email="jo@example.com", phone_number="+17132746524", account_id=acme.id
    )
    full = make_response(
        session,
        survey_id=survey.id,
        person_id=person.id,
        rating=3,
        comment="=1+1, “slow”\nand\x20dear",
        properties={"Plan": "pro", "=x": "@y"},
        tags=["price", "support"],
        sentiment="negative",
        polarity=-0.5,
        tagged_at=WHEN,
        created_at=WHEN,
        permalink="a" * 32,
    )
    user = make_user(session, email="sam@northlight.example")
    for name in ("Speed", "Billing"):
        give_theme(session, full.id, make_theme(session, name=name).id, source="person")
    add_note(session, full.id, "Call them", user_id=user.id, now=WHEN + timedelta(hours=1))
    make_response(
        session, survey_id=survey.id, created_at=WHEN + timedelta(days=1), tags=["a,b"], locale="de"
    )


def test_the_file_has_a_line_for_each_response_and_a_column_for_each_property(
    program: Program, session: Session, survey: Survey
) -> None:
    fill(session, survey)
    answer = download(program, "/survey_responses.csv")
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=responses.csv"
    full, empty = rows_of(answer.text)
    assert json.loads(full.pop("notes"))[0]["text"] == "Call them"
    assert full == {
        "id": "1",
        "person_id": "1",
        "person_email": "jo@example.com",
        "person_name": "Jo",
        "person_phone_number": "'+17132746524",
        "company": "Acme",
        "survey_type": "nps",
        "score": "3",
        "comment": "'=1+1, “slow”\nand dear",
        "created_at": "2026-03-01T10:30:15Z",
        "updated_at": "2026-03-01T11:30:15Z",
        "tags": "price, support",
        "additional_answers": "",
        "permalink": f"http://localhost/r/{'a' * 32}",
        "feedback_band": "detractor",
        "feedback_state": "confirmed",
        "feedback_channel": "link",
        "feedback_locale": "en",
        "feedback_sentiment": "negative",
        "feedback_sentiment_source": "",
        "feedback_polarity": "-0.5",
        "feedback_language": "",
        "feedback_themes": "Billing, Speed",
        "feedback_status": "new",
        "feedback_assignee_email": "",
        "properties: =x": "'@y",
        "properties: Plan": "pro",
    }
    assert (empty["person_id"], empty["properties: Plan"], empty["tags"]) == ("", "", '["a,b"]')
    assert empty["feedback_locale"] == "de"


def test_the_filters_are_those_of_the_list(program: Program, session: Session, survey: Survey) -> None:
    fill(session, survey)
    make_response(session, survey_id=survey.id, state="unconfirmed", created_at=WHEN + timedelta(days=2))
    make_response(session)  # of another survey

    def ids(**query: Any) -> list[str]:
        return [row["id"] for row in rows_of(download(program, "/survey_responses.csv", **query).text)]

    assert ids() == ["1", "2"]
    assert ids(order="desc") == ["2", "1"]
    assert ids(since=int(WHEN.timestamp()) + 1) == ["2"]
    assert ids(person_email="JO@example.com") == ["1"]
    assert ids(include="unconfirmed") == ["1", "2", "3"]
    assert ids(trend="1") == []
    assert download(program, "/survey_responses.csv", order="up").status_code == 422


@pytest.mark.parametrize("query", [{}, {"order": "desc"}, {"updated_since": 0}, {"include": "unconfirmed"}])
def test_a_file_of_many_stretches_misses_and_doubles_nothing(
    program: Program, session: Session, survey: Survey, monkeypatch: pytest.MonkeyPatch, query: dict[str, Any]
) -> None:
    monkeypatch.setattr(exports, "BATCH", 3)
    for n in range(9):
        make_response(
            session, survey_id=survey.id, created_at=WHEN + timedelta(hours=n // 2), properties={f"p{n}": "x"}
        )
    rows = rows_of(download(program, "/survey_responses.csv", **query).text)
    expected = [str(n) for n in range(1, 10)]
    if "order" in query:  # of one moment, the later id first
        expected.reverse()
    assert [row["id"] for row in rows] == expected
    assert all(row[f"properties: p{int(row['id']) - 1}"] == "x" for row in rows)


def test_an_empty_file_has_its_headings(program: Program) -> None:
    assert download(program, "/survey_responses.csv").text.startswith("id,person_id,person_email,")
    assert download(program, "/people.csv").text.strip() == ",".join(exports.PEOPLE_COLUMNS)


def test_the_file_of_people_has_whom_the_survey_sees(
    program: Program, session: Session, survey: Survey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)
    make_person(session)  # nobody's
    for n in range(3):
        person = make_person(session, email=f"p{n}@example.com", name="-1", created_at=WHEN)
        keep(session, SurveyPerson(survey_id=survey.id, person_id=person.id, added_at=NOON))
    make_response(session, survey_id=survey.id, person_id=person.id, created_at=NOON)
    rows = rows_of(download(program, "/people.csv").text)
    assert [row["email"] for row in rows] == ["p0@example.com", "p1@example.com", "p2@example.com"]
    assert rows[2] == {
        "id": "4",
        "email": "p2@example.com",
        "name": "'-1",
        "phone_number": "",
        "created_at": "2026-03-01T10:30:15Z",
        "last_sent_at": "",
        "last_responded_at": "2026-11-20T12:00:00Z",
        "next_survey_scheduled_at": "",
    }


def test_a_key_that_may_only_bring_gets_no_file(app: Flask, session: Session, survey: Survey) -> None:
    program = program_of(app, session, survey, Scope.INGEST)
    assert download(program, "/survey_responses.csv").status_code == 403
    assert download(program, "/people.csv").status_code == 403


@pytest.fixture
def called(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Calls commands on the test's own application."""
    monkeypatch.setattr(context, "ready_app", lambda: app)
    return CliRunner()


def export(called: CliRunner, *options: str) -> Result:
    return called.invoke(responses, ["export", *options])


def test_the_command_writes_what_the_api_gives(
    program: Program, session: Session, survey: Survey, called: CliRunner
) -> None:
    fill(session, survey)
    done = export(called, "--with-personal-data")
    assert done.exit_code == 0, done.output
    assert done.stdout_bytes.decode() == download(program, "/survey_responses.csv").text
    lines = export(called, "--with-personal-data", "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line) for line in lines] == program.get("/survey_responses", expand="person").json


def test_the_command_takes_days_of_the_workspace_and_one_survey(
    app: Flask, session: Session, survey: Survey, called: CliRunner, settings: Settings
) -> None:
    fill(session, survey)
    other = make_survey(session, slug="second")
    make_response(session, survey_id=other.id)
    # 13 hours ahead: the first answer is of 1 March, 23:30
    app.extensions["feedback_settings"] = replace(settings, time_zone="Pacific/Auckland")

    def ids(*options: str) -> list[str]:
        return [row["id"] for row in rows_of(export(called, "--survey", survey.slug, *options).stdout)]

    assert ids("--until", "2026-03-01") == ["1"]
    assert ids("--since", "2026-03-02") == ["2"]
    unnamed = export(called)
    assert unnamed.exit_code == 1
    assert f"Name one with --survey; there are: {survey.slug}, second." in unnamed.stderr
    unknown = export(called, "--survey", "nothing")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert "There is no survey 'nothing'" in unknown.stderr


def test_the_command_masks_what_was_written_unless_told_otherwise_which_is_noted(
    session: Session, survey: Survey, called: CliRunner
) -> None:
    dana = make_person(session, email="dana@example.com", name="Dana Whitfield")
    said = "Dana here, 4111 1111 1111 1111 is my card."
    make_response(session, survey_id=survey.id, person_id=dana.id, comment=said)
    (row,) = rows_of(export(called).stdout)
    assert (row["comment"], row["person_email"]) == ("[name] here, [card] is my card.", "dana@example.com")
    line = json.loads(export(called, "--format", "jsonl").stdout)
    assert line["comment"] == "[name] here, [card] is my card."
    assert audited(session) == []
    (row,) = rows_of(export(called, "--with-personal-data").stdout)
    assert row["comment"] == said
    assert audited(session) == [("responses.exported", {"with_personal_data": True})]


def audited(session: Session) -> list[tuple[str, dict[str, object]]]:
    session.rollback()
    return [(entry.action, entry.detail) for entry in session.scalars(select(AuditEntry))]
