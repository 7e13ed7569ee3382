"""POST /invitations by mail or by a link that the program hands over; the list of who was asked and who was not."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.models import Scope
from feedback_app.db import transaction
from feedback_app.invitations.jobs import schedule_reminders, sender
from feedback_app.invitations.models import Invitation, LedgerEntry, Reminder
from feedback_app.mail.memory import MemoryTransport
from feedback_app.people.models import SuppressionReason
from feedback_app.people.services import suppress
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of, program_of
from tests.factories import NOON, make_invitation, make_person, make_survey
from tests.pages import afresh, new_browser

AT_NOON = int(NOON.timestamp())
ADA = "ada@customer.example"

pytestmark = pytest.mark.usefixtures("noon")


def told(answer: Any) -> tuple[int, str, str | None]:
    return answer.status_code, answer.json["outcome"], answer.json["reason"]


def test_a_link_is_handed_out_and_answers_the_survey(app: Flask, program: Program, session: Session) -> None:
    answer = program.post("/invitations", email=ADA, name="Ada", send=False, properties={"plan": "pro"})
    assert answer.status_code == 201
    token, links = answer.json["token"], answer.json["links"]
    assert links["answer"] == f"http://localhost/a/{token}"
    assert links["unsubscribe"].startswith("http://localhost/u/")
    shown = {name: answer.json[name] for name in ("id", "outcome", "state", "channel", "sent_at", "reason")}
    assert shown == {
        "id": "1",
        "outcome": "invited",
        "state": "sent",
        "channel": "link",
        "sent_at": AT_NOON,
        "reason": None,
    }
    assert new_browser(app).post(f"/a/{token}", data={"rating": "9"}).status_code == 303
    assert program.get("/invitations/1").json["state"] == "answered"
    [response] = program.get("/survey_responses").json
    assert (response["score"], response["person_properties"]["plan"]) == (9, "pro")


def test_no_mail_ever_follows_a_link_that_was_handed_out(
    program: Program, session: Session, survey: Survey, post: MemoryTransport, noon: Any
) -> None:
    with transaction(session):
        session.get_one(Survey, survey.id).reminder_days = 1
    program.post("/invitations", email=ADA, send=False)
    noon.shift(timedelta(days=2))
    schedule_reminders.run()
    sender().send_due()
    assert post.sent == []
    assert afresh(session).scalars(select(Reminder)).all() == []


def test_a_link_counts_for_the_limits_and_a_second_one_is_told_why_not(program: Program) -> None:
    program.post("/invitations", email=ADA, send=False)
    again = program.post("/invitations", email=ADA, send=False)
    reason = "Not before 2026-12-20 12:00 UTC, because of invitation 1."
    assert told(again) == (200, "throttled", reason)
    assert (again.json["id"], again.json["links"], again.json["token"]) == (None, None, None)
    assert told(program.post("/invitations", email=ADA)) == (200, "throttled", reason)


def test_whoever_unsubscribed_gets_no_link(app: Flask, program: Program, session: Session) -> None:
    with transaction(session):
        address_hash = app.extensions["feedback_vault"].address_hash(ADA)
        suppress(session, address_hash, SuppressionReason.UNSUBSCRIBED, now=NOON)
    answer = program.post("/invitations", email=ADA, send=False)
    assert told(answer) == (200, "unsubscribed", "The person unsubscribed.")


def test_somebody_known_by_a_number_alone_gets_a_link_but_no_mail(program: Program) -> None:
    answer = program.post("/invitations", phone_number="+17132746524", send=False)
    assert (answer.status_code, answer.json["state"], answer.json["person_email"]) == (201, "sent", None)
    assert errors_of(program.post("/invitations", phone_number="+17132746524")) == {
        "email": ["can't be blank"]
    }


def test_a_survey_that_waits_its_turn_hands_out_no_link_meanwhile(
    program: Program, session: Session, survey: Survey
) -> None:
    with transaction(session):
        session.get_one(Survey, survey.id).reserves_turn = True
    person = make_person(session, email=ADA)
    make_invitation(session, person_id=person.id)
    assert told(program.post("/invitations", email=ADA, send=False))[:2] == (200, "throttled")
    assert told(program.post("/invitations", email=ADA))[:2] == (201, "invited")


def test_by_mail_it_goes_out_when_it_is_due(
    program: Program, session: Session, post: MemoryTransport, noon: Any
) -> None:
    answer = program.post("/invitations", email=ADA, delay=3600, context={"agent": "Priya"})
    assert (answer.status_code, answer.json["state"], answer.json["channel"]) == (201, "scheduled", "email")
    assert answer.json["due_at"] == AT_NOON + 3600
    assert afresh(session).get_one(Invitation, 1).context == {"agent": "Priya"}
    noon.shift(timedelta(hours=2))
    sender().send_due()
    assert len(post.sent) == 1
    assert program.get("/invitations/1").json["sent_at"] == AT_NOON + 7200


def test_what_is_scheduled_is_cancelled_once(program: Program, post: MemoryTransport) -> None:
    program.post("/invitations", email=ADA, delay=60)
    answer = program.post("/invitations/1/cancel")
    assert (answer.status_code, answer.json["state"]) == (200, "cancelled")
    assert answer.json["reason"] == "A program cancelled it."
    assert "cancelled by now" in errors_of(program.post("/invitations/1/cancel"))["base"][0]


def test_the_list_has_who_was_asked_and_who_was_not(program: Program) -> None:
    program.post("/invitations", email=ADA, send=False)
    program.post("/invitations", email=ADA, send=False)
    program.post("/invitations", email="bo@customer.example")
    lines = [(one["person_email"], one["outcome"], one["state"]) for one in program.get("/invitations").json]
    assert lines == [
        (ADA, "invited", "sent"),
        (ADA, "throttled", None),
        ("bo@customer.example", "invited", "scheduled"),
    ]


def test_the_list_is_narrowed(program: Program, noon: Any) -> None:
    program.post("/invitations", email=ADA, send=False)
    noon.shift(timedelta(hours=1))
    program.post("/invitations", email=ADA, send=False)
    program.post("/invitations", email="bo@customer.example")

    def found(**query: Any) -> list[str]:
        return [one["outcome"] for one in program.get("/invitations", **query).json]

    assert found(person_email=ADA) == ["invited", "throttled"]
    assert found(state="scheduled") == ["invited"]
    assert found(outcome="throttled") == ["throttled"]
    assert found(until=AT_NOON) == ["invited"]
    assert found(since=AT_NOON + 1) == ["throttled", "invited"]
    assert errors_of(program.get("/invitations", outcome="lost")) == {
        "outcome": ["is not included in the list"]
    }


def test_the_cursor_leads_through_entries_of_one_moment(program: Program) -> None:
    for name in "abc":
        program.post("/invitations", email=f"{name}@customer.example", send=False)
    first = program.get("/invitations", per_page=2)
    link = first.headers["Link"]
    cursor = link.partition("page_info=")[2].partition("&")[0]
    second = program.get("/invitations", per_page=2, page_info=cursor)
    assert [one["id"] for one in first.json + second.json] == ["1", "2", "3"]
    assert "Link" not in second.headers
    assert errors_of(program.get("/invitations", page_info="xx")) == {"page_info": ["is invalid"]}


@pytest.mark.only("sqlite")  # nothing reaches the database
@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"email": ["can't be blank"]}),
        ({"email": "nobody"}, {"email": ["is invalid"]}),
        ({"email": ADA, "phone_number": "12"}, {"phone_number": ["is invalid"]}),
        ({"email": ADA, "send": "perhaps"}, {"send": ["is invalid"]}),
        ({"email": ADA, "delay": -1}, {"delay": ["must be between 0 and 5184000"]}),
        ({"email": ADA, "delay": 5, "send": False}, {"delay": ["is invalid"]}),
        ({"email": ADA, "context": "agent"}, {"context": ["is invalid"]}),
        ({"email": ADA, "properties": {"a": []}}, {"properties": ["is invalid"]}),
    ],
)
def test_what_cannot_be_read_is_told_and_nobody_is_asked(
    program: Program, session: Session, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(program.post("/invitations", **given)) == errors
    assert afresh(session).scalars(select(LedgerEntry)).all() == []


def test_invitations_of_other_surveys_are_not_there(program: Program, session: Session) -> None:
    make_invitation(session, survey_id=make_survey(session).id)
    assert program.get("/invitations/1").status_code == 404
    assert program.post("/invitations/1/cancel").status_code == 404
    assert program.get("/invitations").json == []


def test_a_key_that_sends_asks_and_sees_nothing_and_one_that_reads_asks_nobody(
    app: Flask, session: Session, survey: Survey
) -> None:
    sends = program_of(app, session, survey, Scope.INGEST)
    assert sends.post("/invitations", email=ADA, send=False).status_code == 201
    assert sends.get("/invitations/1").status_code == 403
    assert sends.post("/invitations/1/cancel").status_code == 403
    reads = program_of(app, session, survey, Scope.READ)
    assert reads.get("/invitations/1").status_code == 200
    assert reads.post("/invitations", email=ADA).status_code == 403
