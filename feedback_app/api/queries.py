"""What staff see of the API keys."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.api.models import ApiKey
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey


@dataclass(frozen=True, slots=True)
class KeyLine:
    """A key as the list shows it; the key itself is nowhere to be had."""

    id: int
    name: str
    start: str
    scope: str
    per_minute: int | None
    survey_name: str
    survey_slug: str
    made_by: str | None
    created_at: datetime
    last_used_at: datetime | None
    ends_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether requests with it are still taken."""
        return self.ends_at is None or self.ends_at > now


def key_lines(session: Session) -> list[KeyLine]:
    """Every key, newest first."""
    asked = (
        select(
            ApiKey.id,
            ApiKey.name,
            ApiKey.start,
            ApiKey.scope,
            ApiKey.per_minute,
            Survey.name,
            Survey.slug,
            StaffUser.email,
            ApiKey.created_at,
            ApiKey.last_used_at,
            ApiKey.ends_at,
        )
        .join(Survey, Survey.id == ApiKey.survey_id)
        .outerjoin(StaffUser, StaffUser.id == ApiKey.created_by)
        .order_by(ApiKey.id.desc())
    )
    return [KeyLine(*row) for row in session.execute(asked)]


def surveys_to_choose(session: Session) -> list[tuple[str, str]]:
    """Slug and name of each survey."""
    asked = select(Survey.slug, Survey.name).order_by(Survey.name, Survey.id)
    return [(slug, name) for slug, name in session.execute(asked)]
