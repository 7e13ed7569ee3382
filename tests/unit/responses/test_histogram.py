"""The histogram: what it counts is what is there, whatever happened to the rows."""

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, event, func, insert, select, text, update
from sqlalchemy.orm import Session

from feedback_app.db import db, transaction
from feedback_app.responses.histogram import (
    COUNTED,
    DayCount,
    daily_counts,
    fold_batch,
    forget_counts,
    histogram,
    rating_counts,
    summed,
)
from feedback_app.responses.models import DailyCount, Response
from tests.factories import NOON, make_response, make_survey

FRIDAY = date(2026, 11, 20)
SATURDAY = date(2026, 11, 21)
ALL_DAYS = {"since": None, "until": None}


def change(session: Session, response_id: int, **values: object) -> None:
    """What recording does to an answer that is given again."""
    with transaction(session):
        session.execute(update(Response).where(Response.id == response_id).values(**values, fold_due=True))


def cells(session: Session) -> list[tuple[int, date, int, str, int]]:
    columns = DailyCount.survey_id, DailyCount.day, DailyCount.rating, DailyCount.state, DailyCount.responses
    return [tuple(row) for row in session.execute(select(*columns).order_by(*columns))]


def test_an_answer_counts_before_it_is_folded_in(session: Session) -> None:
    survey = make_survey(session)
    for rating in (9, 9, 3):
        make_response(session, survey_id=survey.id, rating=rating)
    assert rating_counts(session, survey.id, **ALL_DAYS) == {3: 1, 9: 2}


def test_folding_moves_answers_into_the_histogram_and_changes_no_number(session: Session) -> None:
    survey = make_survey(session)
    for rating in (9, 9, 3):
        make_response(session, survey_id=survey.id, rating=rating)
    assert fold_batch(session) == 3
    assert cells(session) == [
        (survey.id, FRIDAY, 3, "confirmed", 1),
        (survey.id, FRIDAY, 9, "confirmed", 2),
    ]
    assert rating_counts(session, survey.id, **ALL_DAYS) == {3: 1, 9: 2}
    assert fold_batch(session) == 0


def test_a_changed_answer_counts_once_before_and_after_folding(session: Session) -> None:
    survey = make_survey(session)
    response = make_response(session, survey_id=survey.id, rating=9)
    fold_batch(session)
    change(session, response.id, rating=3, answered_on=SATURDAY)
    assert daily_counts(session, survey.id, **ALL_DAYS) == [DayCount(SATURDAY, 3, 1)]
    assert fold_batch(session) == 1
    assert daily_counts(session, survey.id, **ALL_DAYS) == [DayCount(SATURDAY, 3, 1)]
    assert cells(session) == [(survey.id, SATURDAY, 3, "confirmed", 1)]  # the emptied cell is gone


def test_only_the_states_asked_for_count(session: Session) -> None:
    survey = make_survey(session)
    make_response(session, survey_id=survey.id, rating=9)
    tapped = make_response(session, survey_id=survey.id, rating=2, state="unconfirmed")
    fold_batch(session)
    assert rating_counts(session, survey.id, **ALL_DAYS) == {9: 1}
    assert rating_counts(session, survey.id, **ALL_DAYS, states=["unconfirmed"]) == {2: 1}
    change(session, tapped.id, state="confirmed")
    assert rating_counts(session, survey.id, **ALL_DAYS) == {2: 1, 9: 1}
    assert rating_counts(session, survey.id, **ALL_DAYS, states=["unconfirmed"]) == {}


def test_days_begin_with_since_and_end_before_until(session: Session) -> None:
    survey = make_survey(session)
    for day, rating in enumerate((7, 8, 9)):
        make_response(session, survey_id=survey.id, rating=rating, created_at=NOON + timedelta(days=day))
    for _ in range(2):  # first as rows, then as histogram
        assert rating_counts(session, survey.id, since=FRIDAY, until=SATURDAY) == {7: 1}
        assert rating_counts(session, survey.id, since=SATURDAY, until=None) == {8: 1, 9: 1}
        fold_batch(session)


def test_another_surveys_answers_do_not_count(session: Session) -> None:
    mine, other = make_survey(session), make_survey(session)
    make_response(session, survey_id=other.id)
    assert rating_counts(session, mine.id, **ALL_DAYS) == {}


def test_a_batch_takes_the_oldest_and_leaves_the_rest_for_the_next(session: Session) -> None:
    survey = make_survey(session)
    for rating in (1, 2, 3):
        make_response(session, survey_id=survey.id, rating=rating)
    assert [fold_batch(session, limit=2), fold_batch(session, limit=2)] == [2, 1]
    assert rating_counts(session, survey.id, **ALL_DAYS) == {1: 1, 2: 1, 3: 1}


def test_a_forgotten_answer_leaves_no_ghost_behind(session: Session) -> None:
    survey = make_survey(session)
    folded = make_response(session, survey_id=survey.id, rating=9)
    fold_batch(session)
    changed = make_response(session, survey_id=survey.id, rating=9)
    fold_batch(session)
    change(session, changed.id, rating=1)
    never_folded = make_response(session, survey_id=survey.id, rating=5)
    ids = [folded.id, changed.id, never_folded.id]
    with transaction(session):
        forget_counts(session, ids)
        session.execute(delete(Response).where(Response.id.in_(ids)))
    assert rating_counts(session, survey.id, **ALL_DAYS) == {}
    assert cells(session) == []


def test_a_forgotten_answer_that_stays_is_counted_still(session: Session) -> None:
    survey = make_survey(session)
    response = make_response(session, survey_id=survey.id, rating=9)
    fold_batch(session)
    with transaction(session):
        forget_counts(session, [response.id])
    assert rating_counts(session, survey.id, **ALL_DAYS) == {9: 1}


def test_a_number_is_one_statement_however_many_rows_are_due(session: Session) -> None:
    survey_id = make_survey(session).id
    for rating in range(11):
        make_response(session, survey_id=survey_id, rating=rating)
    assert statements(session, lambda: rating_counts(session, survey_id, **ALL_DAYS)) == 1


def test_a_batch_costs_the_same_few_statements_whatever_its_size(session: Session) -> None:
    survey = make_survey(session)
    for rating in range(11):
        make_response(session, survey_id=survey.id, rating=rating)
    assert statements(session, lambda: fold_batch(session)) <= 4


@pytest.mark.only("sqlite")
def test_the_rows_that_are_due_are_found_by_their_index(session: Session) -> None:
    view = histogram([1], since=FRIDAY, until=SATURDAY, states=COUNTED)
    query = summed(view.c.rating, cells=view).compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = " ".join(str(row[3]) for row in session.execute(text(f"EXPLAIN QUERY PLAN {query}")))
    assert "SCAN response USING INDEX ix_response_to_fold" in plan
    assert plan.count("response") == 2  # in no other way: the table's and the index's name
    assert "SEARCH daily_count" in plan


@pytest.mark.only("postgresql")
def test_a_second_worker_takes_what_the_first_does_not_hold(app: Flask, session: Session) -> None:
    survey = make_survey(session)
    held = make_response(session, survey_id=survey.id, rating=1)
    make_response(session, survey_id=survey.id, rating=2)
    with Session(db.engine) as other, other.begin():
        other.execute(select(Response.id).where(Response.id == held.id).with_for_update())
        assert fold_batch(session) == 1
    assert [(rating, n) for _, _, rating, _, n in cells(session)] == [(2, 1)]
    assert rating_counts(session, survey.id, **ALL_DAYS) == {1: 1, 2: 1}


def test_workers_that_fold_at_once_count_every_answer_once(app: Flask, session: Session) -> None:
    survey = make_survey(session)
    with transaction(session):
        session.execute(insert(Response), many_responses(survey.id, 400))

    engine = db.engine

    def fold_all() -> None:
        with Session(engine) as own:
            while fold_batch(own, limit=20):
                pass

    workers = [threading.Thread(target=fold_all) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    fold_batch(session)  # what a worker had skipped because another held it
    assert session.scalar(select(func.sum(DailyCount.responses))) == 400
    assert rating_counts(session, survey.id, **ALL_DAYS) == dict.fromkeys(range(5), 80)


def many_responses(survey_id: int, count: int) -> list[dict[str, object]]:
    """Rows with the ratings 0 to 4 in turn, a hundred on each day."""
    return [
        {
            "survey_id": survey_id,
            "permalink": f"{n:032}",
            "rating": n % 5,
            "position": 10 * (n % 5),
            "state": "confirmed",
            "channel": "link",
            "created_at": NOON,
            "updated_at": NOON,
            "answered_on": FRIDAY + timedelta(days=n // 100),
        }
        for n in range(count)
    ]


def statements(session: Session, work: Callable[[], object]) -> int:
    """How many statements the work sends."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return len([statement for statement in sent if not statement.startswith("BEGIN")])
