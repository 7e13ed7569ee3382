"""Reading a body again that is stored or pasted: nothing is proven, nothing is kept."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from feedback_app.invitations.events import ParsedEvent
from feedback_app.webhooks.helpdesks.provider import HookRequest
from feedback_app.webhooks.helpdesks.registry import provider


def reread(
    kind: str,
    body: bytes,
    headers: Mapping[str, str],
    settings: Mapping[str, Any],
    *,
    received_at: datetime | None = None,
) -> list[ParsedEvent]:
    """The events in a body that came earlier, or that staff try out; raises Unreadable, or UnknownKind.

    A stored body holds one event; a pasted batch of HubSpot's may hold several. Without `received_at` an event that
    does not say its own time has no natural key.
    """
    helpdesk = provider(kind)
    named = {name.lower(): value for name, value in headers.items()}
    asked = HookRequest(named, body, "", received_at, settings)
    return [helpdesk.parse(one) for one in helpdesk.split(asked)]
