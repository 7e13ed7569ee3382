"""Autopilot: the survey's recurring plan, and who is on it."""

from typing import Any

from flask import current_app
from sqlalchemy import Row, select

from feedback_app.api.v1.endpoints import CHANGES, INGESTS, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    BLANK,
    INVALID,
    Field,
    email,
    moment,
    phone_number,
    properties,
    row_id,
    text,
)
from feedback_app.api.v1.naming import (
    EMAIL,
    PHONE,
    NeedsOneOf,
    email_in_query,
    phone_in_query,
    seen,
    told_by_name,
)
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in
from feedback_app.api.v1.shapes import (
    ID,
    PERSON_BRIEF,
    TIME,
    a_list_of,
    map_of_texts,
    nullable,
    object_of,
    person_brief,
    unix,
)
from feedback_app.campaigns.members import cancel_turns, members_after, plan_of
from feedback_app.campaigns.plans import join_plan, leave_plan
from feedback_app.db import reading
from feedback_app.invitations.requests import receive_person
from feedback_app.people.knowing import Named, who_is
from feedback_app.people.models import Person
from feedback_app.responses.people import people_after
from feedback_app.surveys.models import Survey

DAY = 86_400
USUAL_DAYS = 90
NAMES = {"person_id": "person_id", "person_email": "email", "person_phone_number": "phone_number"}
PLATFORM = Field(
    "platform",
    text(20),
    {"enum": ["email", "sms"]},
    "`sms` is never active: no survey goes out by it.",
    where="path",
    required=True,
)
PERSON_NAME = Field(
    "person_name",
    text(254),
    {"type": "string", "maxLength": 254},
    "Without it, the name stays.",
    where="body",
)
CONFIGURATION = object_of(
    platform_id={"enum": ["email", "sms"]},
    active={"type": "boolean"},
    frequency={"type": "integer", "description": "Seconds from one survey to the next."},
    created_at=TIME,
    updated_at=TIME,
)
MEMBERSHIP = object_of(
    created_at=TIME,
    updated_at=TIME,
    person=object_of(**PERSON_BRIEF["properties"], last_sent_at=nullable(TIME)),
    next_survey_request=object_of(
        id=ID,
        created_at=TIME,
        survey_scheduled_at=TIME,
        properties=map_of_texts("Those that the next survey is sent with."),
    ),
)
MEMBER = object_of(person=PERSON_BRIEF)
NEW_MEMBER = object_of(
    person=PERSON_BRIEF, properties=map_of_texts("Those of the next and all later surveys.")
)


@endpoint(
    "GET",
    "/autopilot/{platform}",
    summary="How the recurring survey is set up",
    scope=READS,
    tag="Autopilot",
    fields=(PLATFORM,),
    answer=CONFIGURATION,
    example={"platform": "email"},
)
def show_configuration(call: Call) -> dict[str, Any]:
    """Never set up: the same object, not active."""
    plan = _plan(call)
    if plan is None:
        created_at = call.session.scalar(select(Survey.created_at).where(Survey.id == call.key.survey_id))
        times = {"created_at": unix(created_at), "updated_at": unix(created_at)}
        return {"platform_id": call["platform"], "active": False, "frequency": USUAL_DAYS * DAY, **times}
    return {
        "platform_id": call["platform"],
        "active": plan.active,
        "frequency": plan.cadence_days * DAY,
        "created_at": unix(plan.created_at),
        "updated_at": unix(plan.updated_at),
    }


@endpoint(
    "GET",
    "/autopilot/{platform}/memberships",
    summary="Who is asked again and again, in the order in which they joined",
    scope=READS,
    tag="Autopilot",
    fields=(
        PLATFORM,
        PER_PAGE_FIELD,
        CURSOR_FIELD,
        Field("person_id", row_id, ID, "Only this person."),
        Field("person_email", email_in_query, EMAIL, "Only the person with this address."),
        Field("person_phone_number", phone_in_query, PHONE, "Only the person with this number."),
        Field("updated_since", moment, {"type": "integer", "minimum": 0}, "Changed at or after."),
    ),
    answer=a_list_of(MEMBERSHIP),
    example={"platform": "email", "per_page": 1},
)
def list_memberships(call: Call) -> Page:
    plan, person_id = _plan(call), _named_in_list(call)
    after = id_in(call["page_info"])
    if plan is None or person_id == 0:
        return Page([])
    limit = call["per_page"]
    with reading() as connection:
        rows = members_after(
            connection,
            plan.id,
            after=after,
            person_id=person_id,
            updated_since=call["updated_since"],
            limit=limit + 1,
        )
        ids = [row.person_id for row in rows[:limit]]
        found = people_after(connection, call.key.survey_id, Person.id.in_(ids), limit=limit)
    people = {person.id: person for person in found}
    items = [_membership(row, people[row.person_id]) for row in rows[:limit] if row.person_id in people]
    return Page(items, cursor_of(rows[limit - 1].id) if len(rows) > limit else None)


@endpoint(
    "POST",
    "/autopilot/{platform}/memberships",
    summary="Ask a person again and again, or replace the properties of one who is",
    scope=INGESTS,
    tag="Autopilot",
    fields=(
        PLATFORM,
        NeedsOneOf(
            "person_email",
            email,
            EMAIL,
            "The person's address; needed unless `person_id` is given.",
            where="body",
            others=("person_id", "person_phone_number"),
        ),
        Field("person_id", row_id, ID, "The person's id, instead of the address.", where="body"),
        Field("person_phone_number", phone_number, PHONE, "The person's number.", where="body"),
        PERSON_NAME,
        Field("properties", properties, {"type": "object"}, "Replace those from before.", where="body"),
    ),
    answer=NEW_MEMBER,
    statuses=(200, 201),
    example={"platform": "email", "person_email": "jo@customer.example", "properties": {"Plan": "Pro"}},
)
def add_membership(call: Call) -> Answer:
    plan = _plan(call)
    if plan is None:
        raise ApiError(403, detail="The recurring survey of this platform is not set up. Staff can do that.")
    person_id = _person_to_join(call)
    given = call["properties"] or {}
    settings = current_app.extensions["feedback_settings"]
    new = join_plan(call.session, plan.id, {person_id: given}, zone=settings.zone, now=call.now)
    person = seen(call, who_is(person_id=person_id))
    return Answer({"person": person_brief(person), "properties": given}, 201 if new else 200)


@endpoint(
    "DELETE",
    "/autopilot/{platform}/memberships",
    summary="Ask a person no more by Autopilot",
    scope=CHANGES,
    tag="Autopilot",
    fields=(
        PLATFORM,
        NeedsOneOf(
            "person_id", row_id, ID, "The person's id.", others=("person_email", "person_phone_number")
        ),
        Field("person_email", email_in_query, EMAIL, "Or their address."),
        Field("person_phone_number", phone_in_query, PHONE, "Or their number."),
    ),
    answer=MEMBER,
    statuses=(202,),
    example={"platform": "email", "person_email": "jo@customer.example"},
)
def remove_membership(call: Call) -> Answer:
    """What is scheduled by it is cancelled; the person and their responses stay."""
    plan = _plan(call)
    if plan is None and call["platform"] == "sms":
        raise ApiError(403, detail="No survey goes out by SMS here.")
    person = seen(call, _one_name(call))
    left = leave_plan(call.session, plan.id, [person.id], user_id=None, now=call.now) if plan else 0
    if plan is None or not left:
        raise ApiError(404)
    cancel_turns(call.session, plan.id, [person.id], now=call.now)
    return Answer({"person": person_brief(person)}, 202)


def _plan(call: Call) -> Row[Any] | None:
    """The plan behind the platform, if there is one; raises ApiError (404) for a platform that does not exist."""
    if call["platform"] not in ("email", "sms"):
        raise ApiError(404)
    if call["platform"] == "sms":
        return None
    with reading() as connection:
        return plan_of(connection, call.key.survey_id)


def _one_name(call: Call) -> Any:
    """The condition for the one person who is named; raises ApiError (422) if it is not exactly one."""
    named = [name for name in NAMES if call[name] is not None]
    if len(named) > 1:
        raise ApiError(422, {name: [INVALID] for name in named[1:]})
    return who_is(**{NAMES[named[0]]: call[named[0]]})


def _named_in_list(call: Call) -> int | None:
    """The id of the person to whom the list is narrowed, 0 if that is nobody; None: everybody."""
    if all(call[name] is None for name in NAMES):
        return None
    with reading() as connection:
        found = people_after(connection, call.key.survey_id, _one_name(call), limit=1)
    return found[0].id if found else 0


def _person_to_join(call: Call) -> int:
    """The id of the person who is to be on the plan, made known if need be; they must have an address."""
    named = Named(call["person_email"], call["person_phone_number"], call["person_name"] or "")
    if call["person_id"] is not None:
        person = seen_or_unknown(call, call["person_id"])
        named = Named(named.email or person.email, person.phone_number, named.name)
    if named.email is None and named.phone_number is not None:
        with reading() as connection:
            known = people_after(
                connection, call.key.survey_id, who_is(phone_number=named.phone_number), limit=1
            )
        named = Named(known[0].email if known else None, named.phone_number, named.name)
    if named.email is None:
        raise ApiError(422, {"person_email": [BLANK]})
    vault = current_app.extensions["feedback_vault"]
    with told_by_name(email="person_email", phone_number="person_phone_number"):
        return receive_person(
            call.session, call.key.survey_id, named, None, vault=vault, now=call.now
        ).person_id


def seen_or_unknown(call: Call, person_id: int) -> Row[Any]:
    """The person with this id, if the key sees them; raises ApiError (422)."""
    with reading() as connection:
        found = people_after(connection, call.key.survey_id, Person.id == person_id, limit=1)
    if not found:
        raise ApiError(422, {"person_id": [INVALID]})
    return found[0]


def _membership(row: Row[Any], person: Row[Any]) -> dict[str, Any]:
    return {
        "created_at": unix(row.added_at),
        "updated_at": unix(row.updated_at),
        "person": person_brief(person) | {"last_sent_at": unix(person.last_sent_at)},
        "next_survey_request": _next_request(row),
    }


def _next_request(row: Row[Any]) -> dict[str, Any]:
    """The invitation that is scheduled; before it is made, the turn: a number of its own for each."""
    if row.invitation_id is not None:
        return {
            "id": str(row.invitation_id),
            "created_at": unix(row.invited_at),
            "survey_scheduled_at": unix(row.due_at),
            "properties": dict(row.invitation_properties),
        }
    return {
        "id": f"{row.id}{unix(row.next_at)}",
        "created_at": unix(row.updated_at),
        "survey_scheduled_at": unix(row.next_at),
        "properties": dict(row.properties),
    }
