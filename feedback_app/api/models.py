"""API keys, and the answers that a repeated request gets again."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import Base, UtcDateTime


class Scope(StrEnum):
    """What a key may do."""

    FULL = "full"
    INGEST = "ingest"  # send people, events and responses in; read nothing back but the answer
    READ = "read"


class ApiKey(Base):
    """What a program shows instead of a password. It belongs to one survey and selects it; kept as a hash."""

    __tablename__ = "api_key"
    __table_args__ = (Index("ix_api_key_survey_id", "survey_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)  # see `crypto.token_hash`
    start: Mapped[str] = mapped_column(String(8))  # its first letters, so that staff can tell keys apart
    scope: Mapped[str] = mapped_column(String(10), default=Scope.FULL)
    per_minute: Mapped[int | None]  # requests; None: as FEEDBACK_API_RATE says, 0: no limit
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to the minute
    ends_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # revoked, or replaced by another from then on


class IdempotentAnswer(Base):
    """What a POST with an Idempotency-Key was answered; the same request gets the same answer again."""

    __tablename__ = "idempotent_answer"
    __table_args__ = (
        UniqueConstraint("api_key_id", "idempotency_key"),
        Index("ix_idempotent_answer_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id", ondelete="CASCADE"))
    idempotency_key: Mapped[str] = mapped_column(String(255))
    fingerprint: Mapped[str] = mapped_column(String(64))  # of method, path and body
    status: Mapped[int | None]  # None: the first request is still at work
    body: Mapped[bytes] = mapped_column(LargeBinary, default=b"")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
