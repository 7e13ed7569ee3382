"""Help Scout: the webhook of an app, sent when the status of a conversation changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import HookRequest, Provider, Unreadable
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    channel_of,
    closed_at,
    closed_by_itself,
    full_name,
    json_object,
    list_of_tags,
    needed_id,
    part,
    parts,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import base64_code, must_equal

EVENT = "x-helpscout-event"
STATUS_CHANGED = "convo.status"


class HelpScout(Provider):
    kind: ClassVar[str] = "helpscout"
    title: ClassVar[str] = "Help Scout"
    kept_headers: ClassVar[tuple[str, ...]] = (EVENT,)
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Help Scout: Manage > Apps > Webhooks > Install app.",
            "Secret key: the secret below. Callback URL: the address below.",
            "Choose the event Conversation Status Updated alone and save.",
        ),
        paste=(("Callback URL", "{url}"), ("Secret key", "{secret}")),
        makes_its_own_secret=False,
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002  no time in it
        must_equal(base64_code(secret, request.body, "sha1"), request.header("X-HelpScout-Signature"))

    def delivery_id(self, request: HookRequest) -> str | None:
        """Help Scout does not name its deliveries; the conversation and the moment of its closing tell them apart."""

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        number = needed_id(message, "number")
        event, status = request.headers.get(EVENT), text(message, "status")
        if not event:
            raise Unreadable("The header X-HelpScout-Event is missing, so nothing says what happened.")
        if event != STATUS_CHANGED or status != "closed":
            reason = f"The event is {event[:100]} to {status}, not a conversation that became closed."
            return ParsedEvent(EventKind.IGNORED, number, None, reason=reason[:200])
        tags = list_of_tags([tag.get("tag") for tag in parts(message, "tags")])
        customer = part(message, "primaryCustomer")
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            number,
            closed_at(message.get("closedAt"), message.get("userUpdatedAt")),
            channel=channel_of(text(message, "type") or text(part(message, "source"), "type"), {}),
            subject=text(message, "subject"),
            contact=Contact(
                email=text(customer, "email"),
                name=full_name(customer, "first", "last"),
                external_id=text(customer, "id", LONGEST_ID),
            ),
            agent=agent_of(message),
            tags=tags,
            is_auto_closed=is_auto_closed(part(message, "closedByUser"), tags),
        )


def agent_of(message: Mapping[str, Any]) -> Agent:
    """Who closed it, else to whom it is assigned."""
    closer = part(message, "closedByUser")
    agent = closer if closer.get("type") == "user" else part(message, "assignee")
    return Agent(text(agent, "id"), full_name(agent, "first", "last"), text(agent, "email"))


def is_auto_closed(closer: Mapping[str, Any], tags: tuple[str, ...]) -> bool | None:
    """No if a user closed it; anything else that closes is a workflow of Help Scout."""
    if not closer.get("type"):
        return closed_by_itself(tags)
    return closed_by_itself(tags) or closer["type"] != "user"


PROVIDER = HelpScout()
