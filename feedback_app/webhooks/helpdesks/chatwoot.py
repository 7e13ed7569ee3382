"""Chatwoot: the account's webhook, sent when the status of a conversation changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Provider, check_moment
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    channel_of,
    closed_at,
    closed_by_itself,
    epoch,
    json_object,
    list_of_tags,
    needed_id,
    part,
    properties,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import hex_code, must_equal, stamp_of

STATUS_CHANGED = "conversation_status_changed"
SIGNATURE = "X-Chatwoot-Signature"
CHANNELS = {
    "channel::webwidget": "chat",
    "channel::facebookpage": "facebook",
    "channel::twiliosms": "sms",
}


class Chatwoot(Provider):
    kind: ClassVar[str] = "chatwoot"
    title: ClassVar[str] = "Chatwoot"
    kept_headers: ClassVar[tuple[str, ...]] = ("x-chatwoot-delivery", "x-chatwoot-timestamp")
    setup: ClassVar[Setup] = Setup(
        steps=(
            "In Chatwoot: Settings > Integrations > Webhooks > Add new webhook.",
            "Webhook URL: the address below. Subscribe to Conversation Status Changed alone.",
            "Create it, copy the secret that Chatwoot shows for it and keep it here.",
            "If Chatwoot shows no secret, it is too old to sign: bring it up to date first.",
        ),
        paste=(("Webhook URL", "{url}"),),
        makes_its_own_secret=True,
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        given = request.headers.get(SIGNATURE.lower())
        if not given:
            raise BadSignature(
                f"The header {SIGNATURE} is missing. Older versions of Chatwoot do not sign, and anybody could send "
                "such a request: bring Chatwoot up to date."
            )
        stamp, signed_at = stamp_of(request, "X-Chatwoot-Timestamp")
        check_moment(signed_at, now)
        must_equal("sha256=" + hex_code(secret, stamp.encode() + b"." + request.body, "sha256"), given)

    def delivery_id(self, request: HookRequest) -> str | None:
        return request.headers.get("x-chatwoot-delivery")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        event, status = needed_id(message, "event"), text(message, "status") or "nothing"
        if event != STATUS_CHANGED or status != "resolved":
            reason = f"The event is {event[:100]} to {status[:60]}, not a conversation that became resolved."
            return ParsedEvent(EventKind.IGNORED, text(message, "id", LONGEST_ID) or "", None, reason=reason)
        meta, more = part(message, "meta"), part(message, "additional_attributes")
        tags = list_of_tags(message.get("labels"))
        channel = channel_of(text(message, "channel"), CHANNELS)
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            needed_id(message, "id"),
            closed_at(epoch(message.get("updated_at")), epoch(message.get("timestamp"))),
            channel=channel and channel.removeprefix("channel::"),
            subject=text(more, "mail_subject"),
            contact=contact_of(part(meta, "sender")),
            agent=agent_of(meta),
            tags=tags,
            properties=properties(part(message, "custom_attributes")),
            is_auto_closed=closed_by_itself(tags),
        )


def contact_of(sender: Mapping[str, Any]) -> Contact:
    return Contact(
        email=text(sender, "email"),
        name=text(sender, "name"),
        external_id=text(sender, "identifier", LONGEST_ID),
        company=text(part(sender, "additional_attributes"), "company_name"),
    )


def agent_of(meta: Mapping[str, Any]) -> Agent:
    """To whom the conversation is assigned; Chatwoot leaves out the address."""
    assignee = part(meta, "assignee")
    return Agent(text(assignee, "id"), text(assignee, "name"), None, text(part(meta, "team"), "name"))


PROVIDER = Chatwoot()
