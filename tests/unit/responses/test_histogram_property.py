"""Whatever happens to responses in whatever order: the histogram says what counting the rows says."""

from collections import Counter
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.responses.histogram import daily_counts, fold_batch, forget_counts
from feedback_app.responses.models import DailyCount, Response
from tests.factories import make_response, make_survey

FIRST = date(2026, 11, 1)
STATES = ["confirmed", "unconfirmed", "suspect"]

ratings = st.integers(0, 10)
days = st.integers(0, 2).map(lambda n: FIRST + timedelta(days=n))
states = st.sampled_from(STATES)
which = st.integers(0, 50)  # taken modulo the responses that there are
steps = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), ratings, days, states),
        st.tuples(st.just("answer again"), which, ratings),
        st.tuples(st.just("change state"), which, states),
        st.tuples(st.just("change day"), which, days),
        st.tuples(st.just("erase"), which),
        st.tuples(st.just("fold"), st.integers(1, 3)),
    ),
    max_size=25,
)


@settings(max_examples=20)
@given(steps=steps)
def test_the_histogram_is_always_what_counting_the_rows_gives(
    session: Session, steps: list[tuple[object, ...]]
) -> None:
    survey_id = make_survey(session).id
    for step in steps:
        take(session, survey_id, *step)
        for state in STATES:
            assert histogram_says(session, survey_id, state) == rows_say(session, survey_id, state)
    while fold_batch(session):
        pass
    assert all(n > 0 for n in session.scalars(select(DailyCount.responses)))


def take(session: Session, survey_id: int, step: str, *details: object) -> None:
    if step == "answer":
        rating, day, state = details
        make_response(session, survey_id=survey_id, rating=rating, answered_on=day, state=state)
    elif step == "fold":
        fold_batch(session, limit=details[0])
    elif ids := session.scalars(
        select(Response.id).filter_by(survey_id=survey_id).order_by(Response.id)
    ).all():
        response_id = ids[details[0] % len(ids)]
        with transaction(session):
            if step == "erase":
                forget_counts(session, [response_id])
                session.execute(delete(Response).where(Response.id == response_id))
            else:
                column = {"answer again": "rating", "change state": "state", "change day": "answered_on"}[
                    step
                ]
                values = {column: details[1], "fold_due": True}
                session.execute(update(Response).where(Response.id == response_id).values(**values))


def histogram_says(session: Session, survey_id: int, state: str) -> dict[tuple[date, int], int]:
    rows = daily_counts(session, survey_id, since=None, until=None, states=[state])
    return {(row.day, row.rating): row.n for row in rows}


def rows_say(session: Session, survey_id: int, state: str) -> dict[tuple[date, int], int]:
    rows = session.execute(
        select(Response.answered_on, Response.rating).where(
            Response.survey_id == survey_id, Response.state == state
        )
    )
    return dict(Counter((day, rating) for day, rating in rows))
