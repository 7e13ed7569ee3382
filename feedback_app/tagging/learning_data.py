"""What there is to learn from: this installation's own ratings with words, and people's corrections."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any, cast

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseState
from feedback_app.sentiment.tagger import Label, Reason
from feedback_app.sentiment.text import LIMIT, clean, has_words, is_non_answer
from feedback_app.surveys.queries import all_surveys
from feedback_app.tagging.pairs import Pair, Standing
from feedback_app.tagging.verdicts import LABEL_OF_TONE, PERSON

MOST = 20_000  # the newest; older ones tell of how the product was
WEIGHT_OF_A_PERSON = 2.0
PARTS = 5  # one of them is held out: never trained on, only tested with


def is_held_out(response_id: int) -> bool:
    """Whether the response is in the fifth that is only tested with: the same for ever, whatever is learned when."""
    return sha256(f"held out {response_id}".encode()).digest()[0] % PARTS == 0


def standing(session: Session) -> Standing:
    """How many of the newest comments there are of each label."""
    label_of = _labels(session)
    rows = session.execute(_newest(Response.survey_id, Response.rating, *_PERSONS_WORD)).all()
    corrected = sum(row.sentiment_source == PERSON for row in rows)
    return Standing.of((_label(row, label_of) for row in rows), corrected)


def own_pairs(session: Session) -> list[Pair]:
    """The newest comments with words and their labels, newest first."""
    return list(_read(session))


_PERSONS_WORD = (Response.sentiment, Response.sentiment_source)


def _read(session: Session) -> Iterator[Pair]:
    label_of = _labels(session)
    columns = (Response.id, Response.survey_id, Response.rating, Response.comment, *_PERSONS_WORD)
    asked = _newest(*columns, Person.name).outerjoin(Person, Person.id == Response.person_id)
    for row in session.execute(asked):
        text = row.comment[:LIMIT]
        if not is_answer(text):
            continue
        yield Pair(
            text=text,
            label=_label(row, label_of),
            weight=WEIGHT_OF_A_PERSON if row.sentiment_source == PERSON else 1.0,
            held_out=is_held_out(row.id),
            names=(row.name,) if row.name else (),
        )


def is_answer(text: str) -> bool:
    """Whether there is anything to learn from: words, and not only "n/a"."""
    readable = clean(text).text
    return has_words(readable) and not is_non_answer(readable)


def _newest(*columns: Any) -> Select[Any]:
    """The newest confirmed responses with a comment that was, or is to be, read."""
    has_content = or_(
        Response.untagged_reason.is_(None),
        Response.untagged_reason == Reason.LANGUAGE,
        Response.sentiment_source == PERSON,
    )
    return (
        select(*columns)
        .where(Response.state == ResponseState.CONFIRMED, Response.comment != "", has_content)
        .order_by(Response.created_at.desc(), Response.id.desc())
        .limit(MOST)
    )


def _labels(session: Session) -> dict[tuple[int, int], Label]:
    """What a rating of a survey says of the mood."""
    return {
        (survey.id, rating): LABEL_OF_TONE[survey.metric.band_of(rating).tone]
        for survey in all_surveys(session)
        for rating in survey.metric.scale.values
    }


def _label(row: Any, label_of: dict[tuple[int, int], Label]) -> Label:
    """A person's word, else the rating's."""
    if row.sentiment_source == PERSON and row.sentiment:
        return cast(Label, row.sentiment)
    return label_of[row.survey_id, row.rating]
