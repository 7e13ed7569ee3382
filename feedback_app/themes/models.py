"""Themes, and the comments that have them."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime

SHORT_NAME = 60  # characters of a theme's name


class Theme(Base):
    """What comments may be about, and the words that say so.

    One that was merged into another is kept, switched off, so that links and the history still lead somewhere.
    """

    __tablename__ = "theme"
    __table_args__ = (NEVER_REUSED,)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(SHORT_NAME))
    name_key: Mapped[str] = mapped_column(
        String(SHORT_NAME), unique=True
    )  # casefolded: two never sound alike
    patterns: Mapped[str] = mapped_column(Text)  # one a line, see sentiment/themes.py
    colour: Mapped[str] = mapped_column(String(7))  # "#3b82f6"
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)  # of the patterns
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id", ondelete="SET NULL"))
    # Up to which response the patterns of today were looked for in the comments that were there; None: in all.
    applied_up_to: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ResponseTheme(Base):
    """A comment's theme. What a person said (`source`) stays through every new reading, "no" (`removed`) included."""

    __tablename__ = "response_theme"
    __table_args__ = (
        CheckConstraint("source IN ('rule', 'person')", name="known_source"),
        Index(
            "ix_response_theme_theme_id",
            "theme_id",
            "response_id",
            sqlite_where=text("NOT removed"),
            postgresql_where=text("NOT removed"),
        ),
    )

    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"), primary_key=True)
    theme_id: Mapped[int] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"), primary_key=True)
    source: Mapped[str] = mapped_column(String(10))  # "rule", "person"
    removed: Mapped[bool] = mapped_column(default=False)
    sentiment: Mapped[str | None] = mapped_column(
        String(10)
    )  # of the clauses about it; None: the comment's own
    polarity: Mapped[float | None]  # -1 to +1, of these clauses
    spans: Mapped[list[Any]] = mapped_column(
        JSON, default=list
    )  # [[start, end], ...] of its words in the comment
