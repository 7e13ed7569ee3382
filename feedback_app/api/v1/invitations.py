"""Who was asked, or why not; asking one person, with the personal link for those who send it themselves."""

from datetime import timedelta
from typing import Any

from flask import current_app
from sqlalchemy import Row, func, literal, select, tuple_

from feedback_app.api.v1.endpoints import CHANGES, INGESTS, READS, Answer, Call, endpoint
from feedback_app.api.v1.errors import ApiError
from feedback_app.api.v1.fields import (
    INVALID,
    Field,
    boolean,
    choice,
    email,
    integer,
    moment,
    phone_number,
    properties,
    row_id,
)
from feedback_app.api.v1.naming import EMAIL, NAME, PHONE, NeedsOneOf, email_in_query, told_by_name
from feedback_app.api.v1.paging import CURSOR_FIELD, PER_PAGE_FIELD, Page
from feedback_app.api.v1.places import as_place, place_in, with_its_second
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.db import UtcDateTime, reading
from feedback_app.invitations.drafts import LONGEST_DELAY
from feedback_app.invitations.jobs import nudge_when_due
from feedback_app.invitations.models import Invitation, InvitationState, LedgerEntry, Outcome
from feedback_app.invitations.personal import Wanted, invite_person
from feedback_app.invitations.uncertain import cancel
from feedback_app.links import Links
from feedback_app.people.addresses import normalised_address
from feedback_app.people.knowing import Named
from feedback_app.people.models import Person

TAG = "Invitations"
A_PROGRAM = "A program"
CHANNELS = {"enum": ["email", "link", "sms"]}

_COLUMNS = (
    LedgerEntry.id.label("entry_id"),
    func.coalesce(LedgerEntry.at, Invitation.created_at, type_=UtcDateTime()).label("at"),
    func.coalesce(LedgerEntry.outcome, Outcome.INVITED).label("outcome"),
    LedgerEntry.reason,
    Person.id.label("person_id"),
    Person.email,
    func.coalesce(Invitation.event_id, LedgerEntry.event_id).label("event_id"),
    Invitation.id.label("invitation_id"),
    Invitation.state,
    Invitation.reason.label("state_reason"),
    Invitation.channel,
    Invitation.due_at,
    Invitation.sent_at,
    Invitation.answered_at,
)
ENTRIES: Any = (
    select(*_COLUMNS)
    .select_from(LedgerEntry)
    .outerjoin(Invitation, Invitation.id == LedgerEntry.invitation_id)
    .outerjoin(Person, Person.id == LedgerEntry.person_id)
)
ONES: Any = (
    select(*_COLUMNS)
    .select_from(Invitation)
    .outerjoin(LedgerEntry, LedgerEntry.invitation_id == Invitation.id)
    .join(Person, Person.id == Invitation.person_id)
)
INVITATION = object_of(
    id=nullable(ID | {"description": "null for somebody who was not asked."}),
    outcome={"enum": [one.value for one in Outcome]},
    state=nullable(TEXT | {"description": "scheduled, sending, sent, delivered, answered, ..."}),
    reason=nullable(TEXT | {"description": "Why nobody was asked, or why it is in this state."}),
    person_id=nullable(ID),
    person_email=nullable(TEXT),
    channel=nullable(TEXT | {"description": "email; link: handed over by a program."}),
    event_id=nullable(ID),
    created_at=TIME,
    due_at=nullable(TIME),
    sent_at=nullable(TIME),
    answered_at=nullable(TIME),
    token=nullable(TEXT),
    links=nullable(object_of(answer=TEXT, unsubscribe=TEXT)),
)

INVITATION_ID = Field("id", row_id, {"type": "string"}, "The invitation's id.", "path", required=True)
MOMENT = {"type": "integer", "minimum": 0}
LIST_FIELDS = (
    PER_PAGE_FIELD,
    CURSOR_FIELD,
    Field("person_email", email_in_query, EMAIL, "Only of the person with this address."),
    Field(
        "state",
        choice(*InvitationState),
        {"enum": [one.value for one in InvitationState]},
        "Only invitations in this state.",
    ),
    Field(
        "outcome",
        choice(*Outcome),
        {"enum": [one.value for one in Outcome]},
        "Only what ended like this; everything but `invited` says why nobody was asked.",
    ),
    Field("since", moment, MOMENT, "Decided at or after."),
    Field("until", moment, MOMENT, "Decided at or before."),
)
LONGEST_DELAY_SECONDS = int(LONGEST_DELAY.total_seconds())
ASK_FIELDS = (
    NeedsOneOf(
        "email",
        email,
        EMAIL,
        "Needed unless `phone_number` is given; `send` needs it.",
        "body",
        others=("phone_number",),
    ),
    Field("phone_number", phone_number, PHONE, "Another way to name the person.", "body"),
    NAME,
    Field(
        "send",
        boolean,
        {"type": "boolean", "default": True},
        "false: send no mail, you hand over the link in the answer.",
        "body",
        default=True,
    ),
    Field(
        "delay",
        integer(0, LONGEST_DELAY_SECONDS),
        {"type": "integer", "minimum": 0, "maximum": LONGEST_DELAY_SECONDS, "default": 0},
        "Seconds to wait before the mail; not with `send` false.",
        "body",
        default=0,
    ),
    Field(
        "context",
        properties,
        {"type": "object"},
        "What the mail may mention: `agent`, `topic`, `team`, `company`, `interaction_id`, `url`.",
        "body",
    ),
    Field("properties", properties, {"type": "object"}, "Kept with the response.", "body"),
)


@endpoint(
    "GET",
    "/invitations",
    summary="Who was asked, and who was not and why; oldest first",
    scope=READS,
    tag=TAG,
    fields=LIST_FIELDS,
    answer=a_list_of(INVITATION),
    statuses=(200, 422),
    example={},
)
def list_invitations(call: Call) -> Page:
    """One line for each time that the survey was to ask somebody, as in the ledger."""
    size = call["per_page"]
    query = _filtered(call).order_by(LedgerEntry.at, LedgerEntry.id).limit(size + 1)
    if call["page_info"]:
        place = place_in(call["page_info"])
        at, entry_id = literal(place.at, UtcDateTime), place.row_id
        query = query.where(tuple_(LedgerEntry.at, LedgerEntry.id) > tuple_(at, entry_id))
    with reading() as connection:
        rows = connection.execute(query).all()
    last = rows[size - 1] if len(rows) > size else None
    items = [invitation_item(row) for row in rows[:size]]
    return Page(items, as_place(last.at, last.entry_id) if last is not None else None)


@endpoint(
    "GET",
    "/invitations/{id}",
    summary="One invitation",
    scope=READS,
    tag=TAG,
    fields=(INVITATION_ID,),
    answer=INVITATION,
    statuses=(200, 404),
    example={"id": 1},
)
def show_invitation(call: Call) -> dict[str, Any]:
    return invitation_item(_own(call))


@endpoint(
    "POST",
    "/invitations",
    summary="Ask one person, by our mail or by a link that you hand over",
    scope=INGESTS,
    tag=TAG,
    fields=ASK_FIELDS,
    answer=INVITATION,
    statuses=(200, 201, 422),
    example={"email": "ada@customer.example", "send": False},
)
def post_invitation(call: Call) -> Answer:
    """201 with an invitation; 200 if nobody is asked, with the outcome and the reason."""
    if call["delay"] and not call["send"]:
        raise ApiError(422, {"delay": [INVALID]})
    if call["send"] and not call["email"]:
        raise ApiError(422, {"email": ["can't be blank"]})
    wanted = Wanted(
        call["send"], timedelta(seconds=call["delay"]), call["context"] or {}, call["properties"] or {}
    )
    extensions = current_app.extensions
    with told_by_name():
        asking = invite_person(
            call.session,
            call.key.survey_id,
            Named(call["email"], call["phone_number"], call["name"] or ""),
            wanted,
            vault=extensions["feedback_vault"],
            zone=extensions["feedback_settings"].zone,
            now=call.now,
        )
    if asking.due_at is not None and wanted.by_mail:
        nudge_when_due([asking.due_at])
    newest = ENTRIES.where(
        LedgerEntry.survey_id == call.key.survey_id,
        LedgerEntry.person_id == asking.person_id,
        LedgerEntry.invitation_id.is_not_distinct_from(asking.invitation_id),
    ).order_by(LedgerEntry.id.desc())
    with reading() as connection:
        row = connection.execute(newest.limit(1)).one()
    return Answer(invitation_item(row), 200 if asking.invitation_id is None else 201)


@endpoint(
    "POST",
    "/invitations/{id}/cancel",
    summary="Do not send what is scheduled",
    scope=CHANGES,
    tag=TAG,
    fields=(INVITATION_ID,),
    answer=INVITATION,
    statuses=(200, 404, 422),
    example={"id": 4},
)
def cancel_invitation(call: Call) -> dict[str, Any]:
    """422 for one that is not scheduled any more: a link that was handed over cannot be taken back."""
    row = _own(call)
    cancel(call.session, row.invitation_id, user_id=None, by=A_PROGRAM, now=call.now)
    return invitation_item(_own(call))


def invitation_item(row: Row[Any]) -> dict[str, Any]:
    """A line of the ledger as programs get it."""
    links: Links = current_app.extensions["feedback_links"]
    invitation_id = row.invitation_id
    return {
        "id": None if invitation_id is None else str(invitation_id),
        "outcome": row.outcome,
        "state": row.state,
        "reason": row.state_reason or row.reason or None,
        "person_id": None if row.person_id is None else str(row.person_id),
        "person_email": row.email,
        "channel": row.channel,
        "event_id": None if row.event_id is None else str(row.event_id),
        "created_at": unix(row.at),
        "due_at": unix(row.due_at),
        "sent_at": unix(row.sent_at),
        "answered_at": unix(row.answered_at),
        "token": None if invitation_id is None else links.answer_token(invitation_id),
        "links": None
        if invitation_id is None
        else {"answer": links.answer(invitation_id), "unsubscribe": links.unsubscribe(invitation_id)},
    }


def _own(call: Call) -> Row[Any]:
    """The invitation of the path, if it is of the key's survey; raises ApiError (404)."""
    wanted = ONES.where(Invitation.id == call["id"], Invitation.survey_id == call.key.survey_id)
    with reading() as connection:
        row = connection.execute(wanted.limit(1)).one_or_none()
    if row is None:
        raise ApiError(404)
    found: Row[Any] = row
    return found


def _filtered(call: Call) -> Any:
    query = ENTRIES.where(LedgerEntry.survey_id == call.key.survey_id)
    if call["person_email"]:
        query = query.where(Person.email_key == normalised_address(call["person_email"]))
    if call["state"]:
        query = query.where(Invitation.state == call["state"])
    if call["outcome"]:
        query = query.where(LedgerEntry.outcome == call["outcome"])
    if call["since"] is not None:
        query = query.where(LedgerEntry.at >= call["since"])
    if call["until"] is not None and (before := with_its_second(call["until"])) is not None:
        query = query.where(LedgerEntry.at < before)
    return query
