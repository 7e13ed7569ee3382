"""Zendesk: the body of a trigger's webhook (docs/how-to/connect-zendesk.md) and the event-subscription webhook."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import (
    BadSignature,
    HookRequest,
    Provider,
    Unreadable,
    check_moment,
)
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    channel_of,
    cleaned,
    closed_at,
    closed_by_itself,
    id_in_body,
    json_object,
    list_of_tags,
    moment,
    needed_id,
    part,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import base64_code, must_equal

SOLVED = "ticket.solved"
STATUS_CHANGED = "zen:event-type:ticket.status_changed"
CHANNELS = {"mail": "email", "e-mail": "email", "web form": "web", "web service (api)": "api"}


NO_ADDRESS = (
    "Zendesk's event webhooks name the requester by an id only. Use a trigger's webhook with our JSON body instead: "
    "see how to connect Zendesk."
)
TEMPLATE = """\
{"event":"ticket.solved","ticket_id":"{{ticket.id}}","ticket_url":"{{ticket.link}}","ticket_subject":"{{ticket.title}}",
 "ticket_status":"{{ticket.status}}","ticket_channel":"{{ticket.via}}","ticket_tags":"{{ticket.tags}}",
 "ticket_group":"{{ticket.group.name}}","organization":"{{ticket.organization.name}}",
 "requester_email":"{{ticket.requester.email}}","requester_name":"{{ticket.requester.name}}",
 "requester_external_id":"{{ticket.requester.external_id}}","assignee_email":"{{ticket.assignee.email}}",
 "assignee_name":"{{ticket.assignee.name}}","created_at":"{{ticket.created_at_with_timestamp}}",
 "updated_at":"{{ticket.updated_at_with_timestamp}}"}"""


class Zendesk(Provider):
    kind: ClassVar[str] = "zendesk"
    title: ClassVar[str] = "Zendesk"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In the Admin Center: Apps and integrations > Webhooks > Create webhook. Choose Trigger or automation.",
            "Endpoint URL: the address below. Request method POST, request format JSON, no authentication.",
            "Save it, choose Reveal secret, copy the signing secret and keep it here.",
            "Objects and rules > Business rules > Triggers > Create trigger, with the condition "
            "Ticket status, Changed to, Solved.",
            "Action: Notify by > Active webhook, the webhook that you have made, with the JSON body below.",
        ),
        paste=(("Endpoint URL", "{url}"), ("JSON body of the trigger", TEMPLATE)),
        makes_its_own_secret=True,
    )
    kept_headers: ClassVar[tuple[str, ...]] = (
        "x-zendesk-webhook-invocation-id",
        "x-zendesk-webhook-signature-timestamp",
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        stamp = request.header("X-Zendesk-Webhook-Signature-Timestamp")
        signed_at = moment(stamp)
        if signed_at is None:
            raise BadSignature("The time of the signature cannot be read.")
        check_moment(signed_at, now)
        expected = base64_code(secret, stamp.encode() + request.body, "sha256")
        must_equal(expected, request.header("X-Zendesk-Webhook-Signature"))

    def delivery_id(self, request: HookRequest) -> str | None:
        """The event's own id where there is one; a trigger's body has none."""
        own = id_in_body(request.body, "id") if b"zen:event-type:" in request.body else None
        return own or request.headers.get("x-zendesk-webhook-invocation-id")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        if "event" in message and isinstance(message["event"], str):
            return of_trigger(message)
        if "type" in message:
            return of_subscription(message)
        raise Unreadable(
            "The body has neither the field event of our template nor the type of an event webhook."
        )


def of_trigger(message: Mapping[str, Any]) -> ParsedEvent:
    """From the body that our how-to page has staff paste into Zendesk's trigger."""
    ticket = needed_id(message, "ticket_id")
    if message["event"] != SOLVED:
        reason = f"The event is {cleaned(message['event'], 100)}, not {SOLVED}."
        return ParsedEvent(EventKind.IGNORED, ticket, None, reason=reason)
    tags = tuple((text(message, "ticket_tags") or "").split())
    return ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        ticket,
        closed_at(message.get("updated_at")),
        channel=channel_of(text(message, "ticket_channel"), CHANNELS),
        subject=text(message, "ticket_subject"),
        url=text(message, "ticket_url"),
        contact=Contact(
            email=text(message, "requester_email"),
            name=text(message, "requester_name"),
            external_id=text(message, "requester_external_id", LONGEST_ID),
            company=text(message, "organization"),
        ),
        agent=Agent(
            name=text(message, "assignee_name"),
            email=text(message, "assignee_email"),
            team=text(message, "ticket_group"),
        ),
        tags=tags,
        is_auto_closed=closed_by_itself(tags),
    )


def of_subscription(message: Mapping[str, Any]) -> ParsedEvent:
    """From an event-subscription webhook, which names people by their ids only."""
    detail, change = part(message, "detail"), part(message, "event")
    ticket = needed_id(detail, "id")
    kind, status = text(message, "type"), text(change, "current") or ""
    if kind != STATUS_CHANGED or status.upper() != "SOLVED":
        reason = f"The event is {kind} to {status or 'nothing'}, not a ticket that became solved."
        return ParsedEvent(EventKind.IGNORED, ticket, None, reason=reason[:200])
    tags = list_of_tags(detail.get("tags"))
    return ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        ticket,
        closed_at(message.get("time")),
        channel=channel_of(text(part(detail, "via"), "channel"), CHANNELS),
        subject=text(detail, "subject"),
        agent=Agent(id=text(detail, "assignee_id")),
        tags=tags,
        is_auto_closed=closed_by_itself(tags),
        reason=NO_ADDRESS,
        needs_lookup=("contact", "agent"),
    )


PROVIDER = Zendesk()
