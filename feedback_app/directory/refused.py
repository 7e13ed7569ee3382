"""People whom a survey must not write to, one after the other, as programs list them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, func, or_, select

from feedback_app.db import UtcDateTime
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.responses.people import is_seen_by


@dataclass(frozen=True, slots=True)
class Span:
    """From one moment (included) to before another; None leaves that end open."""

    since: datetime | None = None
    until: datetime | None = None


def refused_people(
    connection: Connection,
    survey_id: int,
    reason: SuppressionReason,
    span: Span,
    *,
    after: tuple[datetime, int] | None = None,
    skip: int = 0,
    limit: int,
) -> list[Row[Any]]:
    """Whom the survey sees and must not write to for this reason, with the first time (`at`); oldest first.

    What holds for every survey holds for this one. Addresses that are nobody's are known by their hash alone, so
    they are not listed.
    """
    found = _refused(survey_id, reason).subquery()
    rows = select(found).order_by(found.c.at, found.c.id).offset(skip).limit(limit)
    if span.since is not None:
        rows = rows.where(found.c.at >= span.since)
    if span.until is not None:
        rows = rows.where(found.c.at < span.until)
    if after is not None:
        at, person_id = after
        rows = rows.where(or_(found.c.at > at, and_(found.c.at == at, found.c.id > person_id)))
    return list(connection.execute(rows))


def _refused(survey_id: int, reason: SuppressionReason) -> Select[int, str | None, str, datetime]:
    first = func.min(Suppression.created_at, type_=UtcDateTime()).label("at")
    return (
        select(Person.id, Person.email, Person.name, first)
        .join(Person, Person.id == Suppression.person_id)
        .where(
            Suppression.reason == reason,
            or_(Suppression.survey_id.is_(None), Suppression.survey_id == survey_id),
            is_seen_by(survey_id),
        )
        .group_by(Person.id, Person.email, Person.name)
    )
