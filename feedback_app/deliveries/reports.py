"""What a provider, or a mail that came back, says about one of our mails, in our own words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from feedback_app.deliveries.models import MailOutcome
from feedback_app.people.models import SuppressionReason

LONGEST_KEY = 300
LONGEST_DETAIL = 200
_ADDRESS = re.compile(r"\S+@\S+")
_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_SUPPRESSES: Mapping[MailOutcome, SuppressionReason] = {
    MailOutcome.BOUNCED_PERMANENT: SuppressionReason.BOUNCED,
    MailOutcome.COMPLAINED: SuppressionReason.COMPLAINED,
    MailOutcome.UNSUBSCRIBED: SuppressionReason.UNSUBSCRIBED,
}
# Nothing about a mail that we could look for.
WITHOUT_MAIL = frozenset({MailOutcome.IGNORED, MailOutcome.AUTO_REPLY_IGNORED})


@dataclass(frozen=True, slots=True)
class MailReport:
    """One report about one mail. Nothing in it is trusted before it is matched to a mail of ours."""

    outcome: MailOutcome
    dedupe_key: str  # the same whenever this report comes again
    recipient: str | None = None
    invitation: str | None = None  # as the provider gives it back
    remote_id: str | None = None  # what the mail server called the mail when it took it
    message_id: str | None = None
    occurred_at: datetime | None = None
    detail: str = ""  # for staff; without addresses
    is_old_bounce: bool = False  # refused because of a bounce of before
    token: str | None = None  # of a request whose proof counts once
    url: str = ""  # where a subscription is confirmed
    body: bytes = b""  # this report alone, as it came

    @property
    def suppresses(self) -> SuppressionReason | None:
        """Why the address gets no more mail after this; None if it does."""
        return suppression_of(self.outcome, self.is_old_bounce)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a genuine request that we could not read, and why; kept for staff."""

    body: bytes
    problem: str
    token: str | None = None


def suppression_of(outcome: MailOutcome, is_old_bounce: bool) -> SuppressionReason | None:
    """What the outcome alone says against writing to the address again.

    >>> suppression_of(MailOutcome.BOUNCED_TRANSIENT, False) is None
    True
    """
    if outcome is MailOutcome.REJECTED and is_old_bounce:
        return SuppressionReason.BOUNCED
    return _SUPPRESSES.get(outcome)


def bounce_kind(status: str | None) -> MailOutcome:
    """Whether a failed delivery with this enhanced status (RFC 3463) is for good: only 5.1.x says so.

    Other 5.x.x are policy (5.7), a full mailbox (5.2) or the network; 5.1.7 and 5.1.8 are about the sender.

    >>> bounce_kind("5.1.1").value, bounce_kind("5.7.1").value, bounce_kind("5.1.8").value
    ('bounced_permanent', 'bounced_transient', 'bounced_transient')
    """
    is_bad_address = bool(status) and str(status).startswith("5.1.") and status not in ("5.1.7", "5.1.8")
    return MailOutcome.BOUNCED_PERMANENT if is_bad_address else MailOutcome.BOUNCED_TRANSIENT


def enhanced_status(text: str) -> str | None:
    """The first enhanced status in a server's answer.

    >>> enhanced_status("smtp; 550 5.1.1 user unknown")
    '5.1.1'
    """
    found = _STATUS.search(text)
    return found.group() if found else None


def told(*parts: str | None) -> str:
    """What staff read about it: the parts that are there, in one line and without anybody's address.

    >>> told("5.1.1", None, "550 <dana@example.com>: user unknown")
    '5.1.1 550 … user unknown'
    """
    text = _ADDRESS.sub("…", " ".join(part for part in parts if part))
    return " ".join(text.split())[:LONGEST_DETAIL]


def key_of(kind: str, *parts: object) -> str:
    """The dedupe key made of the parts; hashed when it would be too long for the column.

    >>> key_of("postmark", "Delivery", "3f1c9a52")
    'postmark:Delivery:3f1c9a52'
    """
    key = ":".join(map(str, (kind, *parts)))
    return key if len(key) <= LONGEST_KEY else f"{kind}:{sha256(key.encode()).hexdigest()}"


def key_of_body(kind: str, body: bytes) -> str:
    """The dedupe key of what has no id of its own."""
    return key_of(kind, "sha256", sha256(body).hexdigest())
