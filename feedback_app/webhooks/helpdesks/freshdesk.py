"""Freshdesk: the webhook of an automation rule. It signs nothing, so a secret of ours travels in a header."""

from base64 import b64decode
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Provider
from feedback_app.webhooks.helpdesks.reading import (
    channel_of,
    closed_by_itself,
    json_object,
    list_of_tags,
    needed_id,
    part,
    text,
)
from feedback_app.webhooks.helpdesks.setup import SettingsField, Setup
from feedback_app.webhooks.helpdesks.signing import are_equal

TOKEN = "X-Survey-Token"  # noqa: S105  the name of the header
SAME_WITHIN = 600  # seconds
CHANNELS = {"portal": "web", "feedback widget": "web", "feedback_widget": "web"}
CLOSED_STATUSES = SettingsField(
    "closed_statuses",
    "Closed statuses",
    "A ticket that changes to one of these has been closed.",
    ("Resolved", "Closed"),
)


class Freshdesk(Provider):
    kind: ClassVar[str] = "freshdesk"
    title: ClassVar[str] = "Freshdesk"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Freshdesk: Admin > Workflows > Automations > Ticket updates > New rule.",
            "When an action performed by Agent or System, involves any of these events: "
            "Status is changed, from Any status, to Resolved.",
            "Action: Trigger webhook, request type POST, with the URL and the custom header below.",
            "Encoding JSON, content Simple: tick every property of ticket, requester and agent.",
        ),
        paste=(("URL", "{url}"), ("Custom headers", '{"X-Survey-Token": "{secret}"}')),
        makes_its_own_secret=False,
        settings_fields=(CLOSED_STATUSES,),
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002  no time in it
        given = request.headers.get(TOKEN.lower()) or basic_password(request.headers.get("authorization", ""))
        if not given:
            raise BadSignature(f"The header {TOKEN} is missing, and there is no HTTP Basic password either.")
        if not are_equal(secret, given):
            raise BadSignature(f"The secret in the header {TOKEN} (or in HTTP Basic) does not fit.")

    def delivery_id(self, request: HookRequest) -> str | None:
        """Freshdesk does not name its deliveries."""

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        ticket = part(message, "freshdesk_webhook") or message
        number, status = needed_id(ticket, "ticket_id"), needed_id(ticket, "ticket_status")
        closing = CLOSED_STATUSES.chosen(request.settings)
        if status.lower() not in {one.lower() for one in closing}:
            reason = (
                f"The status is {status[:100]}, not one of the closed statuses (here: {', '.join(closing)})"
            )
            return ParsedEvent(EventKind.IGNORED, number, None, reason=reason[:300])
        tags = list_of_tags((text(ticket, "ticket_tags") or "").split(","))
        tags = tuple(tag for tag in tags if tag)
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            number,
            None,
            key=key_of(number, status, request.received_at),
            channel=channel_of(text(ticket, "ticket_source"), CHANNELS),
            subject=text(ticket, "ticket_subject"),
            url=text(ticket, "ticket_url"),
            contact=contact_of(ticket),
            agent=Agent(
                name=text(ticket, "ticket_agent_name"),
                email=text(ticket, "ticket_agent_email"),
                team=text(ticket, "ticket_group_name"),
            ),
            tags=tags,
            is_auto_closed=closed_by_itself(tags),
        )


def contact_of(ticket: Any) -> Contact:
    """The requester, under either of the names that Freshdesk has had for one."""
    return Contact(
        email=text(ticket, "ticket_contact_email") or text(ticket, "requester_email"),
        name=text(ticket, "ticket_contact_name") or text(ticket, "requester_name"),
        company=text(ticket, "ticket_company_name"),
    )


def key_of(ticket: str, status: str, received_at: datetime | None) -> str:
    """Which closing this is, as far as can be said without a time: the same status within ten minutes."""
    if received_at is None:
        return ""
    return f"{ticket} {status.lower()[:60]} {int(received_at.timestamp()) // SAME_WITHIN}"


def basic_password(authorization: str) -> str:
    """The password of HTTP Basic; empty if there is none to be read."""
    scheme, _, given = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(given, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


PROVIDER = Freshdesk()
