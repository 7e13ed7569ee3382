"""The list of people: who, when they were asked last, when the next mail is due, and who gets none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Select, bindparam, case, func, select, union_all
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.crypto import Vault
from feedback_app.directory.pages import Order, Page, page_of
from feedback_app.invitations.models import Invitation, InvitationState, Reminder
from feedback_app.people.filters import PeopleFilter, conditions
from feedback_app.people.models import Person, Suppression

Sorting = Literal["newest", "name"]
ORDERS: dict[str, Order] = {
    "newest": Order(Person.id, is_falling=True),
    "name": Order(Person.id, by=Person.name),
}

ROWS: Any = select(
    Person.id,
    Person.name,
    Person.email,
    Person.email_key,
    Person.locale,
    Person.account_id,
    Account.name.label("account_name"),
).outerjoin(Account, Account.id == Person.account_id)


def _mails_of(model: type[Invitation] | type[Reminder]) -> Select[Any]:
    is_due = model.state == InvitationState.SCHEDULED
    return select(model.person_id, model.sent_at, case((is_due, model.due_at)).label("due_at")).where(
        model.person_id.in_(bindparam("people", expanding=True))
    )


_MAILS = union_all(_mails_of(Invitation), _mails_of(Reminder)).subquery()
_ASKED = select(
    _MAILS.c.person_id, func.max(_MAILS.c.sent_at).label("sent_at"), func.min(_MAILS.c.due_at).label("due_at")
).group_by(_MAILS.c.person_id)
_SUPPRESSED = select(Suppression.address_hash, Suppression.survey_id).where(
    Suppression.address_hash.in_(bindparam("hashes", expanding=True))
)


@dataclass(frozen=True)
class PersonLine:
    """One line of the list. `mark`: "all" if no survey may write to the person, "some" if one may not."""

    row: Row[Any]
    sent_at: datetime | None
    due_at: datetime | None
    mark: str


def people_page(
    connection: Connection,
    filter: PeopleFilter,
    order: Sorting,
    *,
    vault: Vault,
    may_search_people: bool,
    after: int | None = None,
    before: int | None = None,
) -> Page[PersonLine]:
    """The page of people who fit that follows the person `after` or ends just above `before`."""
    rows = ROWS.where(*conditions(filter, may_search_people=may_search_people))
    return page_of(
        connection,
        rows,
        ORDERS[order],
        lambda found: person_lines(connection, found, vault),
        after=after,
        before=before,
    )


def person_lines(connection: Connection, rows: list[Row[Any]], vault: Vault) -> list[PersonLine]:
    """The lines of these people, with what their mails and the suppression list say."""
    asked = {row.person_id: row for row in connection.execute(_ASKED, {"people": [row.id for row in rows]})}
    hashes = {row.id: vault.address_hash(row.email_key) for row in rows if row.email_key}
    marks = suppression_marks(connection, hashes.values())
    return [
        PersonLine(
            row,
            sent_at=asked[row.id].sent_at if row.id in asked else None,
            due_at=asked[row.id].due_at if row.id in asked else None,
            mark=marks.get(hashes.get(row.id, ""), ""),
        )
        for row in rows
    ]


def suppression_marks(connection: Connection, hashes: Collection[str]) -> dict[str, str]:
    """For each of these addresses that gets no mail: "all", or "some" if it is of single surveys only."""
    marks: dict[str, str] = {}
    for address_hash, survey_id in connection.execute(_SUPPRESSED, {"hashes": list(hashes)}):
        if survey_id is None or address_hash not in marks:
            marks[address_hash] = "some" if survey_id else "all"
    return marks


def is_anybody_known(session: Session) -> bool:
    return session.scalar(select(Person.id).limit(1)) is not None
