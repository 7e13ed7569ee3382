"""Surveys."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import Base, UtcDateTime
from feedback_app.scoring.metrics import Metric, metric


class SurveyState(StrEnum):
    OPEN = "open"
    PAUSED = "paused"  # queued mail waits; open links still take answers
    CLOSED = "closed"  # queued mail is cancelled; links say so


class Survey(Base):
    """One question, its scale, wording and look."""

    __tablename__ = "survey"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'paused', 'closed')", name="known_state"),
        CheckConstraint("throttle_days >= 0 AND edit_hours >= 0", name="no_negative_times"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)  # of the open link /t/<slug>
    name: Mapped[str] = mapped_column(String(120))
    metric_key: Mapped[str] = mapped_column(String(20))
    points: Mapped[int]  # how many ratings the scale has
    state: Mapped[str] = mapped_column(String(10), default=SurveyState.OPEN)
    brand: Mapped[str] = mapped_column(String(80))  # the company or product that the question names
    accent: Mapped[str] = mapped_column(String(7), default="#3b5bdb")  # #rrggbb
    language: Mapped[str] = mapped_column(String(12), default="en")  # when neither person nor browser says
    # Per language, what differs from the standard wording: {"de": {"question": ..., "subject": ...}}
    wording: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    # Per tone of the band ("bad", "middle", "good"): {"url": ..., "label": ...}, checked when it is set
    thanks_links: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict)
    sender_name: Mapped[str] = mapped_column(String(120), default="")
    sender_address: Mapped[str] = mapped_column(String(254), default="")  # empty: FEEDBACK_MAIL_FROM
    reply_to: Mapped[str] = mapped_column(String(254), default="")
    postal_address: Mapped[str] = mapped_column(String(300), default="")
    throttle_days: Mapped[int] = mapped_column(
        default=30
    )  # between two invitations of this survey to a person
    # Whether a turn that the overall limit forbids waits for the limit's end instead of being dropped.
    reserves_turn: Mapped[bool] = mapped_column(default=False)
    reminder_days: Mapped[int | None]  # after so many days without an answer one more mail; None: none
    about: Mapped[str] = mapped_column(
        String(10), default="brand"
    )  # "brand", "support": which standard wording
    edit_hours: Mapped[int] = mapped_column(default=24)  # an answer may be changed this long
    link_days: Mapped[int] = mapped_column(default=90)  # an answer link lives this long after sending
    counts_unconfirmed: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)  # rises with every change, so that caches notice
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def metric(self) -> Metric:
        return metric(self.metric_key, self.points)
