"""Our own shape, for any program: signed as the Standard Webhooks specification 1.0.0 says.

Verified here rather than by its library, because that decodes the body first, asks its own clock, and raises five
kinds of errors for garbage. The tests sign with the library.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, Contact, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, check_moment
from feedback_app.webhooks.helpdesks.reading import (
    LONGEST_ID,
    cleaned,
    closed_at,
    json_object,
    needed_id,
    part,
    properties,
    text,
)

CLOSED = "support.interaction.closed"
PREFIX = "whsec_"
SHORTEST_KEY = 16  # bytes; the specification wants 24 to 64


class Generic:
    kind: ClassVar[str] = "generic"
    title: ClassVar[str] = "Any program"
    makes_its_own_secret: ClassVar[bool] = False
    kept_headers: ClassVar[tuple[str, ...]] = ("webhook-id", "webhook-timestamp")

    def new_secret(self) -> str:
        return PREFIX + b64encode(secrets.token_bytes(32)).decode()

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        message_id, stamp = request.header("webhook-id"), request.header("webhook-timestamp")
        check_moment(datetime.fromtimestamp(int(stamp), UTC), now)
        key = b64decode(secret.removeprefix(PREFIX) + "==")  # padding beyond what is needed is ignored
        if (
            len(key) < SHORTEST_KEY
        ):  # whatever is no base64 is left out: of "????" nothing is left, and anybody can sign
            raise BadSignature("The signing secret kept for this hook is not one; set it anew.")
        signed = f"{message_id}.{stamp}.".encode() + request.body
        expected = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
        given = request.header("webhook-signature").split()  # several while a secret is being replaced
        if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in given):
            raise BadSignature("The signature does not fit to the body.")

    def delivery_id(self, request: HookRequest) -> str | None:
        return request.headers.get("webhook-id")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        kind = needed_id(message, "type")
        data = part(message, "data")
        if kind != CLOSED:
            reason = f"The type is {kind}, not {CLOSED}."
            return ParsedEvent(EventKind.IGNORED, text(data, "interaction_id") or "", None, reason=reason)
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            needed_id(data, "interaction_id"),
            closed_at(data.get("closed_at"), message.get("timestamp")),
            channel=text(data, "channel"),
            subject=text(data, "subject"),
            url=text(data, "url"),
            contact=contact_of(part(data, "contact")),
            agent=agent_of(part(data, "agent")),
            tags=tags_of(data),
            properties=properties(part(data, "properties")),
        )


def contact_of(contact: Mapping[str, Any]) -> Contact:
    return Contact(
        email=text(contact, "email"),
        name=text(contact, "name"),
        external_id=text(contact, "external_id", LONGEST_ID),
        locale=text(contact, "locale"),
        time_zone=text(contact, "time_zone"),
        company=text(contact, "company"),
        company_id=text(contact, "company_id", LONGEST_ID),
    )


def agent_of(agent: Mapping[str, Any]) -> Agent:
    return Agent(text(agent, "id"), text(agent, "name"), text(agent, "email"), text(agent, "team"))


def tags_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    tags = data.get("tags")
    return (
        tuple(cleaned(tag, 100) for tag in tags[:50] if isinstance(tag, str))
        if isinstance(tags, list)
        else ()
    )


PROVIDER = Generic()
