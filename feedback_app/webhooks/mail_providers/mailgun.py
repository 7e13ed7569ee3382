"""Mailgun: one event a request, with an HMAC over a timestamp and a token - which does not cover the event itself.

So a token proves one report, ever (`MailEvent.token_hash`): whoever catches a request cannot have it say another thing.
"""

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from feedback_app.deliveries.models import MailOutcome as Outcome
from feedback_app.deliveries.reports import MailReport, Unread, bounce_kind, key_of, key_of_body, told
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import LONGEST_ID, json_object, part, text
from feedback_app.webhooks.mail_providers.provider import Parsed, of_timestamp, only_text, read_each

OLDEST = timedelta(hours=9)  # it goes on trying for about eight hours, perhaps with the first timestamp
FURTHEST_AHEAD = timedelta(minutes=5)
OUTCOMES = {
    "delivered": Outcome.DELIVERED,
    "complained": Outcome.COMPLAINED,
    "unsubscribed": Outcome.UNSUBSCRIBED,
    "rejected": Outcome.REJECTED,
}
TRANSIENT_CLASSES = ("5.7.", "5.2.")  # policy, and a full mailbox: said as permanent, but not of the address


class Mailgun:
    kind: ClassVar[str] = "mailgun"
    unreadable_status: ClassVar[int] = 406  # the one answer that stops its retries; we have kept the body

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        signature = part(json_object(request.body), "signature")
        stamp, token = only_text(signature.get("timestamp")), only_text(signature.get("token"))
        expected = hmac.digest(secret.encode(), (stamp + token).encode(), "sha256").hex()
        given = only_text(signature.get("signature"))
        if not (secret and token) or not hmac.compare_digest(given.encode(), expected.encode()):
            raise BadSignature("The signature does not fit to the timestamp and token.")
        signed_at = of_timestamp(stamp) or datetime.min.replace(tzinfo=UTC)
        if not now - OLDEST <= signed_at <= now + FURTHEST_AHEAD:
            raise BadSignature("The request was signed more than nine hours ago, or ahead of our clock.")

    def parse(self, request: HookRequest) -> Parsed:
        message = json_object(request.body)
        token = only_text(part(message, "signature").get("token"))
        parsed = read_each([message.get("event-data")], read)
        return Parsed(
            [replace(report, token=token) for report in parsed.reports],
            [Unread(request.body, unread.problem, token) for unread in parsed.unread],
        )


def read(event: Mapping[str, Any], body: bytes) -> Iterator[MailReport]:
    if text(event, "event") is None:
        raise Unreadable("The report does not say which event it is.")
    at, own_id = of_timestamp(event.get("timestamp")), text(event, "id", LONGEST_ID)
    # Its ids are unique for a day only.
    key = key_of(Mailgun.kind, own_id, f"{at:%Y-%m-%d}") if own_id and at else key_of_body(Mailgun.kind, body)
    status, reason = part(event, "delivery-status"), text(event, "reason")
    message_id = text(part(part(event, "message"), "headers"), "message-id", LONGEST_ID)
    yield MailReport(
        outcome_of(event),
        key,
        recipient=text(event, "recipient"),
        invitation=text(part(event, "user-variables"), "invitation", LONGEST_ID),
        remote_id=message_id,
        message_id=message_id,
        occurred_at=at,
        detail=told(text(event, "event"), reason, text(status, "enhanced-code"), text(status, "message")),
        is_old_bounce=reason == "suppress-bounce",
    )


def outcome_of(event: Mapping[str, Any]) -> Outcome:
    """What the event is. A failure that is permanent can still be about policy or space, not about the address."""
    name = text(event, "event") or ""
    if name != "failed":
        return OUTCOMES.get(name, Outcome.IGNORED)
    if (text(event, "reason") or "").startswith("suppress-"):
        return Outcome.REJECTED
    if text(event, "severity") != "permanent":
        return Outcome.DEFERRED
    status = text(part(event, "delivery-status"), "enhanced-code") or ""
    return bounce_kind(status) if status.startswith(TRANSIENT_CLASSES) else Outcome.BOUNCED_PERMANENT
