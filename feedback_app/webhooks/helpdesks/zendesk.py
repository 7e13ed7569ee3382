"""Zendesk: the body of a trigger's webhook (docs/how-to/connect-zendesk.md) and the event-subscription webhook."""

import hmac
import secrets
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable, check_moment
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    cleaned,
    closed_at,
    json_object,
    moment,
    needed_id,
    part,
    text,
)

SOLVED = "ticket.solved"
STATUS_CHANGED = "zen:event-type:ticket.status_changed"
CHANNELS = {"mail": "email", "e-mail": "email", "web form": "web", "web service (api)": "api"}


class Zendesk:
    kind: ClassVar[str] = "zendesk"
    title: ClassVar[str] = "Zendesk"
    makes_its_own_secret: ClassVar[bool] = True
    kept_headers: ClassVar[tuple[str, ...]] = (
        "x-zendesk-webhook-invocation-id",
        "x-zendesk-webhook-signature-timestamp",
    )

    def new_secret(self) -> str:
        return secrets.token_urlsafe(32)

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        stamp = request.header("X-Zendesk-Webhook-Signature-Timestamp")
        signed_at = moment(stamp)
        if signed_at is None:
            raise BadSignature("The time of the signature cannot be read.")
        check_moment(signed_at, now)
        expected = b64encode(hmac.digest(secret.encode(), stamp.encode() + request.body, "sha256"))
        if not hmac.compare_digest(expected, request.header("X-Zendesk-Webhook-Signature").encode()):
            raise BadSignature("The signature does not fit to the body.")

    def delivery_id(self, request: HookRequest) -> str | None:
        return request.headers.get("x-zendesk-webhook-invocation-id")

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
    return ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        ticket,
        closed_at(message.get("updated_at")),
        channel=channel_of(text(message, "ticket_channel")),
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
        tags=tuple((text(message, "ticket_tags") or "").split()),
    )


def of_subscription(message: Mapping[str, Any]) -> ParsedEvent:
    """From an event-subscription webhook, which names people by their ids only."""
    detail, change = part(message, "detail"), part(message, "event")
    ticket = needed_id(detail, "id")
    kind, status = text(message, "type"), text(change, "current") or ""
    if kind != STATUS_CHANGED or status.upper() != "SOLVED":
        reason = f"The event is {kind} to {status or 'nothing'}, not a ticket that became solved."
        return ParsedEvent(EventKind.IGNORED, ticket, None, reason=reason[:200])
    tags = detail.get("tags")
    return ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        ticket,
        closed_at(message.get("time")),
        channel=channel_of(text(part(detail, "via"), "channel")),
        subject=text(detail, "subject"),
        agent=Agent(id=text(detail, "assignee_id")),
        tags=tuple(cleaned(tag, 100) for tag in tags if isinstance(tag, str))
        if isinstance(tags, list)
        else (),
        needs_lookup=("contact", "agent"),
    )


def channel_of(channel: str | None) -> str | None:
    """Zendesk's name of a channel as we call it.

    >>> channel_of("Mail"), channel_of("Chat")
    ('email', 'chat')
    """
    return CHANNELS.get(channel.lower(), channel.lower()) if channel else None


PROVIDER = Zendesk()
