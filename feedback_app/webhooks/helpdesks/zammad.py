"""Zammad: the webhook of a trigger, with Zammad's own payload."""

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
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import hex_code, must_equal

SYSTEM = "1"  # the id of the user that stands for nobody, with the login "-"


class Zammad(Provider):
    kind: ClassVar[str] = "zammad"
    title: ClassVar[str] = "Zammad"
    kept_headers: ClassVar[tuple[str, ...]] = ("x-zammad-trigger", "x-zammad-delivery")
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Zammad: Admin > Manage > Webhook > New webhook. Leave the custom payload off.",
            "Endpoint: the address below. HMAC SHA1 signature token: the secret below.",
            "Admin > Manage > Trigger > New trigger, activated by Action.",
            "Condition: Ticket, State, has changed; and Ticket, State, is, closed.",
            "Execute changes: Notification > Webhook, the one that you have made.",
        ),
        paste=(("Endpoint", "{url}"), ("HMAC SHA1 signature token", "{secret}")),
        makes_its_own_secret=False,
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002  no time in it
        """Zammad's documentation shows the code without the prefix that its source code has."""
        given = request.header("X-Hub-Signature").removeprefix("sha1=")
        must_equal(hex_code(secret, request.body, "sha1"), given)

    def delivery_id(self, request: HookRequest) -> str | None:
        return request.headers.get("x-zammad-delivery")

    def parse(self, request: HookRequest) -> ParsedEvent:
        ticket = part(json_object(request.body), "ticket")
        if not ticket:
            raise Unreadable("The body has no ticket; is a custom payload switched on in Zammad's webhook?")
        number, state = needed_id(ticket, "number"), text(ticket, "state") or "unknown"
        if state != "closed":
            return ParsedEvent(
                EventKind.IGNORED, number, None, reason=f"The state is {state[:100]}, not closed."
            )
        tags = list_of_tags(ticket.get("tags"))
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            number,
            # close_at is the first closing for good: a ticket that was opened again has another last one.
            closed_at(ticket.get("last_close_at"), ticket.get("close_at"), ticket.get("updated_at")),
            channel=channel_of(text(ticket, "create_article_type"), {}),
            subject=text(ticket, "title"),
            contact=contact_of(ticket),
            agent=agent_of(ticket),
            tags=tags,
            is_auto_closed=is_auto_closed(ticket, tags),
        )


def contact_of(ticket: Mapping[str, Any]) -> Contact:
    customer, organization = part(ticket, "customer"), part(ticket, "organization")
    return Contact(
        email=text(customer, "email"),
        name=full_name(customer, "firstname", "lastname"),
        external_id=text(customer, "id", LONGEST_ID),
        company=text(organization, "name") or text(customer, "organization"),
        company_id=text(organization, "id", LONGEST_ID),
    )


def agent_of(ticket: Mapping[str, Any]) -> Agent:
    owner, group = part(ticket, "owner"), text(part(ticket, "group"), "name")
    if text(owner, "id") == SYSTEM or text(owner, "login") == "-":
        return Agent(team=group)
    return Agent(text(owner, "id"), full_name(owner, "firstname", "lastname"), text(owner, "email"), group)


def is_auto_closed(ticket: Mapping[str, Any], tags: tuple[str, ...]) -> bool | None:
    closer = text(ticket, "updated_by_id")
    if closer == SYSTEM:
        return True
    return closed_by_itself(tags) or (False if closer else None)


PROVIDER = Zammad()
