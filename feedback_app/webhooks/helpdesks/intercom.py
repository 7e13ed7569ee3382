"""Intercom: the webhook of an app, sent when a conversation or a ticket is closed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import HookRequest, Provider
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    channel_of,
    closed_at,
    closed_by_itself,
    epoch,
    id_in_body,
    json_object,
    list_of_tags,
    needed_id,
    part,
    parts,
    properties,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import hex_code, must_equal

CLOSED = ("conversation.admin.closed", "ticket.closed")
PING = "ping"
CHANNELS = {"conversation": "chat"}  # the Messenger
STAFF = ("admin", "bot", "team", "operator")  # authors that are no customers


class Intercom(Provider):
    kind: ClassVar[str] = "intercom"
    title: ClassVar[str] = "Intercom"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Intercom's Developer Hub, open your app, or make one for your own workspace.",
            "Basic information: copy the client secret and keep it here before you save the webhook.",
            "Webhooks: endpoint URL is the address below.",
            "Choose the topic conversation.admin.closed (and ticket.closed, if you work with tickets) and save.",
        ),
        paste=(("Endpoint URL", "{url}"), ("Topic", "conversation.admin.closed")),
        makes_its_own_secret=True,
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002  no time in it
        expected = "sha1=" + hex_code(secret, request.body, "sha1")
        must_equal(expected, request.header("X-Hub-Signature"))

    def challenge(self, request: HookRequest) -> dict[str, Any] | None:
        """Intercom sends a ping when the webhook is saved."""
        return {"result": "pong"} if id_in_body(request.body, "topic") == PING else None

    def delivery_id(self, request: HookRequest) -> str | None:
        return id_in_body(request.body, "id")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        topic, item = needed_id(message, "topic"), part(part(message, "data"), "item")
        if topic not in CLOSED:
            reason = f"The topic is {topic}, not {CLOSED[0]}."
            return ParsedEvent(EventKind.IGNORED, text(item, "id") or "", None, reason=reason)
        statistics, close = part(item, "statistics"), closing_part(item)
        tags = list_of_tags([tag.get("name") for tag in parts(part(item, "tags"), "tags")])
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            needed_id(item, "id"),
            closed_at(*(epoch(one) for one in moments(message, item, statistics, close))),
            channel=channel_of(text(part(item, "source"), "type"), CHANNELS),
            subject=text(item, "title") or text(part(item, "source"), "subject"),
            contact=contact_of(item),
            agent=agent_of(item, part(close, "author")),
            tags=tags,
            properties=properties(part(item, "custom_attributes")),
            is_auto_closed=is_auto_closed(part(close, "author"), tags),
        )


def moments(message: Mapping[str, Any], *sources: Mapping[str, Any]) -> list[Any]:
    """When it was closed, the best word first: the closing itself, the statistics, the message."""
    item, statistics, close = sources
    return [
        close.get("created_at"),
        statistics.get("last_close_at"),
        item.get("updated_at"),
        message.get("created_at"),
    ]


def closing_part(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part of the conversation that closed it; an empty one if there is none."""
    said = parts(part(item, "conversation_parts"), "conversation_parts")
    return next((one for one in reversed(said) if one.get("part_type") == "close"), {})


def contact_of(item: Mapping[str, Any]) -> Contact:
    """The customer: who wrote first, unless we did; older versions of the API say `user`."""
    author, older = part(part(item, "source"), "author"), part(item, "user")
    known = next(iter(parts(part(item, "contacts"), "contacts")), {})
    customer = {} if author.get("type") in STAFF else author
    return Contact(
        email=text(customer, "email") or text(older, "email") or text(known, "email"),
        name=text(customer, "name") or text(older, "name") or text(known, "name"),
        external_id=text(known, "external_id", LONGEST_ID) or text(older, "user_id", LONGEST_ID),
    )


def agent_of(item: Mapping[str, Any], closer: Mapping[str, Any]) -> Agent:
    """Who closed it; if that was nobody of the team, to whom it is assigned."""
    agent_id = text(closer, "id") if closer.get("type") == "admin" else text(item, "admin_assignee_id")
    team = parts(part(item, "teammates"), "teammates")
    known = next((mate for mate in team if text(mate, "id") == agent_id), {})
    named = closer if closer.get("type") == "admin" else known
    return Agent(
        id=agent_id,
        name=text(named, "name") or text(known, "name"),
        email=text(named, "email") or text(known, "email"),
    )


def is_auto_closed(closer: Mapping[str, Any], tags: tuple[str, ...]) -> bool | None:
    if closer.get("type") in ("bot", "operator"):
        return True
    return closed_by_itself(tags) or (False if closer.get("type") == "admin" else None)


PROVIDER = Intercom()
