"""What the signature schemes share: codes over raw bytes, compared in constant time, and stamps of time."""

import hmac
from base64 import b64encode
from datetime import UTC, datetime

from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest


def base64_code(secret: str, message: bytes, digest: str) -> str:
    """The HMAC of the message in base64."""
    return b64encode(hmac.digest(secret.encode(), message, digest)).decode()


def hex_code(secret: str, message: bytes, digest: str) -> str:
    """The HMAC of the message in hexadecimal digits."""
    return hmac.digest(secret.encode(), message, digest).hex()


def are_equal(expected: str, given: str) -> bool:
    """Compared in constant time, whatever characters somebody sends."""
    return hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace"))


def must_equal(expected: str, given: str) -> None:
    """Raises BadSignature unless both are the same."""
    if not are_equal(expected, given):
        raise BadSignature("The signature does not fit to the body.")


def stamp_of(request: HookRequest, header: str, *, per_second: int = 1) -> tuple[str, datetime]:
    """The header with the time of signing, as it was signed and as a moment; raises BadSignature."""
    stamp = request.header(header)
    try:
        return stamp, datetime.fromtimestamp(int(stamp) / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        raise BadSignature("The time of the signature cannot be read.") from None
