"""HubSpot: the webhook of an app, sent in batches when a ticket moves to another stage of its pipeline."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.invitations.events import Agent, EventKind, ParsedEvent
from feedback_app.webhooks.helpdesks.provider import (
    BadSignature,
    HookRequest,
    Provider,
    Unreadable,
    check_moment,
)
from feedback_app.webhooks.helpdesks.reading import (
    closed_at,
    epoch,
    json_object,
    json_value,
    needed_id,
    text,
)
from feedback_app.webhooks.helpdesks.setup import SettingsField, Setup
from feedback_app.webhooks.helpdesks.signing import base64_code, must_equal, stamp_of

CHANGES = ("ticket.propertyChange", "object.propertyChange")
STAGE = "hs_pipeline_stage"
USER = "userId:"
BY_ITSELF = ("AUTOMATION_PLATFORM", "WORKFLOWS", "AUTOMATIC", "API", "INTEGRATION")
BY_SOMEBODY = ("CRM_UI", "CRM_UI_BULK_ACTION", "MOBILE_IOS", "MOBILE_ANDROID")
CLOSED_STAGES = SettingsField(
    "closed_stages",
    "Closed stages",
    "The ids of the pipeline stages that mean closed, for example 4. HubSpot shows them in the settings of the "
    "ticket pipeline, behind each stage.",
)
NO_ADDRESS = (
    "HubSpot's webhooks name ticket and contact by ids only. Have a HubSpot workflow send our own shape instead: "
    "see how to connect HubSpot."
)


class HubSpot(Provider):
    kind: ClassVar[str] = "hubspot"
    title: ClassVar[str] = "HubSpot"
    setup: ClassVar[Setup] = Setup(
        steps=(
            "HubSpot's webhooks hold no address to write to. To ask customers, make a source of the kind "
            "'Any program' and have a custom code action of a HubSpot workflow send our own shape.",
            "To count closed tickets only: in your HubSpot app, open Auth, copy the client secret and keep it here.",
            "Webhooks: target URL is the address below.",
            "Create a subscription: object type Ticket, event Property changed, property below.",
            "Set the closed stages of this source to the ids of the pipeline stages that mean closed.",
        ),
        paste=(("Target URL", "{url}"), ("Property", STAGE)),
        makes_its_own_secret=True,
        settings_fields=(CLOSED_STAGES,),
    )

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """Version 3 signs the method and the whole address too; hooks take nothing but POST."""
        if not request.headers.get("x-hubspot-signature-v3") and request.headers.get("x-hubspot-signature"):
            version = request.headers.get("x-hubspot-signature-version", "v1")[:10]
            raise BadSignature(
                f"HubSpot signed this with version {version} of its signatures, and only version 3 is taken: use a "
                "webhook subscription of a HubSpot app, not the webhook action of a workflow."
            )
        given = request.header("X-HubSpot-Signature-v3")
        stamp, signed_at = stamp_of(request, "X-HubSpot-Request-Timestamp", per_second=1000)
        check_moment(signed_at, now)
        signed = b"POST" + request.url.encode() + request.body + stamp.encode()
        must_equal(base64_code(secret, signed, "sha256"), given)

    def split(self, request: HookRequest) -> list[HookRequest]:
        """One request for each element of the batch, so that a bad one does not lose its neighbours."""
        try:
            batch = json_value(request.body)
        except Unreadable:
            return [request]
        if not isinstance(batch, list) or not batch:
            return [request]
        return [replace(request, body=json.dumps(one).encode()) for one in batch]

    def delivery_id(self, request: HookRequest) -> str | None:
        """HubSpot does not promise that its event ids are unique."""
        try:
            message = json_object(request.body)
        except Unreadable:
            return None
        ids = [text(message, name) for name in ("eventId", "objectId", "occurredAt")]
        return " ".join(one or "" for one in ids) if ids[0] else None

    def parse(self, request: HookRequest) -> ParsedEvent:
        message = json_object(request.body)
        ticket, closed = needed_id(message, "objectId"), CLOSED_STAGES.chosen(request.settings)
        if text(message, "subscriptionType") not in CHANGES or text(message, "propertyName") != STAGE:
            reason = "It is no change of a ticket's pipeline stage."
            return ParsedEvent(EventKind.IGNORED, ticket, None, reason=reason)
        if not closed:
            raise Unreadable(
                "No closed stages are set for this source: set closed_stages to the ids of the pipeline stages that "
                "mean closed, for example 4, and read this again."
            )
        if needed_id(message, "propertyValue") not in closed:
            stages = ", ".join(closed)[:200]
            reason = f"propertyValue is not one of the configured closed stages (here: {stages})"
            return ParsedEvent(EventKind.IGNORED, ticket, None, reason=reason)
        return ParsedEvent(
            EventKind.INTERACTION_CLOSED,
            ticket,
            closed_at(epoch(message.get("occurredAt"), per_second=1000)),
            reason=NO_ADDRESS,
            agent=Agent(id=mover(message)),
            is_auto_closed=is_auto_closed(message),
            needs_lookup=("ticket", "contact", "agent"),
        )


def mover(message: Mapping[str, Any]) -> str | None:
    """The id of the user who moved the ticket; None if it was no user."""
    source = text(message, "sourceId") or ""
    return source.removeprefix(USER) or None if source.startswith(USER) else None


def is_auto_closed(message: Mapping[str, Any]) -> bool | None:
    change = text(message, "changeSource")
    if change in BY_ITSELF:
        return True
    return False if change in BY_SOMEBODY else None


PROVIDER = HubSpot()
