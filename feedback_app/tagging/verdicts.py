"""What is written of a comment once the tagger has read it: its columns, beside what people have said of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from feedback_app.responses.models import TAG_COLUMNS
from feedback_app.scoring.metrics import Tone, metric
from feedback_app.sentiment import Reason, Tag
from feedback_app.sentiment.clash import clash
from feedback_app.sentiment.tagger import Label

WORDS, RATING, PERSON = "words", "rating", "person"  # whose the sentiment is
FAILED = "failed"
LABEL_OF_TONE: Mapping[Tone, Label] = {"bad": "negative", "middle": "neutral", "good": "positive"}

VERDICT = (*TAG_COLUMNS, "tag_attempts")


class Standing(NamedTuple):
    """A comment and what is known of it at the moment of writing."""

    comment: str
    rating: int
    metric_key: str
    points: int
    sentiment: str | None
    sentiment_source: str | None
    looked_at: datetime | None

    @property
    def tone(self) -> Tone:
        return metric(self.metric_key, self.points).band_of(self.rating).tone

    @property
    def is_a_persons(self) -> bool:
        return self.sentiment_source == PERSON


def judged(tag: Tag, standing: Standing, now: datetime) -> dict[str, Any]:
    """The columns of a comment that the tagger has read."""
    said = Tag(tag.tagger, tag.version) if tag.reason else tag
    sentiment, source = _what_counts(tag, standing)
    return _verdict(
        sentiment=sentiment,
        sentiment_source=source,
        tagger_sentiment=said.label,
        polarity=said.polarity,
        confidence=said.confidence,
        subjectivity=said.subjectivity,
        comment_language=tag.language,
        untagged_reason=tag.reason,
        evidence=[word._asdict() for word in said.evidence],
        tagger=f"{tag.tagger} {tag.version}"[:60],
        tagged_at=now,
        look_twice=None if _agrees(standing) else clash(said, standing.tone, standing.comment),
        looked_at=standing.looked_at,
    )


def given_up(failures: int, standing: Standing, now: datetime) -> dict[str, Any]:
    """The columns of a comment that no further attempt is made on."""
    kept = (standing.sentiment, PERSON) if standing.is_a_persons else (None, None)
    return _verdict(
        sentiment=kept[0],
        sentiment_source=kept[1],
        untagged_reason=FAILED,
        evidence=[],
        tagged_at=now,
        tag_attempts=failures,
        looked_at=standing.looked_at,
    )


def _what_counts(tag: Tag, standing: Standing) -> tuple[str | None, str | None]:
    """The sentiment and whose it is: a person's word, else the tagger's, else the rating's where words are foreign."""
    if standing.is_a_persons:
        return standing.sentiment, PERSON
    if tag.reason == Reason.LANGUAGE:
        return LABEL_OF_TONE[standing.tone], RATING
    if tag.reason or not tag.label:
        return None, None
    return tag.label, WORDS


def _agrees(standing: Standing) -> bool:
    """Whether a person has read the words as the rating says: then nothing contradicts it, whatever the tagger made."""
    return standing.is_a_persons and standing.sentiment == LABEL_OF_TONE[standing.tone]


def _verdict(**given: Any) -> dict[str, Any]:
    values = dict.fromkeys(VERDICT) | {"tag_attempts": 0} | given
    return {f"new_{column}": value for column, value in values.items()}
