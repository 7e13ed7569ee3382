"""Mails that report about a mail of ours: delivery status notifications (RFC 3464), feedback reports (ARF, RFC 5965).

Anybody can send us a mail, to a bounce address too. So a report counts only if something in it was signed by us: the
bounce address that it came to or names, the Message-ID or the unsubscribe link of the mail that it encloses.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from feedback_app.deliveries.models import MailOutcome as Outcome
from feedback_app.deliveries.reports import MailReport, bounce_kind, enhanced_status, key_of, told
from feedback_app.errors import LinkUnknown
from feedback_app.links import Links
from feedback_app.mail.tracing import read_bounce_address, read_message_id

PROVIDER = "mail"
MOST_PARTS = 50
LONGEST_VALUE = 500
_CLAIMED = re.compile(r"bounce\+([^.@\s<>]{1,60})\.[^.@\s<>]{1,60}@", re.IGNORECASE)
_UNSUBSCRIBE = re.compile(r"<https?://[^\s<>]{1,300}/u/([^\s<>/]{1,80})>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_TO = ("Delivered-To", "X-Original-To", "Envelope-To", "To")
_COMPLAINTS = ("abuse", "fraud", "virus", "other", "")


@dataclass(frozen=True, slots=True)
class BounceMail:
    """A mail as a report, and everything in it that we may have signed."""

    report: MailReport  # `invitation` as it is claimed, proven by nothing yet
    bounce_addresses: tuple[str, ...]
    message_ids: tuple[str, ...]
    unsubscribe_tokens: tuple[str, ...]


def read_mail(raw: bytes, recipients: Sequence[str] = ()) -> BounceMail:
    """What the mail says. `recipients`: whom it was handed to us for, where the mail server says so."""
    mail = message_from_bytes(raw)
    parts = [part for part, _ in zip(mail.walk(), range(MOST_PARTS), strict=False)]
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    feedback = next((part for part in parts if part.get_content_type() == "message/feedback-report"), None)
    enclosed = _enclosed(parts)
    addresses = [*recipients, *(value for name in _TO for value in _values(mail, name))]
    if status is not None:
        report = _of_status(mail, status)
    elif feedback is not None:
        fields = _inner(feedback)
        addresses += _values(fields, "Original-Mail-From")
        report = _of_feedback(fields)
    else:
        report = MailReport(
            Outcome.AUTO_REPLY_IGNORED if _is_automatic(mail) else Outcome.IGNORED, "", _sender(mail)
        )
    addresses = [address for _, address in getaddresses(addresses)]
    own_id = _value(mail, "Message-ID")
    digest = sha256(own_id.encode() if own_id else raw).hexdigest()
    return BounceMail(
        replace(
            report,
            dedupe_key=key_of(PROVIDER, digest),
            invitation=_claimed(addresses, enclosed, status),
            message_id=_value(enclosed, "Message-ID") or None,
            occurred_at=_date(mail),
            body=raw,
        ),
        tuple(addresses),
        tuple(_values(enclosed, "Message-ID")),
        tuple(_UNSUBSCRIBE.findall(" ".join(_values(enclosed, "List-Unsubscribe")))),
    )


def proven_invitation(mail: BounceMail, *, secrets: tuple[str, ...], links: Links) -> int | None:
    """The invitation that something signed by us in the mail names; None if there is nothing of that kind."""
    return next(_proven(mail, secrets, links), None)


def _proven(mail: BounceMail, secrets: tuple[str, ...], links: Links) -> Iterator[int]:
    for address in mail.bounce_addresses:
        invitation_id = read_bounce_address(address, *secrets)
        if invitation_id is not None:
            yield invitation_id
    for message_id in mail.message_ids:
        ours = read_message_id(message_id, *secrets)
        if ours is not None:
            yield ours[1]
    for token in mail.unsubscribe_tokens:
        try:
            yield links.read_unsubscribe_token(token)
        except LinkUnknown:
            continue


def _of_status(mail: Message, status: Message) -> MailReport:
    """Of the recipients that a notification lists - we wrote to one - the one who fared worst."""
    blocks = [block for block in _blocks(status) if _value(block, "Action")]
    ranked = {"failed": 0, "delayed": 1, "delivered": 2}
    blocks.sort(key=lambda block: ranked.get(_value(block, "Action").lower(), 3))
    if not blocks:
        return MailReport(Outcome.IGNORED, "", _sender(mail))
    worst = blocks[0]
    code, diagnosis = _value(worst, "Status").split(" ")[0], _value(worst, "Diagnostic-Code")
    if code.endswith(".0.0"):  # says nothing by itself; the server's own words may
        code = enhanced_status(diagnosis) or code
    recipient = _value(worst, "Final-Recipient") or _value(worst, "Original-Recipient")
    return MailReport(
        _outcome_of(_value(worst, "Action").lower(), code),
        "",
        recipient.partition(";")[2].strip() or None,
        detail=told(_value(worst, "Action"), code, diagnosis.partition(";")[2] or diagnosis),
    )


def _outcome_of(action: str, status: str) -> Outcome:
    """What an Action says; "relayed" and "expanded" say that the trail ends there."""
    if action == "failed":
        return bounce_kind(status)
    return {"delayed": Outcome.DEFERRED, "delivered": Outcome.DELIVERED}.get(action, Outcome.IGNORED)


def _of_feedback(fields: Message) -> MailReport:
    kind = _value(fields, "Feedback-Type").lower()
    recipient = _value(fields, "Original-Rcpt-To").strip("<>") or None
    if kind in _COMPLAINTS:
        return MailReport(Outcome.COMPLAINED, "", recipient, detail=told("feedback report", kind))
    if kind in ("opt-out", "opt-out-list"):
        return MailReport(Outcome.UNSUBSCRIBED, "", recipient, detail=told("feedback report", kind))
    return MailReport(Outcome.IGNORED, "", recipient)


def _is_automatic(mail: Message) -> bool:
    """Whether a program wrote it, by the signs of RFC 3834."""
    submitted = _value(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _value(mail, "Return-Path") == "<>"
        or _value(mail, "Precedence").lower() in ("bulk", "junk", "auto_reply")
    )


def _claimed(addresses: Sequence[str], enclosed: Message, status: Message | None) -> str | None:
    """The invitation that the mail says it is about."""
    for address in addresses:
        found = _CLAIMED.match(address)
        if found:
            return found[1]
    envelope_ids = [_value(block, "Original-Envelope-Id") for block in _blocks(status)] if status else []
    named = [_value(enclosed, "X-Survey-Invitation"), *envelope_ids]
    return next((one[:60] for one in named if one), None)


def _enclosed(parts: Sequence[Message]) -> Message:
    """The headers of the mail that the report is about; empty ones if it encloses none."""
    for part in parts[1:]:
        if part.get_content_type() == "message/rfc822":
            return _inner(part)
        if part.get_content_type() == "text/rfc822-headers":
            payload = part.get_payload(decode=True)
            return message_from_bytes(payload) if isinstance(payload, bytes) else Message()
    return Message()


def _inner(part: Message) -> Message:
    """What stands inside a part of a message type, whichever way the parser keeps it."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else Message()
    return message_from_string(payload) if isinstance(payload, str) else Message()


def _blocks(status: Message) -> list[Message]:
    """The groups of fields of a delivery status: first about the mail, then one for each recipient."""
    payload = status.get_payload()
    if not isinstance(payload, list):
        return []
    return [block for block in payload[:MOST_PARTS] if isinstance(block, Message)]


def _values(message: Message, name: str) -> list[str]:
    """The values of a header, in one line each, without what no database takes."""
    values = (str(value).encode("utf-8", "replace").decode() for value in message.get_all(name, [])[:20])
    return [_CONTROL.sub(" ", value).strip()[:LONGEST_VALUE] for value in values]


def _value(message: Message, name: str) -> str:
    return next(iter(_values(message, name)), "")


def _sender(mail: Message) -> str | None:
    return next((address for _, address in getaddresses(_values(mail, "From"))), None) or None


def _date(mail: Message) -> datetime | None:
    try:
        read = parsedate_to_datetime(_value(mail, "Date"))
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
