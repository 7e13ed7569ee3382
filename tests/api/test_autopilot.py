"""Autopilot: its configuration, and who is on it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.campaigns.models import Plan, PlanMember
from feedback_app.campaigns.plans import PlanTerms, activate_plan, set_plan
from feedback_app.campaigns.taking_turns import take_turns
from feedback_app.invitations.models import Invitation
from feedback_app.surveys.models import Survey
from tests.api.conftest import Program, errors_of
from tests.factories import LONG_AGO, NOON, make_person
from tests.pages import afresh

AT_NOON = int(NOON.timestamp())
UTC_ZONE = ZoneInfo("UTC")
MEMBERS = "/autopilot/email/memberships"
pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def plan_id(session: Session, survey: Survey) -> int:
    """The survey's plan, active since noon: every 30 days."""
    plan_id = set_plan(session, survey.id, PlanTerms(30), zone=UTC_ZONE, user_id=None, now=LONG_AGO)
    activate_plan(session, plan_id, zone=UTC_ZONE, user_id=None, now=NOON)
    return plan_id


def joined(program: Program, *names: str) -> None:
    for name in names:
        program.post(MEMBERS, person_email=f"{name}@b.example", properties={"Name": name})


def test_a_plan_is_the_configuration(program: Program, plan_id: int) -> None:
    assert program.get("/autopilot/email").json == {
        "platform_id": "email",
        "active": True,
        "frequency": 30 * 86_400,
        "created_at": int(LONG_AGO.timestamp()),
        "updated_at": AT_NOON,
    }


@pytest.mark.parametrize("platform", ["email", "sms"])
def test_what_was_never_set_up_is_not_active(program: Program, platform: str) -> None:
    assert program.get(f"/autopilot/{platform}.json").json == {
        "platform_id": platform,
        "active": False,
        "frequency": 7_776_000,
        "created_at": int(LONG_AGO.timestamp()),
        "updated_at": int(LONG_AGO.timestamp()),
    }
    assert program.get(f"/autopilot/{platform}/memberships").json == []
    answer = program.post(f"/autopilot/{platform}/memberships", person_email="jo@b.example")
    assert (answer.status_code, answer.json["message"]) == (403, "Forbidden")


@pytest.mark.usefixtures("plan_id")
def test_sms_is_never_active_and_takes_nobody(program: Program) -> None:
    assert program.get("/autopilot/sms").json["active"] is False
    for method in ("POST", "DELETE"):
        answer = program.call(method, "/autopilot/sms/memberships", {"person_phone_number": "+17132746524"})
        assert answer.status_code == 403


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_platforms_there_are_none(program: Program, method: str) -> None:
    answer = program.call(method, "/autopilot/pigeon/memberships", {"person_email": "jo@b.example"})
    assert answer.status_code == 404
    assert program.get("/autopilot/pigeon").status_code == 404


@pytest.mark.usefixtures("plan_id")
def test_whoever_joins_is_made_known_and_has_a_turn(program: Program, session: Session) -> None:
    answer = program.post(
        MEMBERS, person_email="Jo@b.example", person_name="Jo", properties={"State": "CA", "Age": 7}
    )
    assert answer.status_code == 201
    person = {"id": "1", "name": "Jo", "email": "Jo@b.example", "created_at": AT_NOON, "phone_number": None}
    assert answer.json == {"person": person, "properties": {"State": "CA", "Age": "7"}}
    member = session.scalars(select(PlanMember)).one()
    turn = int(member.next_at.timestamp())
    assert AT_NOON <= turn < AT_NOON + 33 * 86_400
    assert program.get(MEMBERS).json == [
        {
            "created_at": AT_NOON,
            "updated_at": AT_NOON,
            "person": person | {"last_sent_at": None},
            "next_survey_request": {
                "id": f"{member.id}{turn}",
                "created_at": AT_NOON,
                "survey_scheduled_at": turn,
                "properties": {"State": "CA", "Age": "7"},
            },
        }
    ]


@pytest.mark.usefixtures("plan_id")
def test_a_member_gets_the_new_properties_instead_of_the_old(program: Program, noon: Any) -> None:
    joined(program, "jo")
    [before] = program.get(MEMBERS).json
    noon.move_to(NOON + timedelta(hours=1), tick=False)
    answer = program.post(MEMBERS, person_id=1, properties={"Plan": "Pro"})
    assert (answer.status_code, answer.json["properties"]) == (200, {"Plan": "Pro"})
    [after] = program.get(MEMBERS).json
    assert after["next_survey_request"]["properties"] == {"Plan": "Pro"}
    assert (
        after["next_survey_request"]["survey_scheduled_at"]
        == before["next_survey_request"]["survey_scheduled_at"]
    )
    assert (after["created_at"], after["updated_at"]) == (AT_NOON, AT_NOON + 3600)
    assert program.get(MEMBERS, updated_since=AT_NOON + 3600).json == [after]
    assert program.get(MEMBERS, updated_since=AT_NOON + 3601).json == []


def test_the_next_request_is_the_invitation_once_there_is_one(
    app: Flask, program: Program, session: Session, plan_id: int
) -> None:
    joined(program, "jo")
    turn = session.scalars(select(PlanMember.next_at)).one()
    vault = app.extensions["feedback_vault"]
    take_turns(session, plan_id, vault=vault, zone=UTC_ZONE, now=turn)
    invitation = afresh(session).scalars(select(Invitation)).one()
    [one] = program.get(MEMBERS).json
    assert one["next_survey_request"] == {
        "id": str(invitation.id),
        "created_at": int(turn.timestamp()),
        "survey_scheduled_at": int(turn.timestamp()),
        "properties": {"Name": "jo"},
    }
    assert invitation.properties == {"Name": "jo"}
    assert one["updated_at"] == int(turn.timestamp())
    answer = program.delete(MEMBERS, person_email="jo@b.example")
    assert (answer.status_code, answer.json["person"]["id"]) == (202, "1")
    assert afresh(session).scalars(select(Invitation.state)).one() == "cancelled"


@pytest.mark.usefixtures("plan_id")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"person_email": ["can't be blank"]}),
        ({"person_email": "jo@"}, {"person_email": ["is invalid"]}),
        ({"person_phone_number": "+17132746524"}, {"person_email": ["can't be blank"]}),
        ({"person_id": 99}, {"person_id": ["is invalid"]}),
        ({"person_id": "x"}, {"person_id": ["is not a number"]}),
        (
            {"person_email": "jo@b.example", "person_name": "x" * 255, "properties": {"a": {}}},
            {"person_name": ["must be less than 255 characters"], "properties": ["is invalid"]},
        ),
    ],
)
def test_nobody_joins_without_an_address(
    program: Program, session: Session, body: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    assert errors_of(program.call("POST", MEMBERS, body)) == errors
    assert afresh(session).query(PlanMember).count() == 0


@pytest.mark.usefixtures("plan_id")
def test_one_known_by_number_joins_with_their_address(program: Program) -> None:
    program.post("/people", email="jo@b.example", phone_number="+17132746524", send=False)
    answer = program.post(MEMBERS, person_phone_number="+17132746524")
    assert (answer.status_code, answer.json["person"]["email"]) == (201, "jo@b.example")


@pytest.mark.usefixtures("plan_id")
@pytest.mark.parametrize(
    "query",
    [{"person_id": 2}, {"person_email": "B@b.example"}, {"person_phone_number": "+17132746524"}],
)
def test_the_list_is_narrowed_to_one_person(program: Program, query: dict[str, Any]) -> None:
    joined(program, "a", "b", "c")
    program.post("/people", email="b@b.example", phone_number="+17132746524", send=False)
    assert [one["person"]["id"] for one in program.get(MEMBERS, **query).json] == ["2"]


@pytest.mark.usefixtures("plan_id")
def test_the_list_takes_one_name_and_knows_nobody_else(program: Program) -> None:
    joined(program, "a")
    both = program.get(MEMBERS, person_id=1, person_email="a@b.example")
    assert errors_of(both) == {"person_email": ["is invalid"]}
    assert program.get(MEMBERS, person_id=99).json == []


@pytest.mark.usefixtures("plan_id")
def test_pages_lose_nobody_when_earlier_members_go(program: Program) -> None:
    joined(program, "a", "b", "c", "d", "e")
    first = program.get(MEMBERS, per_page=2, updated_since=0)
    program.delete(MEMBERS, person_id="1")
    program.delete("/people/2")
    second = program.call(
        "GET", first.headers["Link"][1:].partition(">")[0].removeprefix("http://localhost/v1")
    )
    third = program.call(
        "GET", second.headers["Link"][1:].partition(">")[0].removeprefix("http://localhost/v1")
    )
    found = [one["person"]["id"] for page in (first, second, third) for one in page.json]
    assert (found, "Link" in third.headers) == (["1", "2", "3", "4", "5"], False)


@pytest.mark.usefixtures("plan_id")
@pytest.mark.parametrize("sent", ["json", "form", "query"])
def test_a_member_leaves_by_body_form_or_query(program: Program, session: Session, sent: str) -> None:
    joined(program, "a+x")
    given = {
        "json": {"json": {"person_email": "A+x@b.example"}},
        "form": {"data": {"person_email": "A+x@b.example"}},
        "query": {"query_string": {"person_email": "A+x@b.example"}},
    }[sent]
    answer = program.call("DELETE", f"{MEMBERS}.json", **given)
    assert (answer.status_code, answer.json["person"]["email"]) == (202, "a+x@b.example")
    assert afresh(session).query(PlanMember).count() == 0
    assert program.call("DELETE", MEMBERS, **given).status_code == 404
    assert program.get("/people/1").status_code == 200


@pytest.mark.usefixtures("plan_id")
@pytest.mark.parametrize(
    ("body", "names"),
    [({}, {"person_id"}), ({"person_id": 1, "person_email": "a@b.example"}, {"person_email"})],
)
def test_exactly_one_name_takes_a_member_off(program: Program, body: dict[str, Any], names: set[str]) -> None:
    joined(program, "a")
    assert set(errors_of(program.call("DELETE", MEMBERS, body))) == names


def test_members_whom_staff_put_on_are_seen(program: Program, session: Session, plan_id: int) -> None:
    person = make_person(session)
    session.add(PlanMember(plan_id=plan_id, person_id=person.id, next_at=NOON, added_at=LONG_AGO))
    session.commit()
    [one] = program.get(MEMBERS).json
    assert (one["person"]["id"], one["updated_at"]) == (str(person.id), int(LONG_AGO.timestamp()))
    assert program.delete(MEMBERS, person_id=person.id).status_code == 202


def test_a_plan_that_is_not_active_keeps_its_members(
    program: Program, session: Session, plan_id: int
) -> None:
    session.get_one(Plan, plan_id).active = False
    session.commit()
    joined(program, "a")
    assert program.get("/autopilot/email").json["active"] is False
    assert len(program.get(MEMBERS).json) == 1
