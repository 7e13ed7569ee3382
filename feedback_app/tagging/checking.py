"""Blind checks: comments drawn at random, for a person to judge without sight of the tag."""

import random

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.responses.models import Response, ResponseState
from feedback_app.tagging.models import Judgement
from feedback_app.tagging.verdicts import WORDS

_IS_JUDGED = (
    select(Judgement.id)
    .where(Judgement.response_id == Response.id, Judgement.kind == "sentiment")
    .correlate(Response)
    .exists()
)
CAN_BE_CHECKED = (
    # Written so that no index of states serves: SQLite would sort all answers for the first one.
    Response.state.concat("") == ResponseState.CONFIRMED,
    Response.sentiment_source == WORDS,
    Response.tagged_at.is_not(None),
    ~_IS_JUDGED,
)


def comment_to_check(session: Session, chance: float | None = None) -> Response | None:
    """A comment that the tagger judged and no person has; None if there is none.

    From a random number on, the first that fits: any other way would look at every comment there is. `chance` is
    from 0 to 1.
    """
    highest = session.scalar(select(func.max(Response.id))) or 0
    start = 1 + int((random.random() if chance is None else chance) * highest)  # noqa: S311 - nothing is to be guarded
    rows = select(Response).where(*CAN_BE_CHECKED).order_by(Response.id).limit(1)
    found = session.scalar(rows.where(Response.id >= start))
    return found or session.scalar(rows.where(Response.id < start))


def last_blind_check(session: Session, response_id: int, user_id: int) -> Judgement | None:
    """What this person said of the comment without sight of its tag; None if they did not."""
    return session.scalar(
        select(Judgement)
        .where(
            Judgement.response_id == response_id,
            Judgement.user_id == user_id,
            Judgement.kind == "sentiment",
            Judgement.blind,
        )
        .order_by(Judgement.id.desc())
        .limit(1)
    )
