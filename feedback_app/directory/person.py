"""Everything about one person, as their page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.crypto import Vault
from feedback_app.directory.people import person_lines
from feedback_app.errors import NotFound
from feedback_app.people.models import PeopleList, PeopleListMember, Person, Suppression, SuppressionReason
from feedback_app.responses.models import Response
from feedback_app.scoring.metrics import Band
from feedback_app.surveys.models import Survey

LATEST = 12


@dataclass(frozen=True)
class SuppressionLine:
    """One reason not to write, with the survey that it is about; None: any."""

    suppression: Suppression
    survey_name: str | None

    @property
    def is_erased(self) -> bool:
        return self.suppression.reason == SuppressionReason.ERASED


@dataclass(frozen=True)
class Said:
    """One response, as a list shows it."""

    row: Any
    survey: Survey

    @property
    def band(self) -> Band:
        return self.survey.metric.band_of(self.row.rating)


@dataclass(frozen=True)
class PersonDetails:
    """One person and what stands around them."""

    person: Person
    account: Account | None
    lists: list[tuple[int, str]]
    suppressions: list[SuppressionLine]
    said: list[Said]
    sent_at: datetime | None  # of the last mail
    due_at: datetime | None  # of the next mail

    @property
    def may_write(self) -> str:
        """yes, some (not every survey), no, or nowhere: there is no address."""
        if not self.person.email_key:
            return "nowhere"
        if any(line.suppression.survey_id is None for line in self.suppressions):
            return "no"
        return "some" if self.suppressions else "yes"


def require_person(session: Session, person_id: int) -> Person:
    """The person with this id; raises NotFound."""
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound(f"There is no person {person_id}. They may have been erased.")
    return person


def person_details(session: Session, person_id: int, *, vault: Vault) -> PersonDetails:
    """The person with this id and all around them; raises NotFound."""
    person = require_person(session, person_id)
    [line] = person_lines(session.connection(), [_as_row(session, person_id)], vault)
    lists = session.execute(
        select(PeopleList.id, PeopleList.name)
        .join(PeopleListMember, PeopleListMember.list_id == PeopleList.id)
        .where(PeopleListMember.person_id == person_id)
        .order_by(PeopleList.name)
    )
    return PersonDetails(
        person,
        session.get(Account, person.account_id) if person.account_id else None,
        [(list_id, name) for list_id, name in lists],
        suppressions_of(session, vault.address_hash(person.email_key)) if person.email_key else [],
        latest_said(session, Response.person_id == person_id),
        line.sent_at,
        line.due_at,
    )


def suppressions_of(session: Session, address_hash: str) -> list[SuppressionLine]:
    """Why this address gets no mail, newest first; empty if it may be written to."""
    rows = session.execute(
        select(Suppression, Survey.name)
        .outerjoin(Survey, Survey.id == Suppression.survey_id)
        .where(Suppression.address_hash == address_hash)
        .order_by(Suppression.id.desc())
    )
    return [SuppressionLine(suppression, survey_name) for suppression, survey_name in rows]


def latest_said(session: Session, condition: Any) -> list[Said]:
    """The latest responses that meet the condition, with who gave them."""
    surveys: Mapping[int, Survey] = {survey.id: survey for survey in session.scalars(select(Survey))}
    rows = session.execute(
        select(
            Response.id,
            Response.survey_id,
            Response.rating,
            Response.comment,
            Response.sentiment,
            Response.state,
            Response.created_at,
            Response.person_id,
            Person.name.label("person_name"),
            Person.email.label("person_email"),
        )
        .outerjoin(Person, Person.id == Response.person_id)
        .where(condition)
        .order_by(Response.created_at.desc(), Response.id.desc())
        .limit(LATEST)
    )
    return [Said(row, surveys[row.survey_id]) for row in rows]


def _as_row(session: Session, person_id: int) -> Any:
    return (
        session.connection().execute(select(Person.id, Person.email_key).where(Person.id == person_id)).one()
    )
