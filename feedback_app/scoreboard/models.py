"""What scores are to come to."""

from datetime import date, datetime

from sqlalchemy import Date, Float, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Goal(Base):
    """A number's target by a day; a survey's score, or (without a survey) one of the workspace's own numbers."""

    __tablename__ = "goal"
    __table_args__ = (Index("ix_goal_survey_id", "survey_id"), NEVER_REUSED)

    id: Mapped[int] = mapped_column(primary_key=True)
    survey_id: Mapped[int | None] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    number: Mapped[str] = mapped_column(String(40), default="score")
    target: Mapped[float] = mapped_column(Float)
    due_on: Mapped[date] = mapped_column(Date)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
