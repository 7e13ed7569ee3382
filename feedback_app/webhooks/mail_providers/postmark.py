"""Postmark: bounces, complaints, deliveries and subscription changes. It signs nothing; a password proves it.

The kind of a bounce is in `Type`; `TypeCode` differs between Postmark's own examples. `ID` is a 64-bit integer.
"""

import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar

from feedback_app.deliveries.models import MailOutcome as Outcome
from feedback_app.deliveries.reports import MailReport, enhanced_status, key_of, key_of_body, told
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import LONGEST_ID, json_object, moment, part, text
from feedback_app.webhooks.mail_providers.provider import Parsed, read_each

OWN_HEADER = "x-feedback-secret"  # for those who would rather not have the password in the URL
BOUNCES = {
    "HardBounce": Outcome.BOUNCED_PERMANENT,
    "BadEmailAddress": Outcome.BOUNCED_PERMANENT,
    "SpamComplaint": Outcome.COMPLAINED,
    "Unsubscribe": Outcome.UNSUBSCRIBED,
    "AutoResponder": Outcome.AUTO_REPLY_IGNORED,
    "ChallengeVerification": Outcome.AUTO_REPLY_IGNORED,
    "AddressChange": Outcome.IGNORED,
    "Subscribe": Outcome.IGNORED,
    "OpenRelayTest": Outcome.IGNORED,
    "InboundError": Outcome.IGNORED,
}
SUPPRESSIONS = {
    "HardBounce": Outcome.BOUNCED_PERMANENT,
    "SpamComplaint": Outcome.COMPLAINED,
    "ManualSuppression": Outcome.UNSUBSCRIBED,
}


class Postmark:
    kind: ClassVar[str] = "postmark"
    unreadable_status: ClassVar[int] = 422

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002
        given = request.headers.get(OWN_HEADER) or password_of(request.header("Authorization"))
        if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
            raise BadSignature("The password is not the one of this hook.")

    def parse(self, request: HookRequest) -> Parsed:
        return read_each([json_object(request.body)], read)


def password_of(authorization: str) -> str:
    """The password of HTTP Basic credentials; raises BadSignature."""
    scheme, _, credentials = authorization.partition(" ")
    try:
        _, colon, password = b64decode(credentials.strip(), validate=True).decode().partition(":")
    except ValueError as error:
        raise BadSignature("The credentials cannot be read.") from error
    if scheme.lower() != "basic" or not colon:
        raise BadSignature("The credentials are not HTTP Basic ones.")
    return password


def read(message: Mapping[str, Any], body: bytes) -> Iterator[MailReport]:
    record, message_id = text(message, "RecordType"), text(message, "MessageID", LONGEST_ID)
    outcome, key, at = kind_of(message, record, message_id, body)
    details = text(message, "Details") or ""
    yield MailReport(
        outcome,
        key,
        recipient=text(message, "Email") or text(message, "Recipient"),
        invitation=text(part(message, "Metadata"), "invitation", LONGEST_ID),
        remote_id=message_id,
        occurred_at=moment(message.get(at)),
        detail=told(text(message, "Type") or record, enhanced_status(details), text(message, "Description")),
    )


def kind_of(
    message: Mapping[str, Any], record: str | None, message_id: str | None, body: bytes
) -> tuple[Outcome, str, str]:
    """What it is, its dedupe key, and the field that says when."""
    bounce_id = message.get("ID")
    own_key = key_of(Postmark.kind, bounce_id) if isinstance(bounce_id, int) else None
    if record in ("Bounce", "SpamComplaint"):
        kind = text(message, "Type") or record
        outcome = BOUNCES.get(kind, Outcome.BOUNCED_TRANSIENT)
        return outcome, own_key or key_of_body(Postmark.kind, body), "BouncedAt"
    if record == "Delivery":
        return Outcome.DELIVERED, key_of(Postmark.kind, record, message_id), "DeliveredAt"
    if record == "SubscriptionChange":
        key = key_of(Postmark.kind, record, message_id, text(message, "ChangedAt"))
        return change_of(message), key, "ChangedAt"
    if record in ("Open", "Click"):
        return Outcome.IGNORED, key_of_body(Postmark.kind, body), "ReceivedAt"
    raise Unreadable(f"The RecordType {json.dumps(record)} is none that we know.")


def change_of(message: Mapping[str, Any]) -> Outcome:
    """What a change of the suppression list says; being taken off it says nothing to us."""
    if message.get("SuppressSending") is not True:
        return Outcome.IGNORED
    return SUPPRESSIONS.get(text(message, "SuppressionReason") or "", Outcome.UNSUBSCRIBED)
