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
SECRETS: dict[str, str] = {vector["provider"]: vector["secret"] for vector in VECTORS}
SETTINGS = {"hubspot": {"closed_stages": ["4"]}}  # of the sources that need any


def sample(name: str) -> bytes:
    """The bytes of a recorded body."""
    return (DATA / name).read_bytes()


def vector_of(file: str) -> dict[str, Any]:
    """The recorded headers and what they were made with."""
    return next(vector for vector in VECTORS if vector["file"] == file)


def signed_headers(kind: str, body: bytes) -> Mapping[str, str]:
    """The headers that this helpdesk would send with the body at SIGNED_AT."""
    secret, stamp = SECRETS[kind], str(int(SIGNED_AT.timestamp()))

    def code(message: bytes, digest: str) -> bytes:
        return hmac.digest(secret.encode(), message, digest)

    def base64_code(message: bytes, digest: str) -> str:
        return base64.b64encode(code(message, digest)).decode()

    ms = f"{stamp}000"
    match kind:
        case "intercom" | "zammad":
            return {"X-Hub-Signature": f"sha1={code(body, 'sha1').hex()}"}
        case "freshdesk":
            return {"X-Survey-Token": secret}
        case "chatwoot":
            signature = code(f"{stamp}.".encode() + body, "sha256").hex()
            return {"X-Chatwoot-Signature": f"sha256={signature}", "X-Chatwoot-Timestamp": stamp}
        case "helpscout":
            return {
                "X-HelpScout-Signature": base64_code(body, "sha1"),
                "X-HelpScout-Event": "convo.status",
            }
        case "front":
            signature = base64_code(f"{ms}:".encode() + body, "sha256")
            return {"X-Front-Signature": signature, "X-Front-Request-Timestamp": ms}
        case "zendesk":
            return zendesk_headers(body)
    return generic_headers(body)


def hubspot_headers(url: str, body: bytes) -> Mapping[str, str]:
    """HubSpot signs the whole address too."""
    stamp = f"{int(SIGNED_AT.timestamp())}000"
    signed = b"POST" + url.encode() + body + stamp.encode()
    signature = base64.b64encode(hmac.digest(SECRETS["hubspot"].encode(), signed, "sha256")).decode()
    return {"X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": stamp}


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
