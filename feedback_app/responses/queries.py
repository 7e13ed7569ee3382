"""What the answer pages need to know, in one SELECT each."""

from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from feedback_app.db import UtcDateTime
from feedback_app.invitations.models import Invitation
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey

_SURVEY = (
    Survey.id.label("survey_id"),
    Survey.version,
    Survey.updated_at,
    Survey.state.label("survey_state"),
    func.coalesce(Survey.closed_at, Survey.updated_at, type_=UtcDateTime()).label("closed_at"),
    Survey.language,
    Survey.brand,
    Survey.accent,
    Survey.metric_key,
    Survey.points,
)

ASKED: Any = (
    select(
        *_SURVEY,
        Survey.edit_hours,
        Survey.link_days,
        func.coalesce(Invitation.sent_at, Invitation.marked_at, Invitation.due_at, type_=UtcDateTime()).label(
            "sent_at"
        ),
        Invitation.context,
        Invitation.properties,
        Person.locale,
        Person.name,
        Response.rating,
        Response.comment,
        Response.confirmed_at,
    )
    .join(Survey, Survey.id == Invitation.survey_id)
    .join(Person, Person.id == Invitation.person_id)
    .outerjoin(Response, Response.invitation_id == Invitation.id)
    .where(Invitation.id == bindparam("invitation_id"))
)

OPEN: Any = select(*_SURVEY).where(Survey.slug == bindparam("slug"))


def find_asked(connection: Connection, invitation_id: int) -> Row[Any] | None:
    """Who was asked what, and the answer so far; None if the invitation is gone."""
    row: Row[Any] | None = connection.execute(ASKED, {"invitation_id": invitation_id}).one_or_none()
    return row


def find_open(connection: Connection, slug: str) -> Row[Any] | None:
    """The survey of an open link; None if there is none."""
    row: Row[Any] | None = connection.execute(OPEN, {"slug": slug}).one_or_none()
    return row
