"""Requests as helpdesks send them: the recorded samples, and new ones signed for the tests."""

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from standardwebhooks import Webhook

DATA = Path(__file__).parent / "data" / "inbound"
VECTORS: list[dict[str, Any]] = json.loads((DATA / "vectors.json").read_text())["vectors"]
SIGNED_AT = datetime.fromtimestamp(1795189330, UTC)  # 2026-11-20T15:42:10Z, three seconds after the closing
GENERIC_SECRET = "whsec_uXwdTO1HFaw6+xikZ3QMHBl/3gyUxpdgO46msuuKtK0="
ZENDESK_SECRET = "zd_signing_secret_for_tests_0001"
SECRETS = {"generic": GENERIC_SECRET, "zendesk": ZENDESK_SECRET}


def sample(name: str) -> bytes:
    """The bytes of a recorded body."""
    return (DATA / name).read_bytes()


def closed_case(
    interaction_id: str = "84213",
    *,
    at: datetime = SIGNED_AT,
    email: str | None = "dana@harrow.example",
    **more: Any,
) -> bytes:
    """A body in our own shape: the case was closed at that moment."""
    contact = {"email": email, "name": "Dana Whitfield", **more.pop("contact", {})}
    data = {"interaction_id": interaction_id, "closed_at": at.isoformat(), "contact": contact, **more}
    return json.dumps(
        {"type": "support.interaction.closed", "timestamp": at.isoformat(), "data": data}
    ).encode()


def generic_headers(body: bytes, *, message_id: str = "msg_1", at: datetime = SIGNED_AT) -> dict[str, str]:
    """Signed by the library of the Standard Webhooks specification."""
    signature = Webhook(GENERIC_SECRET).sign(message_id, at, body.decode())
    return {
        "Content-Type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature,
    }


def zendesk_headers(
    body: bytes, *, delivery_id: str | None = "01KAM3V7A8", stamp: str = "2026-11-20T15:42:10Z"
) -> Mapping[str, str]:
    signature = base64.b64encode(
        hmac.digest(ZENDESK_SECRET.encode(), stamp.encode() + body, "sha256")
    ).decode()
    headers = {
        "Content-Type": "application/json",
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
        "X-Zendesk-Webhook-Signature": signature,
    }
    return headers if delivery_id is None else headers | {"X-Zendesk-Webhook-Invocation-Id": delivery_id}
