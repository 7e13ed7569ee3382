"""Lists of people, and filters kept under a name."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.people import lists
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.models import PeopleListMember, SavedFilter
from feedback_app.staff.models import AuditEntry
from tests.factories import NOON, make_person


def members(session: Session, list_id: int) -> set[int]:
    return set(session.scalars(select(PeopleListMember.person_id).where(PeopleListMember.list_id == list_id)))


def test_people_are_on_a_list_once(session: Session) -> None:
    ada, bo = make_person(session).id, make_person(session).id
    list_id = lists.add_list(session, " Beta  testers ", user_id=None, now=NOON)
    with transaction(session):
        lists.add_to_list(session, list_id, [ada, bo, 999])
        lists.add_to_list(session, list_id, [ada])
    assert members(session, list_id) == {ada, bo}
    assert lists.all_lists(session) == [lists.ListLine(list_id, "Beta testers", 2)]


def test_people_come_on_a_list_by_their_addresses_and_go_by_their_ids(session: Session) -> None:
    ada = make_person(session, email="ada@one.example").id
    bo = make_person(session, email="bo@one.example").id
    with transaction(session):
        list_id = lists.ensure_list(session, "Pilots", now=NOON)
        lists.add_addresses_to_list(
            session, list_id, ["ada@one.example", "bo@one.example", "nobody@x.example"]
        )
        lists.take_off_list(session, list_id, [ada])
    assert members(session, list_id) == {bo}


def test_a_list_is_made_once_and_an_empty_one_is_listed_too(session: Session) -> None:
    with transaction(session):
        first = lists.ensure_list(session, "Pilots", now=NOON)
        assert lists.ensure_list(session, " Pilots", now=NOON) == first
    assert lists.all_lists(session) == [lists.ListLine(first, "Pilots", 0)]
    with pytest.raises(Invalid, match="a list with this name already"):
        lists.add_list(session, "Pilots", user_id=None, now=NOON)


@pytest.mark.parametrize("name", ["", "  ", "x" * 121])
def test_a_list_has_a_name_of_reasonable_length(session: Session, name: str) -> None:
    with pytest.raises(Invalid, match="1 to 120 letters"):
        lists.add_list(session, name, user_id=None, now=NOON)


def test_a_saved_filter_is_replaced_under_its_name_and_forgotten(session: Session) -> None:
    first = lists.save_filter(session, "Gold", PeopleFilter(q="x"), user_id=None, now=NOON)
    gold = PeopleFilter(property="plan", value="gold")
    assert lists.save_filter(session, "Gold", gold, user_id=None, now=NOON) == first
    assert [kept.name for kept in lists.all_saved_filters(session)] == ["Gold"]
    assert lists.saved_filter(session, first) == gold
    lists.delete_filter(session, first, user_id=None, now=NOON)
    assert session.scalars(select(SavedFilter)).all() == []
    with pytest.raises(NotFound, match="no such saved filter"):
        lists.saved_filter(session, first)
    assert [entry.action for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))] == [
        "filter.save",
        "filter.save",
        "filter.delete",
    ]
