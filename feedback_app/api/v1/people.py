"""People: take one in and send the survey, list them, show one, erase one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import ColumnElement, select

from feedback_app.api.v1.endpoints import CHANGES, INGESTS, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    BLANK,
    INVALID,
    Field,
    Wrong,
    boolean,
    choice,
    email,
    integer,
    moment,
    phone_number,
    properties,
)
from feedback_app.api.v1.naming import (
    EMAIL,
    IDENTIFIER,
    NAME,
    PHONE,
    NeedsOneOf,
    email_in_query,
    is_given,
    phone_in_query,
    seen,
    told_by_name,
    who,
)
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page, cursor_of
from feedback_app.api.v1.places import id_in, with_its_second
from feedback_app.api.v1.shapes import (
    ID,
    OK,
    PERSON,
    TEXT,
    TIME,
    a_list_of,
    map_of_texts,
    nullable,
    person_item,
    unix,
)
from feedback_app.db import reading
from feedback_app.directory.erasing import erase_person
from feedback_app.invitations.jobs import nudge_when_due
from feedback_app.invitations.requests import Request, receive_person
from feedback_app.people.knowing import Named, who_is
from feedback_app.people.models import Person
from feedback_app.responses.people import people_after

A_DAY = timedelta(days=1)  # that a clock may be ahead of ours
LONGEST_DELAY = 100 * 365 * 86_400  # seconds; beyond it no calendar is sure
MOMENT = {"type": "integer", "minimum": 0}


@dataclass(frozen=True)
class PhoneField(Field):
    """The number, which a survey by SMS cannot do without."""

    def value(self, values: dict[str, Any]) -> Any:
        """The number that came; raises Wrong."""
        if values.get("channel") == "sms" and not is_given(values, self.name):
            raise Wrong(BLANK)
        return super().value(values)


SENT = {
    "type": "object",
    "properties": {
        "id": ID,
        "email": nullable(TEXT),
        "name": nullable(TEXT),
        "survey_scheduled_at": nullable(TIME),
        "properties": map_of_texts("Those of this request."),
        "phone_number": TEXT | {"description": "Only of a person who has one."},
    },
    "required": ["id", "email", "name", "survey_scheduled_at", "properties"],
}
SEND_FIELDS = (
    NeedsOneOf(
        "email",
        email,
        EMAIL,
        "Needed unless `phone_number` is given.",
        where="body",
        others=("phone_number",),
    ),
    PhoneField(
        "phone_number", phone_number, PHONE, "Needed unless `email` is given, and by `sms`.", where="body"
    ),
    NAME,
    Field(
        "channel",
        choice("email", "sms"),
        {"enum": ["email", "sms"], "default": "email"},
        "How the survey goes out; `sms` answers 403, as no survey goes out by it.",
        where="body",
        default="email",
    ),
    Field(
        "delay",
        integer(0, LONGEST_DELAY),
        {"type": "integer", "minimum": 0, "default": 0},
        "Seconds to wait before the survey is sent.",
        where="body",
        default=0,
    ),
    Field(
        "send",
        boolean,
        {"type": "boolean", "default": True},
        "false: only take the person in.",
        where="body",
        default=True,
    ),
    Field(
        "last_sent_at",
        moment,
        MOMENT,
        "When the survey last went to the person from elsewhere; limits count it.",
        where="body",
    ),
    Field(
        "properties",
        properties,
        {"type": "object"},
        "Kept with the response; some change the survey itself.",
        where="body",
    ),
    Field("email_update", email, EMAIL, "The person's new address.", where="body"),
    Field("phone_number_update", phone_number, PHONE, "The person's new number.", where="body"),
)


@endpoint(
    "PUT",
    "/people",
    summary="The same as POST",
    scope=INGESTS,
    tag="People",
    fields=SEND_FIELDS,
    answer=SENT,
    statuses=(200, 201),
    example={"email": "jo@customer.example"},
)
@endpoint(
    "POST",
    "/people",
    summary="Take a person in, and send them the survey",
    scope=INGESTS,
    tag="People",
    fields=SEND_FIELDS,
    answer=SENT,
    statuses=(200, 201),
    example={"email": "jo@customer.example", "name": "Jo Wong", "delay": 60, "properties": {"Plan": "Pro"}},
)
def send_to_person(call: Call) -> Answer:
    """Whoever unsubscribed or was asked lately is accepted like anybody else, and dropped when it is time to send."""
    if call["last_sent_at"] is not None and call["last_sent_at"] > call.now + A_DAY:
        raise ApiError(422, {"last_sent_at": [INVALID]})
    if call["send"] and call["channel"] == "sms":
        raise ApiError(403, detail="No survey goes out by SMS here.")
    given = call["properties"] or {}
    named = Named(
        call["email"],
        call["phone_number"],
        call["name"] or "",
        call["email_update"],
        call["phone_number_update"],
    )
    request = Request(timedelta(seconds=call["delay"]), given, call["channel"]) if call["send"] else None
    with told_by_name():
        received = receive_person(
            call.session,
            call.key.survey_id,
            named,
            request,
            last_sent_at=call["last_sent_at"],
            vault=current_app.extensions["feedback_vault"],
            now=call.now,
        )
    if received.due_at is not None:
        nudge_when_due([received.due_at])
    body = _sent_item(received.person_id, received.due_at, given)
    return Answer(body, 201 if received.is_new else 200)


PEOPLE_FIELDS = (
    PER_PAGE_FIELD,
    CURSOR_FIELD,
    Field("since", moment, MOMENT, "Known to us at or after."),
    Field("until", moment, MOMENT, "Known to us at or before."),
    Field("email", email_in_query, EMAIL, "Only the person with this address."),
    Field(
        "phone_number", phone_in_query, PHONE, "Only the person with this number; not together with `email`."
    ),
)


@endpoint(
    "GET",
    "/people",
    summary="The people whom the survey has asked or who came through its keys",
    scope=READS,
    tag="People",
    fields=PEOPLE_FIELDS,
    answer=a_list_of(PERSON),
)
def list_people(call: Call) -> Page:
    """In the order in which we got to know them; the cursor is a place in that order."""
    if call["email"] and call["phone_number"]:
        raise ApiError(422, {"phone_number": [INVALID]})
    after, limit = id_in(call["page_info"]), call["per_page"]
    with reading() as connection:
        rows = people_after(connection, call.key.survey_id, *_filters(call), after=after, limit=limit + 1)
    is_last = len(rows) <= limit
    return Page(
        [person_item(row) for row in rows[:limit]], None if is_last else cursor_of(rows[limit - 1].id)
    )


@endpoint(
    "GET",
    "/people/{identifier}",
    summary="One person",
    scope=READS,
    tag="People",
    fields=(IDENTIFIER,),
    answer=PERSON,
    suffix_only_after_digits=True,
    example={"identifier": "email:jo@customer.example"},
)
def show_person(call: Call) -> dict[str, Any]:
    return person_item(seen(call, who(call["identifier"])))


@endpoint(
    "DELETE",
    "/people/{identifier}",
    summary="Erase a person and everything about them",
    scope=CHANGES,
    tag="People",
    fields=(IDENTIFIER,),
    answer=OK,
    statuses=(202,),
    suffix_only_after_digits=True,
    example={"identifier": "email:leslie@customer.example"},
)
def delete_person(call: Call) -> Answer:
    """A later POST with the address makes a new person; nothing is mailed to them until staff lift it."""
    person = seen(call, who(call["identifier"]))
    erase_person(call.session, person.id, vault=current_app.extensions["feedback_vault"], now=call.now)
    return Answer({"ok": True}, 202)


def _filters(call: Call) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if call["since"] is not None:
        found.append(Person.created_at >= call["since"])
    if call["until"] is not None and (end := with_its_second(call["until"])) is not None:
        found.append(Person.created_at < end)
    if call["email"]:
        found.append(who_is(email=call["email"]))
    if call["phone_number"]:
        found.append(who_is(phone_number=call["phone_number"]))
    return found


def _sent_item(person_id: int, due_at: datetime | None, given: dict[str, str]) -> dict[str, Any]:
    columns = select(Person.id, Person.email, Person.name, Person.phone_number).where(Person.id == person_id)
    with reading() as connection:
        row = connection.execute(columns).one()
    item = {
        "id": str(row.id),
        "email": row.email,
        "name": row.name or None,
        "survey_scheduled_at": unix(due_at),
        "properties": given,
    }
    return item | ({"phone_number": row.phone_number} if row.phone_number else {})
