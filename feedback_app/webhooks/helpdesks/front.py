"""Front: the webhook of an app or of a rule, sent when a conversation is archived."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import HookRequest, Provider, check_moment
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    channel_of,
    cleaned,
    closed_at,
    closed_by_itself,
    epoch,
    full_name,
    id_in_body,
    json_object,
    list_of_tags,
    needed_id,
    part,
    parts,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import base64_code, must_equal, stamp_of

ARCHIVED = "archive"
STAMP = "X-Front-Request-Timestamp"
CHALLENGE = "x-front-challenge"
CHANNELS = {"front_chat": "chat", "custom": "other", "call": "phone"}


class Front(Provider):
    kind: ClassVar[str] = "front"
    title: ClassVar[str] = "Front"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Front: Settings > Developers > Create app, and open its features.",
            "Basic information: copy the app's signing key and keep it here before you save the webhook.",
            "Add the feature Webhooks: the endpoint is the address below, the event type is Archive.",
            "Save. Front tries the address out at once, and we answer if the signing key is right.",
            "A rule's webhook (Rules > Then: Send to a webhook) does as well: keep the API secret here in that case.",
        ),
        paste=(("Endpoint", "{url}"), ("Event type", ARCHIVED)),
        makes_its_own_secret=True,
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """An app signs with its time and a key of its own; a rule signs the body alone with the API secret."""
        given = request.header("X-Front-Signature")
        if STAMP.lower() not in request.headers:
            must_equal(base64_code(secret, request.body, "sha1"), given)
            return
        stamp, signed_at = stamp_of(request, STAMP, per_second=1000)
        check_moment(signed_at, now)
        must_equal(base64_code(secret, stamp.encode() + b":" + request.body, "sha256"), given)

    def challenge(self, request: HookRequest) -> dict[str, Any] | None:
        """Front wants this value back when the webhook is saved."""
        value = request.headers.get(CHALLENGE)
        return {"challenge": value} if value else None

    def delivery_id(self, request: HookRequest) -> str | None:
        return id_in_body(request.body, "id")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        kind, conversation = needed_id(message, "type"), part(message, "conversation")
        if kind != ARCHIVED:
            reason = f"The type is {kind[:100]}, not {ARCHIVED}."
            return ParsedEvent(
                EventKind.IGNORED, text(conversation, "id", LONGEST_ID) or "", None, reason=reason
            )
        tags = list_of_tags([tag.get("name") for tag in parts(conversation, "tags")])
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            needed_id(conversation, "id"),
            closed_at(epoch(message.get("emitted_at"))),
            channel=channel_of(text(part(conversation, "last_message"), "type"), CHANNELS),
            subject=text(conversation, "subject"),
            contact=contact_of(part(conversation, "recipient")),
            agent=agent_of(message, conversation),
            tags=tags,
            is_auto_closed=is_auto_closed(who(message), tags),
        )


def contact_of(recipient: Mapping[str, Any]) -> Contact:
    """The customer; the id is the last part of the address that Front's API has for them."""
    link = text(part(part(recipient, "_links"), "related"), "contact") or ""
    return Contact(
        email=text(recipient, "handle"),
        name=text(recipient, "name"),
        external_id=cleaned(link.rpartition("/")[2], LONGEST_ID) or None,
    )


def who(message: Mapping[str, Any]) -> str | None:
    """What archived it: "teammate", "rule", "api" ..."""
    return text(part(part(message, "source"), "_meta"), "type")


def agent_of(message: Mapping[str, Any], conversation: Mapping[str, Any]) -> Agent:
    """The teammate who archived it, else the one to whom it is assigned."""
    by_teammate = who(message) == "teammate"
    agent = part(part(message, "source"), "data") if by_teammate else part(conversation, "assignee")
    return Agent(text(agent, "id"), full_name(agent, "first_name", "last_name"), text(agent, "email"))


def is_auto_closed(source: str | None, tags: tuple[str, ...]) -> bool | None:
    if source in ("rule", "api"):
        return True
    return closed_by_itself(tags) or (False if source == "teammate" else None)


PROVIDER = Front()
