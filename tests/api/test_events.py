"""POST /events: the first one makes the survey's source and trigger; what became of it is told."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event, Invitation, Source, Trigger
from feedback_app.surveys.models import Survey
from feedback_app.surveys.services import close_survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import NOON, make_survey
from tests.pages import afresh, new_browser

AT_NOON = int(NOON.timestamp())
CLOSED = {
    "type": "support.interaction.closed",
    "data": {"interaction_id": "84213", "contact": {"email": "dana@customer.example", "name": "Dana"}},
}

pytestmark = pytest.mark.usefixtures("noon")


def test_the_first_event_leads_to_an_invitation_a_day_later(program: Program, session: Session) -> None:
    answer = program.post("/events", **CLOSED)
    assert (answer.status_code, answer.json) == (201, {"id": "1", "result": "received"})
    assert program.get("/events/1").json["state"] == "received"
    read_events.run()
    assert program.get("/events/1").json == {
        "id": "1",
        "source_id": "1",
        "type": "interaction_closed",
        "state": "done",
        "problem": None,
        "interaction_id": "84213",
        "occurred_at": AT_NOON,
        "received_at": AT_NOON,
        "person_id": "1",
        "outcomes": [
            {
                "trigger_id": "1",
                "outcome": "invited",
                "reason": None,
                "invitation_id": "1",
                "created_at": AT_NOON,
            }
        ],
    }
    invitation = afresh(session).scalars(select(Invitation)).one()
    assert int(invitation.due_at.timestamp()) == AT_NOON + 86_400


def test_the_survey_has_one_source_and_one_trigger_however_many_events_come(
    program: Program, session: Session
) -> None:
    program.post("/events", **CLOSED)
    program.post("/events", **CLOSED, timestamp=AT_NOON + 60)
    assert [source.key for source in afresh(session).scalars(select(Source))] == ["api-1"]
    assert [trigger.event_type for trigger in afresh(session).scalars(select(Trigger))] == [
        "interaction_closed"
    ]


def test_the_first_type_is_the_one_that_the_trigger_asks_after(program: Program) -> None:
    data = {"interaction_id": "o-1", "contact": {"email": "dana@customer.example"}}
    program.post("/events", type="order.delivered", data=data)
    program.post("/events", type="order.returned", data=data)
    read_events.run()
    assert program.get("/triggers").json[0]["event_type"] == "order.delivered"
    [entry] = program.get("/events/2").json["outcomes"]
    assert (entry["outcome"], entry["trigger_id"]) == ("no_trigger", None)
    assert "it asks after order.delivered, this is order.returned" in entry["reason"]


def test_a_trigger_that_was_taken_away_is_not_made_again(program: Program) -> None:
    program.post("/events", **CLOSED)
    program.delete("/triggers/1")
    program.post("/events", **CLOSED, timestamp=AT_NOON + 60)
    assert program.get("/triggers").json == []


def test_a_closed_survey_takes_the_event_without_a_trigger(
    program: Program, session: Session, survey: Survey
) -> None:
    close_survey(session, survey.id, now=NOON)
    assert program.post("/events", **CLOSED).status_code == 201
    read_events.run()
    assert program.get("/events/1").json["outcomes"][0]["outcome"] == "no_trigger"


def test_the_same_event_again_is_known(program: Program, session: Session) -> None:
    program.post("/events", **CLOSED, id="e-1")
    for again in ({"id": "e-1"}, {"id": "e-2"}, {}):
        answer = program.post("/events", **CLOSED, **again)
        assert (answer.status_code, answer.json) == (200, {"id": "1", "result": "duplicate"})
    headers = {"Idempotency-Key": "e-1"}
    assert program.call("POST", "/events", CLOSED, headers=headers).json == {"id": "1", "result": "duplicate"}


def test_an_idempotency_key_is_the_id_of_the_event(program: Program, session: Session) -> None:
    for _ in range(2):
        answer = program.call("POST", "/events", CLOSED, headers={"Idempotency-Key": "k-1"})
        assert (answer.status_code, answer.json) == (201, {"id": "1", "result": "received"})
    assert afresh(session).scalars(select(Event)).one().delivery_id == "k-1"


def test_nothing_can_be_sent_to_the_hook_of_the_source(app: Flask, program: Program) -> None:
    program.post("/events", **CLOSED)
    assert new_browser(app).post("/hooks/generic/api-1", json=CLOSED).status_code == 401


def test_when_it_happened_is_said_in_either_way(program: Program) -> None:
    program.post("/events", **CLOSED, timestamp="2026-11-20T10:00:00Z")
    program.post("/events", **CLOSED, timestamp=AT_NOON - 60)
    assert program.get("/events/1").json["occurred_at"] == AT_NOON - 7200
    assert program.get("/events/2").json["occurred_at"] == AT_NOON - 60


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"type": ["can't be blank"], "data": ["can't be blank"]}),
        ({**CLOSED, "data": "84213"}, {"data": ["is invalid"]}),
        ({**CLOSED, "timestamp": "yesterday"}, {"timestamp": ["is not a number"]}),
        ({**CLOSED, "type": "t" * 61}, {"data": ["The type is longer than 60 characters."]}),
        ({**CLOSED, "id": "i" * 201}, {"id": ["must be less than 201 characters"]}),
    ],
)
def test_what_is_no_event_is_told_and_not_kept(
    program: Program, session: Session, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(program.post("/events", **given)) == errors
    assert afresh(session).scalars(select(Event)).all() == []


def test_without_the_number_of_the_case_nothing_is_kept(program: Program, session: Session) -> None:
    found = errors_of(program.post("/events", type=CLOSED["type"], data={"contact": {}}))
    assert "interaction_id" in found["data"][0]
    assert afresh(session).scalars(select(Source)).all() == []


def test_events_of_other_surveys_are_not_there(app: Flask, program: Program, session: Session) -> None:
    program_of(app, session, make_survey(session)).post("/events", **CLOSED)
    assert program.get("/events/1").status_code == 404


def test_a_key_that_sends_tells_and_sees_nothing_and_one_that_reads_tells_nothing(
    app: Flask, session: Session, survey: Survey
) -> None:
    sends = program_of(app, session, survey, Scope.INGEST)
    assert (sends.post("/events", **CLOSED).status_code, sends.get("/events/1").status_code) == (201, 403)
    reads = program_of(app, session, survey, Scope.READ)
    assert (reads.post("/events", **CLOSED).status_code, reads.get("/events/1").status_code) == (403, 200)
