"""Blind checks: which comment is drawn, and what was said of it."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from feedback_app.db import db
from feedback_app.responses.models import Response
from feedback_app.tagging.checking import CAN_BE_CHECKED, comment_to_check, last_blind_check
from feedback_app.tagging.correcting import correct_sentiment
from tests.factories import make_response, make_survey, make_user


def tagged(session: Session, now: datetime, **given: object) -> int:
    read = {"comment": "Fine", "sentiment": "positive", "sentiment_source": "words", "tagged_at": now}
    return make_response(session, **read | {"tagger_sentiment": "positive"} | given).id


def test_only_what_the_tagger_judged_and_nobody_else_is_drawn(session: Session, now: datetime) -> None:
    survey, mia = make_survey(session).id, make_user(session).id
    tagged(session, now, survey_id=survey, sentiment_source="rating", tagger_sentiment=None)
    tagged(session, now, survey_id=survey, state="suspect")
    tagged(session, now, survey_id=survey, tagged_at=None)
    first, second = (tagged(session, now, survey_id=survey) for _ in range(2))
    drawn = [comment_to_check(session, chance) for chance in (0.0, 0.7, 0.99)]
    assert [one.id for one in drawn if one] == [first, first, second]
    correct_sentiment(session, second, "neutral", user_id=mia, blind=True, now=now)
    beyond_the_last = comment_to_check(session, 0.99)
    assert beyond_the_last is not None
    assert beyond_the_last.id == first
    correct_sentiment(session, first, "positive", user_id=mia, now=now)
    assert comment_to_check(session) is None


def test_a_blind_check_is_kept_with_what_the_tagger_said_and_corrects_it(
    session: Session, now: datetime
) -> None:
    mia, leo = make_user(session).id, make_user(session).id
    response_id = tagged(session, now)
    correct_sentiment(session, response_id, "negative", user_id=mia, blind=True, now=now)
    check = last_blind_check(session, response_id, mia)
    assert check is not None
    assert (check.tagger_said, check.person_said) == ("positive", "negative")
    assert last_blind_check(session, response_id, leo) is None


@pytest.mark.only("sqlite")
def test_a_comment_is_drawn_without_a_look_at_all(session: Session) -> None:
    query = select(Response.id).where(*CAN_BE_CHECKED, Response.id >= 7).order_by(Response.id).limit(1)
    shown = query.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = [step[3] for step in session.execute(text(f"EXPLAIN QUERY PLAN {shown}"))]
    assert "PRIMARY KEY" in plan[0]
    assert not any("TEMP B-TREE" in step for step in plan)
