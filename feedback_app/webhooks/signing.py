"""Signatures of what we send, both ways at once, so that a receiver may check either.

`X-Delighted-Webhook-Signature` is HMAC-SHA256 over the raw body, keyed with the secret as it was given. `webhook-*`
follow the Standard Webhooks specification: what stands behind `whsec_` is the key in base64, any other secret is the
key as it stands.
"""

import base64
import binascii
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from feedback_app.errors import Invalid

PREFIX = "whsec_"
KEY_BYTES = 32
SHORTEST_SECRET = 6  # as an old API key may be; ours are much longer
LONGEST_SECRET = 200


@dataclass(frozen=True, slots=True)
class Secret:
    """What an endpoint's messages are signed with: the secret, and for an overlap the one before it."""

    current: str
    earlier: str = ""
    earlier_until: int = 0  # Unix seconds

    @classmethod
    def read(cls, kept: str) -> "Secret":
        return cls(**json.loads(kept))

    def write(self) -> str:
        """As the vault gets it."""
        fields = {"current": self.current, "earlier": self.earlier, "earlier_until": self.earlier_until}
        return json.dumps(fields)

    def good(self, now: datetime) -> list[str]:
        """Those that sign now, the current one first."""
        if self.earlier and now.timestamp() < self.earlier_until:
            return [self.current, self.earlier]
        return [self.current]


def new_secret() -> str:
    """A secret of our own making, in the form that Standard Webhooks libraries take."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def checked_secret(given: str) -> str:
    """The secret that staff bring from elsewhere; raises Invalid."""
    given = given.strip()
    if not SHORTEST_SECRET <= len(given) <= LONGEST_SECRET or not given.isascii() or not given.isprintable():
        raise Invalid(
            f"A secret has {SHORTEST_SECRET} to {LONGEST_SECRET} plain characters; nothing was saved. "
            "Leave the field empty to have one made."
        )
    try:
        signing_key(given)
    except binascii.Error as error:
        raise Invalid(f"What follows {PREFIX} is not base64; nothing was saved. Copy all of it.") from error
    return given


def signing_key(secret: str) -> bytes:
    """The key of the Standard Webhooks signature; raises binascii.Error."""
    if not secret.startswith(PREFIX):
        return secret.encode()
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def delighted_signature(secret: str, body: bytes) -> str:
    """The value of Delighted's header.

    >>> delighted_signature("abc123", b'{"event_type":"ping"}')[:23]
    'sha256=0bde19d23ba43cb5'
    """
    return "sha256=" + hmac.digest(secret.encode(), body, "sha256").hex()


def standard_signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """One signature of the Standard Webhooks header."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(signing_key(secret), signed, "sha256")).decode()


def signed_headers(secret: Secret, message_id: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """What proves a message. Delighted's header has room for one signature, so an old secret signs the other only."""
    timestamp = int(now.timestamp())
    standard = [standard_signature(one, message_id, timestamp, body) for one in secret.good(now)]
    return {
        "X-Delighted-Webhook-Signature": delighted_signature(secret.current, body),
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(standard),
    }
