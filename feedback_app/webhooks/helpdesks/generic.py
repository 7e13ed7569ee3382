"""Our own shape, for any program: signed as the Standard Webhooks specification 1.0.0 says.

Verified here rather than by its library, because that decodes the body first, asks its own clock, and raises five
kinds of errors for garbage. The tests sign with the library.
"""

import hmac
import secrets
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import replace
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
    closed_at,
    closed_by_itself,
    json_object,
    list_of_tags,
    moment,
    needed_id,
    part,
    properties,
    text,
)
from feedback_app.webhooks.helpdesks.setup import Setup
from feedback_app.webhooks.helpdesks.signing import are_equal, stamp_of

CLOSED = "support.interaction.closed"
PREFIX = "whsec_"
SHORTEST_KEY = 16  # bytes; the specification wants 24 to 64
LONGEST_TYPE = 60  # a trigger chooses events by it
EXAMPLE = """\
{
  "type": "support.interaction.closed",
  "timestamp": "2026-11-20T15:42:07Z",
  "data": {
    "interaction_id": "84213",
    "subject": "Invoice shows the wrong seat count",
    "contact": {"email": "dana.whitfield@example.com", "name": "Dana Whitfield"},
    "agent": {"name": "Priya Raman"}
  }
}"""


class Generic(Provider):
    kind: ClassVar[str] = "generic"
    title: ClassVar[str] = "Any program"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "Post one JSON body for each event to the address below, over https.",
            "Sign it with the secret below as the Standard Webhooks specification says; most languages have a library.",
            "The page about sending events has an example to run, and every field.",
        ),
        paste=(("URL", "{url}"), ("Signing secret", "{secret}"), ("Body", EXAMPLE)),
        makes_its_own_secret=False,
    )
    kept_headers: ClassVar[tuple[str, ...]] = ("webhook-id", "webhook-timestamp")

    def new_secret(self) -> str:
        return PREFIX + b64encode(secrets.token_bytes(32)).decode()

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        message_id = request.header("webhook-id")
        stamp, signed_at = stamp_of(request, "webhook-timestamp")
        check_moment(signed_at, now)
        key = b64decode(secret.removeprefix(PREFIX) + "==")  # padding beyond what is needed is ignored
        if (
            len(key) < SHORTEST_KEY
        ):  # whatever is no base64 is left out: of "????" nothing is left, and anybody can sign
            raise BadSignature("The signing secret kept for this hook is not one; set it anew.")
        signed = f"{message_id}.{stamp}.".encode() + request.body
        expected = "v1," + b64encode(hmac.digest(key, signed, "sha256")).decode()
        given = request.header("webhook-signature").split()  # several while a secret is being replaced
        if not any(are_equal(expected, one) for one in given):
            raise BadSignature("The signature does not fit to the body.")

    def delivery_id(self, request: HookRequest) -> str | None:
        return request.headers.get("webhook-id")

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        kind = needed_id(message, "type")
        data = part(message, "data")
        event = event_of(data)
        if kind == CLOSED:
            return replace(
                event,
                interaction_id=needed_id(data, "interaction_id"),
                occurred_at=closed_at(data.get("closed_at"), message.get("timestamp")),
            )
        return custom(event, kind, request, message)


def event_of(data: Mapping[str, Any]) -> ParsedEvent:
    """What every event of ours may tell, whatever its type; without its id and its moment."""
    tags, said = list_of_tags(data.get("tags")), data.get("auto_closed")
    return ParsedEvent(
        EventKind.INTERACTION_CLOSED,
        "",
        None,
        channel=text(data, "channel"),
        subject=text(data, "subject"),
        url=text(data, "url"),
        contact=contact_of(part(data, "contact")),
        agent=agent_of(part(data, "agent")),
        tags=tags,
        properties=properties(part(data, "properties")),
        is_auto_closed=said if isinstance(said, bool) else closed_by_itself(tags),
    )


def custom(event: ParsedEvent, kind: str, request: HookRequest, message: Mapping[str, Any]) -> ParsedEvent:
    """An event of another type than a closed case; triggers choose it by that type."""
    if len(kind) > LONGEST_TYPE:
        raise Unreadable(f"The type is longer than {LONGEST_TYPE} characters.")
    data = part(message, "data")
    own = request.headers.get("webhook-id", "")[:LONGEST_ID]
    interaction = needed_id(data, "interaction_id") if text(data, "interaction_id") or not own else own
    occurred_at = moment(data.get("occurred_at")) or moment(message.get("timestamp"))
    return replace(
        event,
        kind=EventKind.CUSTOM,
        type=kind,
        interaction_id=interaction,
        occurred_at=occurred_at and occurred_at.replace(microsecond=0),
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


PROVIDER = Generic()
