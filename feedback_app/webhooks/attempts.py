"""One message to an endpoint: sent, and what its delivery's row says from then on."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from feedback_app.jitter import jittered
from feedback_app.webhooks.models import DeliveryState, Shape
from feedback_app.webhooks.outbound import NotReached, Reply
from feedback_app.webhooks.signing import Secret, signed_headers
from feedback_app.webhooks.targets import Refused
from feedback_app.webhooks.turns import Claimed

# The schedule of the Standard Webhooks specification: ten attempts in about three days.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
JITTER = 0.1  # a share of the pause, up or down
KEPT_ANSWERS = 10
KEPT_BODY = 500  # characters of an answer
LONGEST_RETRY_AFTER = timedelta(hours=24)
ASKS_TO_WAIT = (429, 502, 503, 504)
GONE = 410
USER_AGENT = "Feedback-Webhooks/1"


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one message."""

    delivery: Claimed
    at: datetime
    milliseconds: int
    status: int | None = None
    body: str = ""
    error: str = ""
    wait: timedelta | None = None  # that the receiver asks for

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """In a sentence; empty if it was delivered."""
        if self.is_delivered:
            return ""
        return self.error or f"It answered {self.status}."

    def values(self) -> dict[str, Any]:
        """What the delivery's row says from now on."""
        tried = self.delivery.attempts + 1
        pause = wait_after(tried, self.delivery.event_id)
        state = DeliveryState.DELIVERED if self.is_delivered else DeliveryState.WAITING
        if not self.is_delivered and (pause is None or self.status == GONE):
            state = DeliveryState.FAILED
        answer = {
            "at": self.at.isoformat(),
            "status": self.status,
            "body": self.body,
            "error": self.error,
            "milliseconds": self.milliseconds,
        }
        return {
            "state": state,
            "attempts": tried,
            "next_attempt_at": self.at + max(pause or timedelta(), self.wait or timedelta()),
            "answers": [*self.delivery.answers, answer][-KEPT_ANSWERS:],
        }


class Posts(Protocol):
    """What sends: an `outbound.Sender`, or a test's own."""

    def post(self, body: bytes, headers: dict[str, str]) -> Reply: ...


def attempt(
    sender: Posts, delivery: Claimed, shape: Shape, secret: Secret, clock: Callable[[], datetime]
) -> Attempt:
    """Send one message; 2xx alone is success, and a redirect is not followed."""
    at, begun = clock(), time.monotonic()
    body = delivery.payload.encode()
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
    if shape is Shape.EVENT:
        headers |= signed_headers(secret, delivery.event_id, body, at)
    try:
        reply = sender.post(body, headers)
    except (Refused, NotReached) as problem:
        return Attempt(delivery, at, _since(begun), error=str(problem))
    return Attempt(
        delivery,
        at,
        _since(begun),
        reply.status,
        shown(reply.body),
        wait=retry_after(reply, at) if reply.status in ASKS_TO_WAIT else None,
    )


def wait_after(attempts: int, event_id: str) -> timedelta | None:
    """How long to wait after so many attempts, a little different for each message; None: it is given up.

    >>> [wait_after(n, "7").total_seconds() // 60 for n in (1, 2, 3, 4)], wait_after(10, "7")
    ([0.0, 5.0, 27.0, 120.0], None)
    """
    if attempts > len(PAUSES):
        return None
    return jittered(PAUSES[attempts - 1], JITTER, event_id, attempts)


def retry_after(reply: Reply, now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait, in either form of the header, a day at most."""
    value = (reply.retry_after or "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        wait = timedelta(seconds=int(value))
    else:
        try:
            wait = parsedate_to_datetime(value) - now
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


def shown(body: bytes) -> str:
    """The beginning of an answer as text that any database takes."""
    text = body[: 4 * KEPT_BODY].decode(errors="replace")
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")[:KEPT_BODY]


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
