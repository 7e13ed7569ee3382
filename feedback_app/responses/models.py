"""Responses, their earlier versions, and the daily histogram that dashboards read."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class ResponseState(StrEnum):
    CONFIRMED = "confirmed"  # a person did something: a tap, a word, the button
    UNCONFIRMED = "unconfirmed"  # a rating came from the link without a human sign
    SUSPECT = "suspect"  # looks like a link scanner: kept, listed, not counted


class Channel(StrEnum):
    EMAIL = "email"
    LINK = "link"
    API = "api"
    IMPORT = "import"


class Response(Base):
    """One person's answer, as given; scores are worked out on reading."""

    __tablename__ = "response"
    __table_args__ = (
        CheckConstraint("rating BETWEEN 0 AND 10", name="rating_on_a_known_scale"),
        CheckConstraint("state IN ('confirmed', 'unconfirmed', 'suspect')", name="known_state"),
        Index("ix_response_newest", "state", "created_at", "id"),
        Index("ix_response_worst", "state", "position", "created_at", "id"),
        Index("ix_response_survey", "survey_id", "state", "created_at", "id"),
        Index("ix_response_person", "person_id", "created_at"),
        # The work lists: small, because a row leaves them when its work is done.
        Index("ix_response_to_fold", "id", sqlite_where=text("fold_due"), postgresql_where=text("fold_due")),
        Index(
            "ix_response_to_tag",
            "id",
            sqlite_where=text("tagged_at IS NULL AND comment <> ''"),
            postgresql_where=text("tagged_at IS NULL AND comment <> ''"),
        ),
        Index(
            "ix_response_look_twice",
            "created_at",
            "id",
            sqlite_where=text("look_twice IS NOT NULL AND looked_at IS NULL"),
            postgresql_where=text("look_twice IS NOT NULL AND looked_at IS NULL"),
        ),
        Index("ix_response_changed", "survey_id", "updated_at", "id"),
        Index("uq_response_external_id", "survey_id", "external_id", unique=True),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    permalink: Mapped[str] = mapped_column(String(32), unique=True)  # 32 random letters and digits
    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"))
    # One answer to one invitation, one to one open form: decided by these two indexes, nowhere else.
    invitation_id: Mapped[int | None] = mapped_column(
        ForeignKey("invitation.id", ondelete="SET NULL"), unique=True
    )
    nonce: Mapped[str | None] = mapped_column(String(64), unique=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    rating: Mapped[int]
    position: Mapped[int]  # the rating's place on its scale, 0 worst to 100 best: sorts across surveys
    comment: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str] = mapped_column(String(10))
    locale: Mapped[str] = mapped_column(String(12), default="en")  # of the page that was answered
    claimed_email: Mapped[str | None] = mapped_column(String(254))  # ?email= of an open link: never verified
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # `person_properties` in /v1
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)  # given by programs and imports
    # As Delighted writes them: [{"id", "question": {"id", "type", "text"}, "value": {...}}]
    additional_answers: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    external_id: Mapped[str | None] = mapped_column(
        String(200)
    )  # where it came from, for an import that is repeated
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # the first time; the edit window starts here
    answered_on: Mapped[date]  # the day of created_at in the workspace's zone

    # What the histogram holds of this row; `fold_due` says that it no longer agrees.
    fold_due: Mapped[bool] = mapped_column(default=True)
    folded_on: Mapped[date | None]
    folded_rating: Mapped[int | None]
    folded_state: Mapped[str | None] = mapped_column(String(12))

    # What the comment says. `sentiment` is what counts: a person's word, else the tagger's, else, of a comment in a
    # language that the tagger cannot read, the rating's. `tagged_at` is null until the tagger has read the comment.
    sentiment: Mapped[str | None] = mapped_column(String(10))  # negative, neutral, positive; None: not judged
    sentiment_source: Mapped[str | None] = mapped_column(String(10))  # "words", "rating", "person"
    tagger_sentiment: Mapped[str | None] = mapped_column(String(10))  # what the tagger made of the words
    polarity: Mapped[float | None]  # -1 to +1, of the words
    confidence: Mapped[float | None]  # 0 to 1, of the tagger
    subjectivity: Mapped[float | None]  # 0 to 1
    comment_language: Mapped[str | None] = mapped_column(String(12))
    untagged_reason: Mapped[str | None] = mapped_column(String(40))  # "no-content", "language", "failed"
    evidence: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON
    )  # [{"start", "end", "word", "weight"}]
    tagger: Mapped[str | None] = mapped_column(String(60))  # name and version
    tagged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tag_attempts: Mapped[int] = mapped_column(default=0)
    tag_lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Why the words do not go with the rating; see sentiment/clash.py. A person who looked settles it.
    look_twice: Mapped[str | None] = mapped_column(String(20))
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


# What is said of a comment, and what a new comment makes void.
TAG_COLUMNS = (
    "sentiment",
    "sentiment_source",
    "tagger_sentiment",
    "polarity",
    "confidence",
    "subjectivity",
    "comment_language",
    "untagged_reason",
    "evidence",
    "tagger",
    "tagged_at",
    "tag_lease_until",
    "look_twice",
    "looked_at",
)
# What a new rating makes void. The tag stays until the comment is read again beside it.
RATED_COLUMNS = ("tagged_at", "look_twice", "looked_at")


class ResponseVersion(Base):
    """What was answered, each time it was: the history behind a response. Appended only."""

    __tablename__ = "response_version"
    __table_args__ = (Index("ix_response_version_response_id", "response_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    rating: Mapped[int]
    comment: Mapped[str | None] = mapped_column(Text)  # None: this time only a rating came
    state: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class DailyCount(Base):
    """The histogram: how many responses of a survey, day, rating and state. With the rows not yet folded in
    it is exact at any moment, see `rating_counts` in responses/histogram.py."""

    __tablename__ = "daily_count"

    survey_id: Mapped[int] = mapped_column(ForeignKey("survey.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rating: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12), primary_key=True)
    responses: Mapped[int]
