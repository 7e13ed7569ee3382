"""The list of comments to look at twice, and what takes one off it."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from feedback_app.db import db
from feedback_app.errors import NotFound
from feedback_app.responses.adding import change_response
from feedback_app.responses.models import Response
from feedback_app.reviews.filters import InboxFilters, Order, plain_conditions
from feedback_app.reviews.queries import ROWS, stretches
from feedback_app.scoring.metrics import metric
from feedback_app.sentiment.clash import Clash, clash
from feedback_app.sentiment.registry import DEFAULT, tagger
from feedback_app.tagging.looking import look_reason, open_count, settle
from tests.factories import make_response, make_survey, make_user


def test_a_person_who_has_looked_takes_it_off_the_list(session: Session, now: datetime) -> None:
    odd = make_response(session, comment="Great", rating=0, look_twice="words-better")
    make_response(session, comment="Great", rating=0, look_twice="words-better", state="suspect")
    make_response(session, comment="Great")
    assert open_count(session) == 1
    settle(session, odd.id, user_id=make_user(session).id, now=now)
    session.expire_all()
    assert open_count(session) == 0
    assert (odd.rating, odd.look_twice, odd.looked_at) == (0, "words-better", now)


@pytest.mark.parametrize("change", [{"comment": "Awful"}, {"rating": 3}])
def test_another_comment_or_rating_is_to_be_compared_anew(
    session: Session, now: datetime, change: dict[str, object]
) -> None:
    odd = make_response(
        session, comment="Great", rating=0, look_twice="words-better", looked_at=now, tagged_at=now
    )
    change_response(session, odd.survey_id, odd.id, change, now=now)
    session.expire_all()
    assert (odd.look_twice, odd.looked_at, odd.tagged_at) == (None, None, None)


def test_settling_what_is_gone_says_so(session: Session, now: datetime) -> None:
    with pytest.raises(NotFound):
        settle(session, 999, user_id=1, now=now)


def test_the_examples_of_the_how_to_come_to_the_list_for_the_reason_it_names() -> None:
    page = (Path(__file__).parents[3] / "docs/how-to/review-tags.md").read_text(encoding="utf-8")
    examples = re.findall(r'a (\d+) beside "([^"]+)"', page)
    found = [
        clash(tagger(DEFAULT).tag(words), metric("nps").band_of(int(rating)).tone, words)
        for rating, words in examples
    ]
    sarcasms = [Clash.SARCASM] * 2
    assert found == [Clash.SCALE_MISREAD, *sarcasms, Clash.WORDS_BETTER, Clash.WORDS_WORSE]


def test_every_reason_is_told_in_a_sentence() -> None:
    assert [look_reason(reason, 3)[-1] for reason in Clash] == ["?"] * len(Clash)


@pytest.mark.only("sqlite")
@pytest.mark.parametrize("order", ["newest", "worst"])
def test_the_list_is_read_from_its_index(session: Session, order: Order) -> None:
    surveys = {1: make_survey(session)}
    filters = InboxFilters(reader_id=1, look="twice", order=order)
    narrowed = ROWS.where(*plain_conditions(filters, surveys))
    query = next(stretches(narrowed, filters, surveys, None, False)).with_only_columns(Response.id).limit(41)
    shown = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [step[3] for step in session.execute(text(f"EXPLAIN QUERY PLAN {shown}"))]
    assert "ix_response_look_twice" in plan[0]
    assert not any("TEMP B-TREE" in step for step in plan)
