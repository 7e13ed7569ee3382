"""Lists of people and filters kept under a name: whom a campaign or a recurring plan may ask."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, literal, select
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.models import PeopleList, PeopleListMember, Person, SavedFilter
from feedback_app.staff.services import record_audit

LONGEST_NAME = 120


@dataclass(frozen=True)
class ListLine:
    """A list and how many people are on it."""

    id: int
    name: str
    people: int


def all_lists(session: Session) -> list[ListLine]:
    """Every list by name."""
    members = (
        select(PeopleListMember.list_id, func.count().label("people"))
        .group_by(PeopleListMember.list_id)
        .subquery()
    )
    rows = session.execute(
        select(PeopleList.id, PeopleList.name, func.coalesce(members.c.people, 0))
        .outerjoin(members, members.c.list_id == PeopleList.id)
        .order_by(PeopleList.name)
    )
    return [ListLine(*row) for row in rows]


def all_saved_filters(session: Session) -> list[SavedFilter]:
    """Every saved filter by name."""
    return list(session.scalars(select(SavedFilter).order_by(SavedFilter.name)))


def saved_filter(session: Session, filter_id: int) -> PeopleFilter:
    """The filter kept under this id; raises NotFound."""
    kept = session.get(SavedFilter, filter_id)
    if kept is None:
        raise NotFound("There is no such saved filter. It may have been deleted; choose another one.")
    return PeopleFilter.of_json(kept.filter)


def add_list(session: Session, name: str, *, user_id: int | None, now: datetime) -> int:
    """The id of a new, empty list; raises Invalid if the name is taken or empty."""
    with transaction(session):
        list_id = _added(session, PeopleList, {"name": checked_name(name), "created_at": now})
        if list_id is None:
            raise Invalid("There is a list with this name already, so nothing was made. Choose another name.")
        record_audit(session, user_id, "list.add", "people_list", list_id, {}, now)
    return list_id


def ensure_list(session: Session, name: str, *, now: datetime) -> int:
    """The id of the list with this name, made if new; within the caller's transaction."""
    name = checked_name(name)
    added = _added(session, PeopleList, {"name": name, "created_at": now})
    if added is not None:
        return added
    return session.scalars(select(PeopleList.id).where(PeopleList.name == name)).one()


def add_to_list(session: Session, list_id: int, people: Collection[int]) -> None:
    """Put these people on the list, once each, within the caller's transaction; ids of nobody are passed over."""
    _put_on(session, list_id, Person.id.in_(people))


def add_addresses_to_list(session: Session, list_id: int, email_keys: Collection[str]) -> None:
    """Put the people with these normalised addresses on the list, within the caller's transaction."""
    _put_on(session, list_id, Person.email_key.in_(email_keys))


def take_off_list(session: Session, list_id: int, people: Collection[int]) -> None:
    """Take these people off the list, within the caller's transaction."""
    session.execute(
        delete(PeopleListMember)
        .where(PeopleListMember.list_id == list_id, PeopleListMember.person_id.in_(people))
        .execution_options(synchronize_session=False)
    )


def save_filter(
    session: Session, name: str, filter: PeopleFilter, *, user_id: int | None, now: datetime
) -> int:
    """Keep the filter under this name, in place of one that had it; the id."""
    row = {"name": checked_name(name), "filter": filter.to_json(), "created_at": now}
    with transaction(session):
        keeping = insert_into(session, SavedFilter).values(row)
        keeping = keeping.on_conflict_do_update(
            index_elements=[SavedFilter.name], set_={"filter": keeping.excluded.filter}
        )
        filter_id = int(session.scalar(keeping.returning(SavedFilter.id)))
        record_audit(session, user_id, "filter.save", "saved_filter", filter_id, {}, now)
    return filter_id


def delete_filter(session: Session, filter_id: int, *, user_id: int | None, now: datetime) -> None:
    """Forget the filter; nobody that it found is touched."""
    with transaction(session):
        session.execute(delete(SavedFilter).where(SavedFilter.id == filter_id))
        record_audit(session, user_id, "filter.delete", "saved_filter", filter_id, {}, now)


def checked_name(name: str) -> str:
    """The name of a list or a filter as it is kept; raises Invalid for what is none."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Give it a name of 1 to {LONGEST_NAME} letters; nothing was saved yet.")
    return name


def _put_on(session: Session, list_id: int, whom: Any) -> None:
    members = select(literal(list_id), Person.id).where(whom)
    session.execute(
        insert_into(session, PeopleListMember)
        .from_select(["list_id", "person_id"], members)
        .on_conflict_do_nothing()
    )


def _added(session: Session, model: type[PeopleList], row: dict[str, Any]) -> int | None:
    statement = insert_into(session, model).values(row).on_conflict_do_nothing().returning(model.id)
    added: int | None = session.scalar(statement)
    return added
