"""People as one survey sees them: whom it may know, when it last asked them, and when they last answered."""

from typing import Any

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.sql.elements import BindParameter

from feedback_app.db import UtcDateTime
from feedback_app.invitations.models import EarlierAsk, Invitation, SurveyPerson
from feedback_app.invitations.states import PENDING
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.responses.payload import PERSON_COLUMNS

SURVEY: BindParameter[int] = BindParameter("survey_id", type_=Person.id.type)


def _of_survey(column: Any, model: Any, *conditions: ColumnElement[bool]) -> Any:
    """What the survey has of the person in that table."""
    return (
        select(column)
        .where(model.person_id == Person.id, model.survey_id == SURVEY, *conditions)
        .correlate(Person)
        .scalar_subquery()
    )


_SENT = _of_survey(func.max(Invitation.sent_at, type_=UtcDateTime()), Invitation)
_EARLIER = _of_survey(EarlierAsk.sent_at, EarlierAsk)

PEOPLE: Any = select(
    *PERSON_COLUMNS,
    case((or_(_SENT.is_(None), _EARLIER > _SENT), _EARLIER), else_=_SENT).label("last_sent_at"),
    _of_survey(
        func.max(Response.created_at, type_=UtcDateTime()),
        Response,
        Response.state == ResponseState.CONFIRMED,
    ).label("last_responded_at"),
    _of_survey(
        func.min(Invitation.due_at, type_=UtcDateTime()),
        Invitation,
        Invitation.state.in_(PENDING),
    ).label("next_survey_scheduled_at"),
)
"""Rows for `person_item`; narrow it, and give `survey_id` when it is executed."""

IS_SEEN: ColumnElement[bool] = or_(
    select(SurveyPerson.person_id)
    .where(SurveyPerson.person_id == Person.id, SurveyPerson.survey_id == SURVEY)
    .correlate(Person)
    .exists(),
    select(Invitation.id)
    .where(Invitation.person_id == Person.id, Invitation.survey_id == SURVEY)
    .correlate(Person)
    .exists(),
)
"""A survey sees whom it has asked, and who came to us for it; give `survey_id` when it is executed."""
