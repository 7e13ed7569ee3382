"""Which themes there are, which comments have them, and how many of those are glad or not.

A theme that is switched off keeps its rows, but they are neither shown nor counted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased

from feedback_app.responses.models import Response, ResponseState
from feedback_app.scoring.intervals import Interval, Share, wilson
from feedback_app.sentiment import Reason
from feedback_app.surveys.models import Survey
from feedback_app.themes.models import ResponseTheme, Theme

# A comment that was changed has no themes until it has been read anew: those it had are about other words.
HAS_BEEN_READ = or_(Response.tagged_at.is_not(None), Response.tagger.is_not(None))
LABELS = ("negative", "neutral", "positive")
_SENTIMENT = func.coalesce(ResponseTheme.sentiment, Response.sentiment)


@dataclass(frozen=True, slots=True)
class ThemeOf:
    """A theme of a comment. `sentiment` is that of the clauses about it, or the comment's own if they are all of it."""

    theme_id: int
    name: str
    colour: str
    sentiment: str | None
    source: str  # "rule" or "person"
    spans: tuple[tuple[int, int], ...]  # of its words in the comment


@dataclass(frozen=True, slots=True)
class ThemeCount:
    """How many of the comments are about a theme, and how they sound."""

    theme_id: int
    name: str
    colour: str
    comments: int  # that have the theme
    negative: int
    neutral: int
    positive: int
    of: int  # comments in all

    @property
    def share(self) -> float | None:
        """Percent of all comments, unrounded; None if there are none."""
        return Share(self.comments, self.of).percent

    @property
    def interval(self) -> Interval | None:
        return wilson(self.comments, self.of)

    @property
    def unjudged(self) -> int:
        return self.comments - self.negative - self.neutral - self.positive


def newest_comments(since: datetime | None, survey_id: int | None, limit: int) -> Select[Any]:
    """The newest confirmed comments with id, rating, and the metric and points that say what the rating means."""
    wanted: Any = (
        select(Response.id, Response.comment, Response.rating, Survey.metric_key, Survey.points)
        .join(Survey, Survey.id == Response.survey_id)
        .where(Response.state == ResponseState.CONFIRMED, Response.comment != "")
        .order_by(Response.created_at.desc(), Response.id.desc())
        .limit(limit)
    )
    if since is not None:
        wanted = wanted.where(Response.created_at >= since)
    return wanted if survey_id is None else wanted.where(Response.survey_id == survey_id)


def all_themes(session: Session) -> list[Theme]:
    """Every theme by name, those that are switched off or were merged into another last."""
    is_off = not_(Theme.active)
    return list(session.scalars(select(Theme).order_by(is_off, Theme.name_key)))


def active_themes(session: Session) -> list[Theme]:
    """The themes that comments are read for, by name."""
    return list(session.scalars(select(Theme).where(Theme.active).order_by(Theme.name_key)))


def themes_of(connection: Connection, response_ids: Collection[int]) -> dict[int, list[ThemeOf]]:
    """The themes of these responses, by name; a response without any is missing."""
    rows = connection.execute(
        select(
            ResponseTheme.response_id,
            Theme.id,
            Theme.name,
            Theme.colour,
            _SENTIMENT.label("sentiment"),
            ResponseTheme.source,
            ResponseTheme.spans,
        )
        .join(Theme, Theme.id == ResponseTheme.theme_id)
        .join(Response, Response.id == ResponseTheme.response_id)
        .where(ResponseTheme.response_id.in_(response_ids), not_(ResponseTheme.removed), Theme.active)
        .where(HAS_BEEN_READ | (ResponseTheme.source == "person"))
        .order_by(Theme.name_key)
    )
    found: dict[int, list[ThemeOf]] = {}
    for response_id, theme_id, name, colour, sentiment, source, spans in rows:
        theme = ThemeOf(
            theme_id, name, colour, sentiment, source, tuple((start, end) for start, end in spans)
        )
        found.setdefault(response_id, []).append(theme)
    return found


def has_theme(theme_id: int) -> ColumnElement[bool]:
    """Condition on a response: its comment has this theme."""
    rows = aliased(ResponseTheme)
    return exists().where(rows.response_id == Response.id, rows.theme_id == theme_id, not_(rows.removed))


def has_no_theme() -> ColumnElement[bool]:
    """Condition on a response: its comment was read, says something, and has no theme that is switched on."""
    rows = aliased(ResponseTheme)
    has_one = exists().where(
        rows.response_id == Response.id, not_(rows.removed), rows.theme_id == Theme.id, Theme.active
    )
    says_something = func.coalesce(Response.untagged_reason, "") != Reason.NO_CONTENT
    return and_(Response.comment != "", Response.tagged_at.is_not(None), says_something, not_(has_one))


def theme_counts(
    connection: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    survey_id: int | None = None,
) -> list[ThemeCount]:
    """Each theme that is switched on with its confirmed comments from `since` to before `until`, the most first."""
    narrowed = _narrowed(since, until, survey_id)
    of = connection.scalar(select(func.count()).select_from(Response).where(*narrowed)) or 0
    said: ColumnElement[str] = _SENTIMENT
    judged = [func.count().filter(said == label) for label in LABELS]
    counted = (
        select(ResponseTheme.theme_id, func.count(), *judged)
        .join(Response, Response.id == ResponseTheme.response_id)
        .where(not_(ResponseTheme.removed), *narrowed)
        .group_by(ResponseTheme.theme_id)
    )
    counts: dict[int, Sequence[int]] = {row[0]: row[1:] for row in connection.execute(counted)}
    found = []
    for theme in connection.execute(select(Theme.id, Theme.name, Theme.colour).where(Theme.active)):
        comments, negative, neutral, positive = counts.get(theme.id, (0, 0, 0, 0))
        found.append(ThemeCount(*theme, comments, negative, neutral, positive, of))
    return sorted(found, key=lambda one: (-one.comments, one.name.casefold()))


def _narrowed(
    since: datetime | None, until: datetime | None, survey_id: int | None
) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [Response.state == ResponseState.CONFIRMED, Response.comment != ""]
    if since is not None:
        conditions.append(Response.created_at >= since)
    if until is not None:
        conditions.append(Response.created_at < until)
    if survey_id is not None:
        conditions.append(Response.survey_id == survey_id)
    return conditions
