"""People who can be asked, and addresses that must not be."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Person(Base):
    """Someone who can be asked: one row for each normalised address in the installation."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_account_id", "account_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))  # as given
    email_key: Mapped[str | None] = mapped_column(String(254), unique=True)  # see `normalised_address`
    name: Mapped[str] = mapped_column(String(254), default="")
    external_id: Mapped[str | None] = mapped_column(String(200), index=True)
    locale: Mapped[str | None] = mapped_column(String(35))  # BCP 47, as given
    time_zone: Mapped[str | None] = mapped_column(String(64))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"))
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SuppressionReason(StrEnum):
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    ERASED = "erased"


class Suppression(Base):
    """An address that gets no mail, of one survey or of any. Kept as a keyed hash, so it outlives the person."""

    __tablename__ = "suppression"
    __table_args__ = (
        Index("uq_suppression_one_survey", "address_hash", "reason", "survey_id", unique=True),
        # NULLs are distinct in a unique index, so "every survey" needs one of its own.
        Index(
            "uq_suppression_every_survey",
            "address_hash",
            "reason",
            unique=True,
            sqlite_where=text("survey_id IS NULL"),
            postgresql_where=text("survey_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))  # see `Vault.address_hash`
    reason: Mapped[str] = mapped_column(String(20))
    survey_id: Mapped[int | None] = mapped_column(
        ForeignKey("survey.id", ondelete="CASCADE")
    )  # None: every survey
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    detail: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
