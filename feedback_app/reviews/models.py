"""A CSM's work on a response."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import Base, UtcDateTime


class ReviewStatus(StrEnum):
    NEW = "new"  # also every response without a review row
    OPEN = "open"  # somebody is on it
    WAITING = "waiting"  # the customer's turn
    CLOSED = "closed"


class Review(Base):
    """Status and assignee of a response. The row is made with the first change; without one it is new."""

    __tablename__ = "review"
    __table_args__ = (
        CheckConstraint("status IN ('new', 'open', 'waiting', 'closed')", name="known_status"),
        Index("ix_review_status", "status", "response_id"),
        Index("ix_review_assignee_id", "assignee_id"),
    )

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), default=ReviewStatus.NEW)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Note(Base):
    """What a member of staff, or a program, wrote about a response for colleagues."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_response_id", "response_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(String(120), default="")  # of a program; empty for staff
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
