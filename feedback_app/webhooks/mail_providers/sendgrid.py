"""SendGrid's event webhook: an array of events, signed with ECDSA (P-256, SHA-256) over timestamp and raw body."""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from feedback_app.deliveries.hooks import public_key_of
from feedback_app.deliveries.models import MailOutcome as Outcome
from feedback_app.deliveries.reports import MailReport, key_of, key_of_body, told
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import LONGEST_ID, text
from feedback_app.webhooks.mail_providers.provider import Parsed, of_timestamp, read_each

OUTCOMES = {
    "delivered": Outcome.DELIVERED,
    "deferred": Outcome.DEFERRED,
    "bounce": Outcome.BOUNCED_PERMANENT,
    "dropped": Outcome.REJECTED,
    "spamreport": Outcome.COMPLAINED,
    "unsubscribe": Outcome.UNSUBSCRIBED,
    "group_unsubscribe": Outcome.UNSUBSCRIBED,
}
OLD_BOUNCES = ("Bounced Address", "Invalid")


class SendGrid:
    kind: ClassVar[str] = "sendgrid"
    unreadable_status: ClassVar[int] = 422

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002
        signature = b64decode(request.header("X-Twilio-Email-Event-Webhook-Signature"), validate=True)
        stamp = request.header("X-Twilio-Email-Event-Webhook-Timestamp")
        signed = stamp.encode() + request.body
        try:
            public_key_of(secret).verify(signature, signed, ec.ECDSA(SHA256()))
        except InvalidSignature as error:
            raise BadSignature("The signature does not fit to the body.") from error

    def parse(self, request: HookRequest) -> Parsed:
        try:
            events = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            raise Unreadable("The body is not JSON.") from error
        if not isinstance(events, list):
            raise Unreadable("The body is JSON, but not an array of events.")
        return read_each(events, read)


def read(event: Mapping[str, Any], body: bytes) -> Iterator[MailReport]:
    name = text(event, "event")
    if name is None:
        raise Unreadable("The report does not say which event it is.")
    outcome = OUTCOMES.get(name, Outcome.IGNORED)
    if outcome is Outcome.BOUNCED_PERMANENT and text(event, "type") == "blocked":
        outcome = Outcome.BOUNCED_TRANSIENT
    own_id, reason = text(event, "sg_event_id", LONGEST_ID), text(event, "reason")
    sent_as = text(event, "sg_message_id", LONGEST_ID)
    yield MailReport(
        outcome,
        key_of(SendGrid.kind, own_id) if own_id else key_of_body(SendGrid.kind, body),
        recipient=text(event, "email"),
        invitation=text(event, "invitation", LONGEST_ID),
        # The part before the first dot is what its server answered when it took the mail.
        remote_id=sent_as.partition(".")[0] if sent_as else None,
        message_id=text(event, "smtp-id"),
        occurred_at=of_timestamp(event.get("timestamp")),
        detail=told(name, text(event, "status"), reason or text(event, "response")),
        is_old_bounce=outcome is Outcome.REJECTED and reason in OLD_BOUNCES,
    )
