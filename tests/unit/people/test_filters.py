"""A filter of people finds the same people wherever it is read."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.people.filters import PeopleFilter, count_people, described, matching
from feedback_app.people.lists import add_list, add_to_list
from tests.factories import NOON, make_account, make_person, make_user


@pytest.fixture
def people(session: Session) -> dict[str, int]:
    """Ada and Bo at Harrow (Marta's), Cem at Öresund, Dee alone."""
    marta = make_user(session, name="Marta Lindqvist")
    harrow = make_account(session, name="Harrow 100% GmbH", owner_id=marta.id)
    other = make_account(session, name="Öresund")
    made = {
        "ada": make_person(
            session,
            email="Ada@one.example",
            name="Ada Lind",
            locale="de-AT",
            account_id=harrow.id,
            properties={"plan": "gold", "seats": 12},
        ),
        "bo": make_person(session, email="bo@one.example", name="Bo Berg", locale="de", account_id=harrow.id),
        "cem": make_person(
            session,
            email="cem@two.example",
            name="Cem_Ak",
            locale="den",
            account_id=other.id,
            properties={"plan": "silver", "note": ""},
        ),
        "dee": make_person(session, email="dee@three.example", name="Dee", locale="DE_ch"),
    }
    return {name: person.id for name, person in made.items()} | {"harrow": harrow.id, "marta": marta.id}


def found(session: Session, people: dict[str, int], filter: PeopleFilter, **how: bool) -> set[str]:
    ids = set(session.scalars(matching(filter, **how)))
    return {name for name in ("ada", "bo", "cem", "dee") if people[name] in ids}


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        (PeopleFilter(), {"ada", "bo", "cem", "dee"}),
        (PeopleFilter(q="lind"), {"ada"}),
        (PeopleFilter(q="ADA@ONE"), {"ada"}),
        (PeopleFilter(q="harrow"), {"ada", "bo"}),
        (PeopleFilter(q="100%"), {"ada", "bo"}),
        (PeopleFilter(q="0% G"), {"ada", "bo"}),
        (PeopleFilter(q="ce ak"), {"cem"}),
        (PeopleFilter(q="%"), {"ada", "bo"}),
        (PeopleFilter(q=" bo "), {"bo"}),
        (PeopleFilter(locale="de"), {"ada", "bo", "dee"}),
        (PeopleFilter(locale="de-ch"), {"dee"}),
        (PeopleFilter(property="plan"), {"ada", "cem"}),
        (PeopleFilter(property="plan", value="gold"), {"ada"}),
        (PeopleFilter(property="seats", value="12"), {"ada"}),
        (PeopleFilter(property="note"), set()),
        (PeopleFilter(property='plan" or 1'), set()),
        (PeopleFilter(q="one.example", locale="de-at"), {"ada"}),
    ],
)
def test_a_filter_finds_whom_it_says(
    session: Session, people: dict[str, int], filter: PeopleFilter, names: set[str]
) -> None:
    assert found(session, people, filter) == names
    assert count_people(session, filter) == len(names)


def test_a_filter_by_account_by_owner_and_by_list(session: Session, people: dict[str, int]) -> None:
    list_id = add_list(session, "Pilots", user_id=None, now=NOON)
    with transaction(session):
        add_to_list(session, list_id, [people["bo"], people["dee"]])
    assert found(session, people, PeopleFilter(account_id=people["harrow"])) == {"ada", "bo"}
    assert found(session, people, PeopleFilter(owner_id=people["marta"])) == {"ada", "bo"}
    assert found(session, people, PeopleFilter(list_id=list_id)) == {"bo", "dee"}
    assert found(session, people, PeopleFilter(list_id=list_id, owner_id=people["marta"])) == {"bo"}


def test_who_may_not_search_people_searches_accounts(session: Session, people: dict[str, int]) -> None:
    assert found(session, people, PeopleFilter(q="ada"), may_search_people=False) == set()
    assert found(session, people, PeopleFilter(q="harrow"), may_search_people=False) == {"ada", "bo"}
    assert found(session, people, PeopleFilter(property="plan"), may_search_people=False) == set()


@given(
    st.builds(
        PeopleFilter,
        q=st.text(max_size=5),
        list_id=st.none() | st.integers(1, 9),
        account_id=st.none() | st.integers(1, 9),
        owner_id=st.none() | st.integers(1, 9),
        locale=st.text(max_size=3),
        property=st.text(max_size=3),
        value=st.text(max_size=3),
    )
)
@settings(max_examples=50)
def test_a_kept_filter_is_read_as_it_was(filter: PeopleFilter) -> None:
    assert PeopleFilter.of_json(filter.to_json()) == filter


def test_a_kept_filter_of_a_later_release_is_read_as_far_as_it_is_known() -> None:
    assert PeopleFilter.of_json({"q": "ada", "shoe_size": 43}) == PeopleFilter(q="ada")


def test_a_filter_says_in_words_whom_it_means(session: Session, people: dict[str, int]) -> None:
    assert PeopleFilter().words() == "everybody"
    assert PeopleFilter(q="ada", property="plan", value="gold").words() == (
        "“ada” in name, address or account; plan is gold"
    )
    filter = PeopleFilter(account_id=people["harrow"], owner_id=people["marta"], locale="de", property="vip")
    assert described(session, filter) == (
        "of the account Harrow 100% GmbH; in accounts of Marta Lindqvist; language de; with vip"
    )
    assert described(session, PeopleFilter(list_id=77)) == "on the list 77"
