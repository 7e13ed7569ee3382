"""What pages and commands ask about invitations. The funnel, which needs the answers too, is in responses/funnel.py."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.invitations.models import Invitation, Source, Trigger
from feedback_app.surveys.models import Survey


def invitations_of_person(session: Session, person_id: int, limit: int = 20) -> list[Invitation]:
    """How often somebody was asked, newest first."""
    newest = (
        select(Invitation)
        .where(Invitation.person_id == person_id)
        .order_by(Invitation.due_at.desc(), Invitation.id.desc())
        .limit(limit)
    )
    return list(session.scalars(newest))


def all_triggers(session: Session) -> list[tuple[Trigger, Source, Survey]]:
    """Every trigger with its source and its survey, oldest first."""
    rows = session.execute(
        select(Trigger, Source, Survey)
        .join(Source, Trigger.source_id == Source.id)
        .join(Survey, Trigger.survey_id == Survey.id)
        .order_by(Trigger.id)
    )
    return [(trigger, source, survey) for trigger, source, survey in rows]
