"""Sources, triggers, events, the ledger, invitations and reminders with their states."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Source(Base):
    """One helpdesk: its kind, the key in its hook's address, and the secret it signs with."""

    __tablename__ = "source"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "generic", "zendesk", ...
    key: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    sealed_secret: Mapped[str] = mapped_column(Text)  # see `Vault.seal`; shown once, when it is made
    # What a kind of helpdesk needs to be told, for example HubSpot's closed stages: {"closed_stages": ["4"]}
    settings: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Trigger(Base):
    """A rule: an event of this source asks that survey after this delay, if the conditions hold."""

    __tablename__ = "trigger"
    __table_args__ = (
        CheckConstraint("delay_seconds >= 0", name="no_negative_delay"),
        CheckConstraint("sample_percent BETWEEN 0 AND 100", name="sample_is_a_share"),
        Index("ix_trigger_source_id", "source_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120), default="")
    event_type: Mapped[str] = mapped_column(String(60), default="interaction_closed")
    conditions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list
    )  # see `Condition`; all must hold
    delay_seconds: Mapped[int] = mapped_column(default=86_400)
    sample_percent: Mapped[int] = mapped_column(default=100)
    window: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # see `SendingWindow`; None: at any time
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # A deleted trigger stays as a row, so that the ledger can still name it and its outcomes still add up.
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EventState(StrEnum):
    RECEIVED = "received"  # stored, not yet acted on
    DONE = "done"  # every matching trigger has its ledger entry
    IGNORED = "ignored"  # understood, and nothing for us (a ping, another status)
    UNREADABLE = "unreadable"  # stored and listed; can be read again after a fix


class Event(Base):
    """One thing that happened at a source, stored as it came before anything is done about it."""

    __tablename__ = "event"
    __table_args__ = (
        # Either index firing means "already have it": a repeated delivery, or the same closing delivered anew.
        UniqueConstraint("source_id", "delivery_id"),
        UniqueConstraint("source_id", "natural_key"),
        Index(
            "ix_event_received",
            "id",
            sqlite_where=text("state = 'received'"),
            postgresql_where=text("state = 'received'"),
        ),
        Index(
            "ix_event_unreadable",
            "id",
            sqlite_where=text("state = 'unreadable'"),
            postgresql_where=text("state = 'unreadable'"),
        ),
        Index("ix_event_person", "person_id", "id"),
        Index("ix_event_received_at", "received_at", "id", "state", "source_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("source.id", ondelete="CASCADE"))
    delivery_id: Mapped[str | None] = mapped_column(String(200))
    natural_key: Mapped[str | None] = mapped_column(String(300))  # interaction and second; None: unreadable
    state: Mapped[str] = mapped_column(String(12))
    problem: Mapped[str] = mapped_column(String(300), default="")  # why it could not be read, for staff
    kind: Mapped[str | None] = mapped_column(String(40))  # "interaction_closed", "ignored"
    occurred_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deliveries: Mapped[int] = mapped_column(default=1)  # how often the source has sent this very delivery
    body: Mapped[bytes] = mapped_column(LargeBinary)  # byte for byte as received
    headers: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # without the signature
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what the parser made of it
    # The number by which staff look for a case; worked out by the database, which also cuts what no index can hold.
    case_number: Mapped[str | None] = mapped_column(
        String(200), Computed("substr(facts ->> 'interaction_id', 1, 200)"), index=True
    )
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))


class InvitationState(StrEnum):
    """Forward only; see `STEPS` in invitations/states.py."""

    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    ANSWERED = "answered"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Invitation(Base):
    """One person asked once."""

    __tablename__ = "invitation"
    __table_args__ = (
        UniqueConstraint("event_id", "trigger_id"),  # an event asks a survey once, however often it is read
        Index("ix_invitation_due", "state", "due_at", "id"),  # a campaign's are all due at the same moment
        Index("ix_invitation_person", "person_id", "survey_id", "sent_at"),
        Index("ix_invitation_survey_sent", "survey_id", "sent_at"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    trigger_id: Mapped[int | None] = mapped_column(ForeignKey("trigger.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(10), default="email")
    state: Mapped[str] = mapped_column(String(12), default=InvitationState.SCHEDULED)
    reason: Mapped[str] = mapped_column(String(300), default="")  # why it is in this state, for staff
    context: Mapped[dict[str, Any]] = mapped_column(
        JSON, default=dict
    )  # agent, subject, ticket: for the wording
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # become those of the response
    # A program's request does not wait for a limit to end: what the limit forbids is dropped for good.
    may_wait: Mapped[bool] = mapped_column(default=True)
    window: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # see `SendingWindow`; None: at any time
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)  # not sent later than this
    attempts: Mapped[int] = mapped_column(default=0)
    # A worker's claim ends with its lease. Claimed without `marked_at`: nobody got the mail, it is sent again.
    # Claimed with it: the final dot may have gone out, so the invitation is uncertain and never resent by itself.
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # What the mail server calls the message (SES puts its own Message-ID in place of ours); None: it did not say.
    remote_id: Mapped[str | None] = mapped_column(String(200), index=True)


class Reminder(Base):
    """The one mail that asks again about an invitation that nobody answered; its states are the invitation's.

    It is no invitation: its links are those of the invitation that it repeats, and no limit counts it.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("invitation_id"),  # one at most
        Index("ix_reminder_due", "state", "due_at", "id"),
        Index("ix_reminder_person", "person_id", "state"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(12), default=InvitationState.SCHEDULED)
    reason: Mapped[str] = mapped_column(String(300), default="")
    window: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    marked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    remote_id: Mapped[str | None] = mapped_column(String(200), index=True)


class EarlierAsk(Base):
    """When a survey last went to somebody before we knew, as an import or an API call says: limits count it."""

    __tablename__ = "earlier_ask"

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SurveyPerson(Base):
    """That a person came to us for this survey - by its API key or a file: the key then sees them."""

    __tablename__ = "survey_person"

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Outcome(StrEnum):
    """What became of an event for one trigger. Everything but INVITED says why nobody was asked."""

    INVITED = "invited"
    THROTTLED = "throttled"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED_ADDRESS = "bounced_address"
    COMPLAINED = "complained"
    ERASED = "erased"
    SAMPLED_OUT = "sampled_out"
    NO_ADDRESS = "no_address"
    DUPLICATE = "duplicate"
    STALE = "stale"
    SURVEY_PAUSED = "survey_paused"
    SURVEY_CLOSED = "survey_closed"
    NO_TRIGGER = "no_trigger"
    CANCELLED = "cancelled"  # of a campaign that was stopped before it came to the person


class LedgerEntry(Base):
    """Exactly one outcome with its reason, for each event and each trigger that matched it.

    An event that no trigger matched has one entry of its own, and so has one that repeats another. People whom a
    campaign or a recurring plan asks have an entry without an event, so that the ledger names everybody.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        UniqueConstraint("event_id", "trigger_id"),
        UniqueConstraint("campaign_id", "person_id"),
        # An event that no trigger matched, or that repeats another one, has one entry of its own.
        Index(
            "uq_ledger_entry_of_event_alone",
            "event_id",
            unique=True,
            sqlite_where=text("outcome IN ('no_trigger', 'duplicate')"),
            postgresql_where=text("outcome IN ('no_trigger', 'duplicate')"),
        ),
        # The ledger's order, newest first, for everything and for each way to narrow it. What follows the id lets
        # the balance be counted from the index alone.
        Index("ix_ledger_entry_at", "at", "id", "outcome", "trigger_id", "invitation_id"),
        Index("ix_ledger_entry_person", "person_id", "at", "id"),
        Index("ix_ledger_entry_trigger", "trigger_id", "at", "id", "outcome"),
        Index("ix_ledger_entry_survey", "survey_id", "at", "id"),
        Index("ix_ledger_entry_outcome", "outcome", "at", "id"),
        Index(
            "ix_ledger_entry_campaign",
            "campaign_id",
            "at",
            "id",
            sqlite_where=text("campaign_id IS NOT NULL"),
            postgresql_where=text("campaign_id IS NOT NULL"),
        ),
        Index(
            "ix_ledger_entry_plan",
            "plan_id",
            "at",
            "id",
            sqlite_where=text("plan_id IS NOT NULL"),
            postgresql_where=text("plan_id IS NOT NULL"),
        ),
        Index("ix_ledger_entry_invitation_id", "invitation_id"),
        Index(
            "ix_ledger_entry_duplicate_of_id",
            "duplicate_of_id",
            sqlite_where=text("duplicate_of_id IS NOT NULL"),
            postgresql_where=text("duplicate_of_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    trigger_id: Mapped[int | None] = mapped_column(ForeignKey("trigger.id", ondelete="SET NULL"))
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    plan_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    survey_id: Mapped[int | None] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    outcome: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(300), default="")
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("invitation.id", ondelete="SET NULL"))
    duplicate_of_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class LinkVisit(Base):
    """Somebody or something opened the link that no person can see. Appended only; nothing else follows from it."""

    __tablename__ = "link_visit"
    __table_args__ = (Index("ix_link_visit_invitation_id", "invitation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(ForeignKey("invitation.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
