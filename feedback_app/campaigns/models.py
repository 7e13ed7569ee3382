"""Campaigns and plans: whom they ask, and how far they are."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class CampaignState(StrEnum):
    DRAFT = "draft"  # nobody is asked yet
    RUNNING = "running"
    PAUSED = "paused"  # who was asked stays asked, the others wait
    STOPPED = "stopped"  # the others are not asked any more; the ledger says so for each
    FINISHED = "finished"


class Campaign(Base):
    """One survey to many people, once. Its members are fixed when it starts."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("per_hour IS NULL OR per_hour > 0", name="some_per_hour"),
        Index("ix_campaign_state", "state"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10), default=CampaignState.DRAFT)
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # see `PeopleFilter`
    per_hour: Mapped[int | None]  # the most that are asked within an hour; None: as fast as mail goes
    window: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # see `SendingWindow`; None: at any time
    starts_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: as soon as it is started
    next_slot_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # with `per_hour`: when the next one is asked
    total: Mapped[int] = mapped_column(default=0)  # members, once it has started
    created_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CampaignMember(Base):
    """Somebody whom the campaign is still to come to; the row goes when the ledger has their entry."""

    __tablename__ = "campaign_member"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class PlanMode(StrEnum):
    SPREAD = "spread"  # evenly over the cadence
    AT_ONCE = "at_once"  # everybody at a set time


class Plan(Base):
    """A recurring survey (Autopilot): everybody on it is asked once in every cadence."""

    __tablename__ = "plan"
    __table_args__ = (
        UniqueConstraint("survey_id"),
        CheckConstraint("cadence_days > 0", name="some_days"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    active: Mapped[bool] = mapped_column(default=False)
    mode: Mapped[str] = mapped_column(String(10), default=PlanMode.SPREAD)
    cadence_days: Mapped[int] = mapped_column(default=90)
    window: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # see `SendingWindow`
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of everybody, with AT_ONCE
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlanMember(Base):
    """Somebody on a plan, and their next turn."""

    __tablename__ = "plan_member"
    __table_args__ = (
        UniqueConstraint("plan_id", "person_id"),
        Index("ix_plan_member_turn", "plan_id", "next_at"),
        Index("ix_plan_member_person_id", "person_id"),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # for the wording and the response
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # properties or turn; None: never since
