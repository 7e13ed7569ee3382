"""People as one survey sees them: whom it may know, when it last asked them, and when they last answered."""

from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Row, case, func, or_, select

from feedback_app.campaigns.models import Plan, PlanMember
from feedback_app.db import UtcDateTime
from feedback_app.invitations.models import EarlierAsk, Invitation, SurveyPerson
from feedback_app.invitations.states import PENDING
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.responses.payload import PERSON_COLUMNS

SURVEY: BindParameter[int] = BindParameter("survey_id", type_=Person.id.type)


def _of_survey(column: Any, model: Any) -> Any:
    """What the survey has of the person in that table."""
    return (
        select(column)
        .where(model.person_id == Person.id, model.survey_id == SURVEY)
        .correlate(Person)
        .scalar_subquery()
    )


_SENT = _of_survey(func.max(Invitation.sent_at, type_=UtcDateTime()), Invitation)
_EARLIER = _of_survey(EarlierAsk.sent_at, EarlierAsk)
# Conditions within: as WHERE they would send SQLite through all responses of the survey, for each person.
_DUE = case((Invitation.state.in_(PENDING), Invitation.due_at))
_ANSWERED = case(
    ((Response.survey_id == SURVEY) & (Response.state == ResponseState.CONFIRMED), Response.created_at)
)
_LAST_ANSWER = (
    select(func.max(_ANSWERED, type_=UtcDateTime()))
    .where(Response.person_id == Person.id)
    .correlate(Person)
    .scalar_subquery()
)

PEOPLE: Any = select(
    *PERSON_COLUMNS,
    case((or_(_SENT.is_(None), _EARLIER > _SENT), _EARLIER), else_=_SENT).label("last_sent_at"),
    _LAST_ANSWER.label("last_responded_at"),
    _of_survey(func.min(_DUE, type_=UtcDateTime()), Invitation).label("next_survey_scheduled_at"),
)
"""Rows for `person_item`; narrow it, and give `survey_id` when it is executed."""


def is_seen_by(survey_id: int | BindParameter[int]) -> ColumnElement[bool]:
    """The condition for people whom the survey has asked, or is to ask again and again, or who came to us for it."""
    came = select(SurveyPerson.person_id).where(
        SurveyPerson.person_id == Person.id, SurveyPerson.survey_id == survey_id
    )
    was_asked = select(Invitation.id).where(
        Invitation.person_id == Person.id, Invitation.survey_id == survey_id
    )
    is_member = (
        select(PlanMember.id)
        .join(Plan, Plan.id == PlanMember.plan_id)
        .where(PlanMember.person_id == Person.id, Plan.survey_id == survey_id)
    )
    return or_(*(rows.correlate(Person).exists() for rows in (came, was_asked, is_member)))


IS_SEEN = is_seen_by(SURVEY)
"""For the keys of a survey there are no other people; give `survey_id` when it is executed."""


def people_after(
    connection: Connection,
    survey_id: int,
    *conditions: ColumnElement[bool],
    after: int = 0,
    limit: int,
) -> list[Row[Any]]:
    """The people whom the survey sees and who meet the conditions, in the order in which we got to know them."""
    found = PEOPLE.where(IS_SEEN, Person.id > after, *conditions).order_by(Person.id).limit(limit)
    return list(connection.execute(found, {"survey_id": survey_id}))


def find_person(connection: Connection, survey_id: int, who: ColumnElement[bool]) -> Row[Any] | None:
    """The person of this condition, if the survey sees them."""
    rows = people_after(connection, survey_id, who, limit=1)
    return rows[0] if rows else None
