"""Addresses that get no mail: how many for which reason, and one after the other."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session

from feedback_app.directory.pages import Order, Page, page_of
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.surveys.models import Survey

NEWEST = Order(Suppression.id, is_falling=True)
ROWS: Any = (
    select(
        Suppression.id,
        Suppression.reason,
        Suppression.detail,
        Suppression.created_at,
        Suppression.person_id,
        Survey.name.label("survey_name"),
        Person.name.label("person_name"),
        Person.email.label("person_email"),
    )
    .outerjoin(Person, Person.id == Suppression.person_id)
    .outerjoin(Survey, Survey.id == Suppression.survey_id)
)


def suppressions_page(
    connection: Connection, reason: str, *, after: int | None = None, before: int | None = None
) -> Page[Row[Any]]:
    """The entries of the suppression list with this reason ("": any), newest first."""
    rows = ROWS.where(Suppression.reason == reason) if reason else ROWS
    return page_of(connection, rows, NEWEST, list, after=after, before=before)


def counts_by_reason(session: Session) -> dict[str, int]:
    """How many entries there are for each reason, also where there are none."""
    counted = session.execute(select(Suppression.reason, func.count()).group_by(Suppression.reason))
    return {reason.value: 0 for reason in SuppressionReason} | dict(counted.all())
