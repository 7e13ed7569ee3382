"""The inbox: its order, its pages and its filters."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from feedback_app.db import reading, transaction
from feedback_app.responses.models import ResponseState
from feedback_app.reviews.cursor import Cursor
from feedback_app.reviews.filters import InboxFilters
from feedback_app.reviews.models import Review, ReviewStatus
from feedback_app.reviews.queries import InboxPage, inbox_page, neighbours
from feedback_app.reviews.services import add_note
from feedback_app.surveys.queries import all_surveys
from tests.factories import make_account, make_person, make_read, make_response, make_survey, make_user

READER = 1


def page(
    session: Session, size: int = 40, after: object = None, before: object = None, **wanted: object
) -> InboxPage:
    surveys = {survey.id: survey for survey in all_surveys(session)}
    filters = InboxFilters(**{"reader_id": READER} | wanted)  # type: ignore[arg-type]
    with reading() as connection:
        return inbox_page(connection, surveys, filters, after=after, before=before, size=size)  # type: ignore[arg-type]


def ids(found: InboxPage) -> list[int]:
    return [line.row.id for line in found.rows]


def all_pages(session: Session, size: int, **wanted: object) -> Iterator[list[int]]:
    found = page(session, size, **wanted)
    while True:
        yield ids(found)
        if found.older is None:
            return
        found = page(session, size, after=found.older, **wanted)


def review(session: Session, response_id: int, now: datetime, **given: object) -> None:
    with transaction(session):
        session.add(Review(**{"response_id": response_id, "status": "new", "updated_at": now} | given))


def test_newest_first_goes_by_time_and_then_by_number(session: Session, now: datetime) -> None:
    survey = make_survey(session).id
    early, late, also_late = (
        make_response(session, survey_id=survey, created_at=now - timedelta(hours=hours)).id
        for hours in (3, 1, 1)
    )
    assert ids(page(session)) == [also_late, late, early]


def test_worst_first_compares_ratings_of_different_scales(session: Session, now: datetime) -> None:
    nps, csat = make_survey(session, metric_key="nps").id, make_survey(session, metric_key="csat").id
    # On 0-100: NPS 4 is 40, CSAT 1 is 0, CSAT 2 is 25, NPS 10 is 100.
    four, one, two, ten = (
        make_response(session, survey_id=survey, rating=rating).id
        for survey, rating in ((nps, 4), (csat, 1), (csat, 2), (nps, 10))
    )
    newer_one = make_response(session, survey_id=csat, rating=1, created_at=now + timedelta(hours=1)).id
    assert ids(page(session, order="worst")) == [newer_one, one, two, four, ten]


@pytest.mark.parametrize("order", ["newest", "worst"])
def test_pages_give_every_row_once_while_rows_arrive(session: Session, now: datetime, order: str) -> None:
    survey = make_survey(session).id
    there = {
        make_response(session, survey_id=survey, rating=n % 4, created_at=now - timedelta(minutes=n // 3)).id
        for n in range(23)
    }
    seen: list[int] = []
    for rows in all_pages(session, 5, order=order):
        seen += rows
        make_response(session, survey_id=survey, rating=0, created_at=now + timedelta(hours=len(seen)))
    assert len(seen) == len(set(seen))
    assert there <= set(seen)
    if order == "newest":
        assert set(seen) == there


@pytest.mark.parametrize("order", ["newest", "worst"])
def test_the_way_back_shows_the_same_pages(session: Session, now: datetime, order: str) -> None:
    survey = make_survey(session).id
    for n in range(17):
        make_response(session, survey_id=survey, rating=n % 3, created_at=now - timedelta(minutes=n // 2))
    there = list(all_pages(session, 4, order=order))
    assert [len(rows) for rows in there] == [4, 4, 4, 4, 1]
    last = page(session, 4, after=page_before_last(session, order).older, order=order)
    back = [ids(last)]
    found = last
    while found.newer is not None:
        found = page(session, 4, before=found.newer, order=order)
        back.append(ids(found))
    assert back == there[::-1]


def page_before_last(session: Session, order: str) -> InboxPage:
    found = page(session, 4, order=order)
    for _ in range(3):
        found = page(session, 4, after=found.older, order=order)
    return found


def test_going_up_to_less_than_a_page_shows_the_first_page(session: Session, now: datetime) -> None:
    survey = make_survey(session).id
    for n in range(6):
        make_response(session, survey_id=survey, created_at=now - timedelta(minutes=n))
    second = page(session, 4, after=page(session, 4).older)
    above = page(session, 4, before=second.newer)
    assert ids(above) == ids(page(session, 4))
    assert above.newer is None


def test_neighbours_are_those_beside_in_the_inbox(session: Session, now: datetime) -> None:
    survey = make_survey(session)
    best, worst, middle = (
        make_response(session, survey_id=survey.id, rating=rating, created_at=now - timedelta(hours=rating))
        for rating in (9, 1, 5)
    )
    surveys = {survey.id: survey}
    here = Cursor(middle.position, middle.created_at, middle.id)
    with reading() as connection:
        assert neighbours(connection, surveys, InboxFilters(READER), here) == (worst.id, best.id)
        assert neighbours(connection, surveys, InboxFilters(READER, order="worst"), here) == (
            worst.id,
            best.id,
        )
        assert neighbours(connection, surveys, InboxFilters(READER, tone="bad"), here) == (worst.id, None)


def test_only_confirmed_answers_are_listed_unless_others_are_asked_for(session: Session) -> None:
    survey = make_survey(session).id
    by_state = {state: make_response(session, survey_id=survey, state=state).id for state in ResponseState}
    assert ids(page(session)) == [by_state[ResponseState.CONFIRMED]]
    assert ids(page(session, state="unconfirmed")) == [by_state[ResponseState.UNCONFIRMED]]
    assert ids(page(session, state="suspect", order="worst")) == [by_state[ResponseState.SUSPECT]]


@pytest.mark.parametrize(
    ("tone", "expected"),
    [("bad", {("nps", 6), ("ces", 3)}), ("middle", {("nps", 7), ("ces", 4)}), ("good", {("ces", 5)})],
)
def test_a_band_is_the_one_of_each_surveys_scale(
    session: Session, tone: str, expected: set[tuple[str, int]]
) -> None:
    made = {}
    for key, ratings in (("nps", (6, 7)), ("ces", (3, 4, 5))):
        survey = make_survey(session, metric_key=key).id
        made |= {
            make_response(session, survey_id=survey, rating=rating).id: (key, rating) for rating in ratings
        }
    for order in ("newest", "worst"):
        assert {made[one] for one in ids(page(session, tone=tone, order=order))} == expected


def test_sentiment_tells_not_read_from_nothing_to_read(session: Session) -> None:
    survey = make_survey(session).id
    angry = make_response(session, survey_id=survey, comment="Awful", sentiment="negative").id
    waiting = make_response(session, survey_id=survey, comment="Sehr gut").id
    make_response(session, survey_id=survey)
    assert ids(page(session, sentiment="negative")) == [angry]
    assert ids(page(session, sentiment="unread")) == [waiting]


def test_without_a_review_a_response_is_new(session: Session, now: datetime) -> None:
    survey = make_survey(session).id
    untouched, assigned, closed = (make_response(session, survey_id=survey).id for _ in range(3))
    me = make_user(session).id
    review(session, assigned, now, assignee_id=me)
    review(session, closed, now, status=ReviewStatus.CLOSED)
    assert ids(page(session, status="new")) == [assigned, untouched]
    assert ids(page(session, status="closed")) == [closed]
    assert ids(page(session, reader_id=me, assignee="me")) == [assigned]
    assert ids(page(session, reader_id=me, assignee="nobody")) == [closed, untouched]


def test_my_accounts_are_those_i_own(session: Session) -> None:
    me, other = make_user(session).id, make_user(session).id
    survey = make_survey(session).id
    mine, _theirs = (
        make_response(
            session,
            survey_id=survey,
            person_id=make_person(session, account_id=make_account(session, owner_id=owner).id).id,
        ).id
        for owner in (me, other)
    )
    make_response(session, survey_id=survey)
    assert ids(page(session, reader_id=me, owner="me")) == [mine]


def test_text_is_looked_for_in_comments_people_and_accounts(session: Session) -> None:
    survey = make_survey(session).id
    account = make_account(session, name="Harrow Finch").id
    person = make_person(session, name="Dana Whitfield", email="dana@harrow.example", account_id=account).id
    by_comment = make_read(session, survey_id=survey, comment="The EXPORT broke").id
    by_person = make_read(session, survey_id=survey, person_id=person).id
    assert ids(page(session, text="export")) == [by_comment]
    for words in ("whitfield", "dana@harrow", "harrow finch"):
        assert ids(page(session, text=words)) == [by_person]


def test_text_is_looked_for_in_notes_and_in_every_form(session: Session, now: datetime) -> None:
    noted, other = (make_read(session, comment=text).id for text in ("Fine", "The exports failed"))
    add_note(session, noted, "Refund promised", user_id=None, now=now)
    wanted = {
        "refunds": [noted],
        '"refund promised"': [noted],
        "exporting": [other],
        "-fine": [],
        "fine -refund": [noted],
    }
    assert {text: ids(page(session, text=text)) for text in wanted} == wanted


def test_a_common_word_lists_the_same_as_a_rare_one(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [make_read(session, comment="slow").id for _ in range(3)]
    make_read(session, comment="fast")
    monkeypatch.setattr("feedback_app.search.index.COUNTED", 2)
    assert ids(page(session, text="slow")) == found[::-1]


def test_a_viewer_cannot_find_out_what_is_masked_by_searching(session: Session, now: datetime) -> None:
    person = make_person(session, name="Dana Whitfield", email="dana@harrow.example").id
    hers = make_read(session, person_id=person, comment="Dana here: write to me@own.example please").id
    add_note(session, hers, "Whitfield called about refunds", user_id=None, now=now)
    for words in ("whitfield", "dana@", "dana", "own.example", '"me own"', "whit*", "called -refund"):
        assert ids(page(session, text=words, may_search_people=False)) == []
    for words in ("here", "please -whitfield", "please -dana", "refund"):
        assert ids(page(session, text=words, may_search_people=False)) == [hers]


@pytest.mark.parametrize("text", ["%", "_", "100%' OR '1'='1", "'; DROP TABLE response; --", "\\", '"'])
def test_signs_of_sql_say_nothing_to_the_database(session: Session, text: str) -> None:
    survey = make_survey(session).id
    make_read(session, survey_id=survey, comment="plain words")
    with_words = make_read(session, survey_id=survey, comment=f"this: {text} that").id
    assert ids(page(session, text=text)) == ([with_words] if re.search("[0-9A-Z]", text) else [])


def test_days_bound_the_time(session: Session, now: datetime) -> None:
    survey = make_survey(session).id
    first, second, _third = (
        make_response(session, survey_id=survey, created_at=now + timedelta(days=days)).id
        for days in (0, 1, 2)
    )
    found = page(session, since=now, until=now + timedelta(days=2))
    assert ids(found) == [second, first]


def test_a_cursor_reads_back_what_it_wrote(now: datetime) -> None:
    cursor = Cursor(40, now, 12)
    assert Cursor.read(str(cursor)) == cursor


@pytest.mark.parametrize(
    "given",
    [
        "",
        "x",
        "ä",
        "W10",  # []
        "WzEsMiwzXQ",  # [1,2,3]
        "WzEsIjIwMjYtMTEtMjBUMTI6MDA6MDAiLDNd",  # a moment without a zone
        "W3RydWUsIjIwMjYtMTEtMjBUMTI6MDA6MDArMDA6MDAiLDNd",  # true for a position
        "WzEsIjAwMDEtMDEtMDFUMDA6MDA6MDArMTQ6MDAiLDFd",  # a moment before the first of all days in UTC
        "A" * 300,
    ],
)
def test_what_is_no_cursor_is_none(given: str) -> None:
    assert Cursor.read(given) is None


def test_a_cursor_holds_no_number_beyond_the_database(now: datetime) -> None:
    assert Cursor.read(str(Cursor(0, now, 2**63))) is None
    assert Cursor.read(str(Cursor(101, now, 1))) is None
