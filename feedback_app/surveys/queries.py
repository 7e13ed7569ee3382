"""Surveys, read."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.surveys.models import Survey


def all_surveys(session: Session) -> list[Survey]:
    """Every survey, oldest first."""
    return list(session.scalars(select(Survey).order_by(Survey.id)))


def survey_by_slug(session: Session, slug: str) -> Survey | None:
    """The survey of an open link; None if there is none."""
    return session.scalar(select(Survey).where(Survey.slug == slug))


def survey_by_id(session: Session, survey_id: int) -> Survey | None:
    """The survey with this number; None if there is none."""
    return session.get(Survey, survey_id)
