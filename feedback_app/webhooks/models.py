"""Endpoints of others that hear of what happens here, and each delivery to one of them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Shape(StrEnum):
    """How the message is written."""

    EVENT = "event"  # Delighted's payload, signed both ways
    SLACK = "slack"
    TEAMS = "teams"


class Endpoint(Base):
    """An address that hears of what happens here."""

    __tablename__ = "endpoint"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    sealed_url: Mapped[str] = mapped_column(Text)  # Slack's and Teams' addresses are secrets in themselves
    host: Mapped[str] = mapped_column(String(255))  # of the address, for staff
    shape: Mapped[str] = mapped_column(String(10), default=Shape.EVENT)
    sealed_secret: Mapped[str] = mapped_column(
        Text
    )  # shown once; a migrating admin may set it to the old API key
    kinds: Mapped[list[str]] = mapped_column(JSON, default=list)  # see `happenings.Kind`
    filter: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # {"survey_id", "bands", "themes"}
    # Personal data within comments are masked, unless an administrator chose otherwise.
    masks_comments: Mapped[bool] = mapped_column(default=True)
    active: Mapped[bool] = mapped_column(default=True)
    failures: Mapped[int] = mapped_column(default=0)  # deliveries that failed, in a row
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the circuit breaker
    stopped_because: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"  # given up after three days


class WebhookDelivery(Base):
    """One message to one endpoint, with the same id at every attempt."""

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        UniqueConstraint("endpoint_id", "event_id"),
        Index(
            "ix_webhook_delivery_due",
            "next_attempt_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_delivery_endpoint_due",
            "endpoint_id",
            "next_attempt_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "ix_webhook_delivery_leased",
            "endpoint_id",
            sqlite_where=text("lease_until IS NOT NULL"),
            postgresql_where=text("lease_until IS NOT NULL"),
        ),
        Index("ix_webhook_delivery_endpoint", "endpoint_id", "id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    endpoint_id: Mapped[int] = mapped_column(ForeignKey("endpoint.id", ondelete="CASCADE"))
    event_id: Mapped[str] = mapped_column(String(64))  # 64 hex digits
    kind: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    payload: Mapped[str] = mapped_column(
        Text
    )  # what is sent, byte for byte; scrubbed when the person is erased
    state: Mapped[str] = mapped_column(String(12), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The answers to its attempts, newest last: [{"at", "status", "body", "error", "milliseconds"}]
    answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
