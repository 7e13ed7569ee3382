"""The list of themes: the share of each, what is said about it, what has moved, and the rows behind the numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, not_, select
from sqlalchemy.orm import Session, aliased

from feedback_app.responses.models import Response, ResponseState
from feedback_app.scoring.change import Change, share_change
from feedback_app.scoring.intervals import FEWEST_FOR_INTERVAL, Share
from feedback_app.themes.models import ResponseTheme, Theme
from feedback_app.themes.queries import ThemeCount, has_no_theme, has_theme, theme_counts

LABELS = ("negative", "neutral", "positive")
NO_THEME = "none"  # as the inbox's filter says it


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """A theme in a period, and how its share of the comments has moved since the period before."""

    count: ThemeCount
    change: Change

    @property
    def is_small(self) -> bool:
        """Too few comments for a share that means something."""
        return self.count.comments < FEWEST_FOR_INTERVAL

    @property
    def said(self) -> dict[str, int]:
        """How many comments speak of it negatively, neutrally, positively."""
        return {label: getattr(self.count, label) for label in LABELS}

    @property
    def bar(self) -> dict[str, tuple[float, float]]:
        """Where the part of each label begins and how wide it is, in percent of those judged; empty without any."""
        judged, begin, parts = sum(self.said.values()), 0.0, {}
        if not judged:
            return {}
        for label, n in self.said.items():
            width = 100 * n / judged
            parts[label] = (begin, width)
            begin += width
        return parts


@dataclass(frozen=True, slots=True)
class Overview:
    """The themes of the comments of a period, the most frequent first."""

    lines: list[ThemeLine]
    commented: int
    without: int  # comments that no theme covers


class Blamed(NamedTuple):
    """A theme, how many comments speak of it negatively, and of how many in all."""

    theme_id: int
    name: str
    colour: str
    negative: int
    comments: int


def overview(connection: Connection, *, since: datetime, days: int, survey_id: int | None = None) -> Overview:
    """The comments from `since` on, beside those of as many days before."""
    now = theme_counts(connection, since=since, survey_id=survey_id)
    earlier = since - timedelta(days=days)
    before = {
        one.theme_id: one for one in theme_counts(connection, since=earlier, until=since, survey_id=survey_id)
    }
    confirmed = _confirmed(since)
    if survey_id is not None:
        confirmed.append(Response.survey_id == survey_id)
    count = select(func.count()).select_from(Response).where(*confirmed)
    return Overview(
        [ThemeLine(one, _change(before, one)) for one in now],
        now[0].of if now else connection.scalar(count.where(Response.comment != "")) or 0,
        connection.scalar(count.where(has_no_theme())) or 0,
    )


def most_blamed(connection: Connection, *, since: datetime, most: int = 3) -> list[Blamed]:
    """The themes of which most comments since then speak negatively, the worst first."""
    sentiment: ColumnElement[str] = func.coalesce(ResponseTheme.sentiment, Response.sentiment)
    negative = func.count().filter(sentiment == "negative")
    rows = connection.execute(
        select(Theme.id, Theme.name, Theme.colour, negative, func.count())
        .join(ResponseTheme, ResponseTheme.theme_id == Theme.id)
        .join(Response, Response.id == ResponseTheme.response_id)
        .where(Theme.active, not_(ResponseTheme.removed), *_confirmed(since), Response.comment != "")
        .group_by(Theme.id, Theme.name, Theme.colour)
        .having(negative > 0)
        .order_by(negative.desc(), Theme.name)
        .limit(most)
    )
    return [Blamed(*row) for row in rows]


def comments_of(connection: Connection, theme_id: int) -> int:
    """How many comments have the theme, whenever they came."""
    found = select(func.count()).select_from(Response).where(about(str(theme_id)))
    return connection.scalar(found) or 0


def walked(session: Session, theme: Theme) -> tuple[int, int] | None:
    """In how many of all comments the theme's rule was looked for; None if that is done."""
    if not theme.active or theme.applied_up_to is None:
        return None
    written = select(func.count()).select_from(Response).where(Response.comment != "")
    done = session.scalar(written.where(Response.id <= theme.applied_up_to)) or 0
    return done, session.scalar(written) or 0


def about(theme: str, said: str = "") -> ColumnElement[bool]:
    """Condition on a response: it is one of those that the list counts for the theme (its id, or NO_THEME).

    `said`: only those that speak of the theme so; without a theme, of any.
    """
    if theme == NO_THEME:
        return has_no_theme()
    found = _says(int(theme) if theme else None, said) if said else has_theme(int(theme))
    return and_(found, Response.comment != "")


def _says(theme_id: int | None, label: str) -> ColumnElement[bool]:
    """The words about the theme are judged so; where they are not judged by themselves, the whole comment is.

    Without a theme: about any that is switched on.
    """
    row = aliased(ResponseTheme)
    wanted = select(Theme.id).where(Theme.active) if theme_id is None else [theme_id]
    has_it = row.response_id == Response.id, row.theme_id.in_(wanted), not_(row.removed)
    sentiment: ColumnElement[str] = func.coalesce(row.sentiment, Response.sentiment)
    return exists().where(*has_it, sentiment == label)


def _confirmed(since: datetime) -> list[ColumnElement[bool]]:
    return [Response.state == ResponseState.CONFIRMED, Response.created_at >= since]


def _change(before: Mapping[int, ThemeCount], now: ThemeCount) -> Change:
    earlier = before.get(now.theme_id)
    share = Share(earlier.comments, earlier.of) if earlier else Share(0, 0)
    return share_change(share, Share(now.comments, now.of))
