"""Triggers of the key's survey, and the sources they listen to."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.db import transaction
from feedback_app.invitations.models import Event, EventState, Invitation, InvitationState, Trigger
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import LONG_AGO, NOON, keep, make_invitation, make_source, make_trigger
from tests.pages import afresh

VIP = {"field": "tag", "op": "is", "values": ["vip", "gold"]}
OFFICE = {"days": [0, 1, 2, 3, 4], "start": "09:00", "end": "17:00"}
NEVER = "The condition about auto_closed would hold always or never; nothing was saved."

pytestmark = pytest.mark.usefixtures("noon")


def test_a_trigger_is_made_with_all_that_it_can_have(program: Program, session: Session) -> None:
    make_source(session)
    answer = program.post(
        "/triggers",
        source_id="1",
        name="VIP cases",
        event_type="order.delivered",
        conditions=[VIP],
        delay=3600,
        sample_percent=50,
        window=OFFICE,
        active=False,
    )
    assert answer.status_code == 201
    assert answer.json == {
        "id": "1",
        "source_id": "1",
        "name": "VIP cases",
        "event_type": "order.delivered",
        "conditions": [VIP],
        "delay": 3600,
        "sample_percent": 50,
        "window": OFFICE,
        "active": False,
        "created_at": int(NOON.timestamp()),
    }
    assert program.get("/triggers/1").json == answer.json


def test_without_more_it_asks_a_day_after_each_closed_case(program: Program, session: Session) -> None:
    make_source(session)
    made = program.post("/triggers", source_id=1).json
    told = {name: made[name] for name in ("name", "event_type", "conditions", "delay", "window", "active")}
    assert told == {
        "name": "Relationship",
        "event_type": "interaction_closed",
        "conditions": [],
        "delay": 86_400,
        "window": None,
        "active": True,
    }


def test_what_is_given_is_changed_and_the_rest_stays(program: Program, session: Session) -> None:
    make_source(session)
    program.post("/triggers", source_id=1, name="Cases", conditions=[VIP], window=OFFICE)
    changed = program.put("/triggers/1", delay=60, window=None).json
    assert (changed["delay"], changed["window"], changed["name"]) == (60, None, "Cases")
    assert changed["conditions"] == [VIP]
    assert program.put("/triggers/1", active=False, conditions=[]).json["conditions"] == []
    assert program.get("/triggers/1").json["active"] is False
    assert program.put("/triggers/1", active=True).json["active"] is True


def test_a_trigger_that_is_taken_away_takes_its_mail_along(
    program: Program, session: Session, survey: Survey
) -> None:
    trigger = make_trigger(session, survey_id=survey.id)
    waiting = make_invitation(session, survey_id=survey.id, trigger_id=trigger.id, sent_at=None)
    assert program.delete("/triggers/1").json == {"ok": True}
    assert program.get("/triggers/1").status_code == 404
    assert program.delete("/triggers/1").status_code == 404
    assert afresh(session).get_one(Invitation, waiting.id).state == InvitationState.CANCELLED


def test_the_list_goes_on_behind_its_cursor(program: Program, session: Session, survey: Survey) -> None:
    source = make_source(session)
    for _ in range(3):
        make_trigger(session, survey_id=survey.id, source_id=source.id)
    make_trigger(session)
    first = program.get("/triggers", per_page=2)
    cursor = first.headers["Link"].partition("page_info=")[2].partition("&")[0]
    second = program.get("/triggers", per_page=2, page_info=cursor)
    assert [one["id"] for one in first.json + second.json] == ["1", "2", "3"]
    assert "Link" not in second.headers


def test_triggers_of_other_surveys_are_not_there(program: Program, session: Session) -> None:
    trigger = make_trigger(session)
    assert program.get("/triggers/1").status_code == 404
    assert program.put("/triggers/1", active=False).status_code == 404
    assert program.delete("/triggers/1").status_code == 404
    assert afresh(session).get_one(Trigger, trigger.id).active


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "name", "what"),
    [
        ({"source_id": 9}, "source_id", "is not included in the list"),
        ({"source_id": None}, "source_id", "can't be blank"),
        ({"delay": -1}, "delay", "must be between 0 and 5184000"),
        ({"sample_percent": 101}, "sample_percent", "must be between 0 and 100"),
        ({"conditions": "vip"}, "conditions", "is invalid"),
        ({"conditions": [{"field": "tag", "op": "is", "values": "vip"}]}, "conditions", "is invalid"),
        (
            {"conditions": [{"field": "auto_closed", "op": "is", "values": ["yes", "no"]}]},
            "conditions",
            NEVER,
        ),
        ({"window": {"days": []}}, "window", "is invalid"),
        ({"window": {"days": [7]}}, "window", "must be between 0 and 6"),
        ({"window": {"start": "9 o'clock"}}, "window", "is invalid"),
        ({"active": "perhaps"}, "active", "is invalid"),
    ],
)
def test_what_does_not_fit_is_told_and_nothing_is_made(
    program: Program, session: Session, given: dict[str, Any], name: str, what: str
) -> None:
    make_source(session)
    assert errors_of(program.post("/triggers", **{"source_id": 1, **given})) == {name: [what]}
    assert program.get("/triggers").json == []


def test_a_closed_survey_gets_no_trigger(program: Program, session: Session, survey: Survey) -> None:
    make_source(session)
    with transaction(session):
        session.get_one(Survey, survey.id).state = "closed"
    assert "is closed" in errors_of(program.post("/triggers", source_id=1))["base"][0]


def test_sources_are_listed_without_what_proves_them(program: Program, session: Session) -> None:
    source = make_source(session, key="a-key", name="Zendesk", kind="zendesk")
    make_source(session, name="Silent")
    for hours in (3, 1):
        heard = Event(
            source_id=source.id, state=EventState.IGNORED, received_at=NOON - timedelta(hours=hours), body=b""
        )
        keep(session, heard)
    [first, second] = program.get("/sources").json
    assert first == {
        "id": "1",
        "kind": "zendesk",
        "name": "Zendesk",
        "last_event_at": int(NOON.timestamp()) - 3600,
        "created_at": int(LONG_AGO.timestamp()),
    }
    assert second["last_event_at"] is None


def test_a_key_that_reads_changes_nothing_and_one_that_sends_sees_nothing(
    app: Flask, session: Session, survey: Survey
) -> None:
    make_trigger(session, survey_id=survey.id)
    reads = program_of(app, session, survey, Scope.READ)
    assert (reads.get("/triggers/1").status_code, reads.get("/sources").status_code) == (200, 200)
    sends = program_of(app, session, survey, Scope.INGEST)
    assert [sends.get(path).status_code for path in ("/triggers", "/triggers/1", "/sources")] == [403] * 3
    for key in (reads, sends):
        assert key.post("/triggers", source_id=1).status_code == 403
        assert key.put("/triggers/1", active=False).status_code == 403
        assert key.delete("/triggers/1").status_code == 403
