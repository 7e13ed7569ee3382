"""Taking in one mail that may be a report: kept before anything is done, and trusted only if it proves itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.deliveries.bounce_mail import PROVIDER, BounceMail, proven_invitation, read_mail
from feedback_app.deliveries.models import MailEventState, MailOutcome
from feedback_app.deliveries.reports import WITHOUT_MAIL, key_of
from feedback_app.deliveries.services import hash_of, insert_events
from feedback_app.links import Links
from feedback_app.logs import what_failed

LARGEST_MAIL = 1_000_000  # bytes; a report with all of our mail in it has a tenth of that
UNPROVEN = (
    "Nothing in it was signed by us: neither its bounce address nor the Message-ID or unsubscribe link of the mail "
    "that it encloses. It changes nothing."
)
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Keys:
    """What mails prove themselves with, and what addresses are hashed with."""

    secrets: tuple[str, ...]
    links: Links
    vault: Vault


def receive_mail(
    session: Session, raw: bytes, recipients: Sequence[str] = (), *, keys: Keys, now: datetime
) -> MailEventState | None:
    """Store a mail and say what it is to us; None if we have it already. Whatever is in it, it is kept or known."""
    try:
        row = _row(read_mail(raw, recipients), keys)
    except Exception as error:  # the parser's surprises, and a mail made to be one
        log.error("mail not understood", **what_failed(error))
        row = _unreadable(raw, f"We could not read this mail ({type(error).__name__}).")
    row |= {"provider": PROVIDER, "hook_id": None, "token_hash": None, "received_at": now}
    if row["state"] == MailEventState.RECEIVED:
        row["try_at"] = now
    with transaction(session):
        return MailEventState(row["state"]) if insert_events(session, [row]) else None


def _row(mail: BounceMail, keys: Keys) -> dict[str, Any]:
    report = mail.report
    invitation_id = proven_invitation(mail, secrets=keys.secrets, links=keys.links)
    is_proven = invitation_id is not None
    facts = {
        "invitation": str(invitation_id) if is_proven else report.invitation,
        "is_proven": is_proven,
        "message_id": report.message_id,
        "detail": report.detail,
    }
    state, problem = _standing(report.outcome, invitation_id)
    return {
        # Nobody keeps a genuine report out by sending something under its Message-ID first.
        "dedupe_key": f"{report.dedupe_key}:{invitation_id}" if is_proven else report.dedupe_key,
        "state": state,
        "outcome": report.outcome,
        "problem": problem,
        "address_hash": hash_of(report.recipient, keys.vault),
        "occurred_at": report.occurred_at,
        "try_at": None,
        "body": b""
        if state is MailEventState.IGNORED
        else report.body,  # letters that people wrote are not kept
        "facts": {name: value for name, value in facts.items() if value},
    }


def _standing(outcome: MailOutcome, invitation_id: int | None) -> tuple[MailEventState, str]:
    if outcome in WITHOUT_MAIL:
        return MailEventState.IGNORED, ""
    if invitation_id is None:
        return MailEventState.UNMATCHED, UNPROVEN
    return MailEventState.RECEIVED, ""


def _unreadable(raw: bytes, problem: str) -> dict[str, Any]:
    return {
        "dedupe_key": key_of(PROVIDER, sha256(raw).hexdigest()),
        "state": MailEventState.UNREADABLE,
        "outcome": None,
        "problem": problem,
        "address_hash": None,
        "occurred_at": None,
        "try_at": None,
        "body": raw,
        "facts": {},
    }
