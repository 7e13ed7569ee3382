"""What /settings/tagging shows of the comments: who read the newest, and what was not read."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from feedback_app.responses.models import Response, ResponseState
from feedback_app.sentiment.tagger import Reason

NEWEST = 10_000  # comments that are looked at: all of them would take long where there are millions


@dataclass(frozen=True, slots=True)
class Newest:
    """What became of the newest comments."""

    comments: int = 0
    waiting: int = 0
    by_tagger: Counter[str] = field(default_factory=Counter)  # name and version -> comments it read
    unread_languages: Counter[str] = field(default_factory=Counter)
    without_content: int = 0
    failed: int = 0
    by_people: int = 0  # of all these: a person's word counts

    @property
    def read(self) -> int:
        return self.comments - self.waiting


def newest_comments(connection: Connection) -> Newest:
    """The newest comments, counted by what became of them."""
    found: dict[str, Counter[str]] = {name: Counter() for name in ("tagger", "language", "other")}
    for row in connection.execute(_COUNTS):
        found["other"]["comments"] += row.comments
        if row.sentiment_source == "person":
            found["other"]["people"] += row.comments
        if row.is_waiting:
            found["other"]["waiting"] += row.comments
        elif row.untagged_reason == Reason.LANGUAGE:
            found["language"][row.comment_language or ""] += row.comments
        elif row.untagged_reason:
            found["other"][row.untagged_reason] += row.comments
        elif row.tagger:
            found["tagger"][row.tagger] += row.comments
    other = found["other"]
    return Newest(
        comments=other["comments"],
        waiting=other["waiting"],
        by_tagger=found["tagger"],
        unread_languages=found["language"],
        without_content=other[Reason.NO_CONTENT],
        failed=other["failed"],
        by_people=other["people"],
    )


_THESE = (
    select(
        Response.tagger,
        Response.untagged_reason,
        Response.comment_language,
        Response.sentiment_source,
        Response.tagged_at.is_(None).label("is_waiting"),
    )
    .where(Response.state == ResponseState.CONFIRMED, Response.comment != "")
    .order_by(Response.created_at.desc(), Response.id.desc())
    .limit(NEWEST)
    .subquery()
)
_COUNTS = select(*_THESE.c, func.count().label("comments")).group_by(*_THESE.c)
