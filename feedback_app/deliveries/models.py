"""Hooks of mail providers, and what was reported about our mail."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class MailHook(Base):
    """Where one mail provider reports: its kind, the key in the hook's address, and what proves its requests."""

    __tablename__ = "mail_hook"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "ses", "postmark", "sendgrid", "mailgun"
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    sealed_secret: Mapped[str] = mapped_column(Text)  # signing key, public key or password; see `Vault.seal`
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # for SES {"topics": ["arn:..."]}
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MailEventState(StrEnum):
    RECEIVED = "received"  # stored, not yet acted on
    DONE = "done"
    UNMATCHED = (
        "unmatched"  # names no mail that we know of; tried again for a day, as it can beat our own commit
    )
    IGNORED = "ignored"  # understood, and nothing for us
    UNREADABLE = "unreadable"


class MailOutcome(StrEnum):
    """What a report says; see `effects.py` for what each does."""

    DELIVERED = "delivered"
    DEFERRED = "deferred"
    BOUNCED_TRANSIENT = "bounced_transient"
    BOUNCED_PERMANENT = "bounced_permanent"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    REJECTED = "rejected"
    AUTO_REPLY_IGNORED = "auto_reply_ignored"
    SUBSCRIPTION_CONFIRMATION = "subscription_confirmation"
    IGNORED = "ignored"


class MailEvent(Base):
    """One report about one mail, stored as it came before anything is done about it."""

    __tablename__ = "mail_event"
    __table_args__ = (
        UniqueConstraint("provider", "dedupe_key"),  # every provider repeats itself
        Index(
            "ix_mail_event_due",
            "try_at",
            sqlite_where=text("try_at IS NOT NULL"),
            postgresql_where=text("try_at IS NOT NULL"),
        ),
        Index(
            "ix_mail_event_listed",
            "id",
            sqlite_where=text("state IN ('unmatched', 'unreadable')"),
            postgresql_where=text("state IN ('unmatched', 'unreadable')"),
        ),
        Index("ix_mail_event_hook", "hook_id", "received_at", "outcome"),
        Index("ix_mail_event_address", "address_hash", "received_at"),
        Index("ix_mail_event_invitation_id", "invitation_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hook_id: Mapped[int | None] = mapped_column(
        ForeignKey("mail_hook.id", ondelete="SET NULL")
    )  # None: it came as a mail
    provider: Mapped[str] = mapped_column(String(20))  # a hook's kind, or "mail"
    dedupe_key: Mapped[str] = mapped_column(String(300))
    # Hash of the one-time token that the request was signed with: it proves one report, not a second one.
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    outcome: Mapped[str | None] = mapped_column(String(30))
    problem: Mapped[str] = mapped_column(String(300), default="")
    address_hash: Mapped[str | None] = mapped_column(String(64))  # see `Vault.address_hash`
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id", ondelete="SET NULL"))
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    try_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # when to act on it; None: nothing is left to do
    body: Mapped[bytes] = mapped_column(LargeBinary)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
