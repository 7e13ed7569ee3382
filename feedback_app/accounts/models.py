"""Customer companies."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import Base, UtcDateTime


class Account(Base):
    """A customer company. Matched by its external id, else by its exact normalised name."""

    __tablename__ = "account"
    __table_args__ = (Index("ix_account_owner_id", "owner_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(200), unique=True)  # see `account_name_key`
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    monthly_revenue: Mapped[Decimal | None] = mapped_column(Numeric(12, 2))  # MRR, in `currency`
    currency: Mapped[str | None] = mapped_column(String(3))  # ISO 4217
    renews_on: Mapped[date | None]
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


def account_name_key(name: str) -> str:
    """The name as it is compared: one blank between words, without regard to case."""
    return " ".join(name.split()).casefold()[:200]
