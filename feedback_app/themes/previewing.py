"""What patterns would find, and what a change of them would gain and lose, before anything is saved."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from sqlalchemy import Connection, and_, select

from feedback_app.privacy.masking import without_placeholders
from feedback_app.responses.models import Response, ResponseState
from feedback_app.sentiment.themes import ThemeMatcher, ThemeRule
from feedback_app.themes.applying import PERSON
from feedback_app.themes.models import ResponseTheme, Theme
from feedback_app.themes.services import checked_patterns

NEWEST = 5_000  # comments that are looked at: more would take longer than a page may
MOST_SECONDS = 2.0
MOST_EXAMPLES = 20
_BATCH = 1_000
_BEFORE, _AFTER = 1, 2  # the two rules, as the matcher tells them apart


class _Comment(NamedTuple):
    """A comment, and what a person said of it: whether the theme was removed; None if nobody has spoken."""

    response_id: int
    text: str
    removed: bool | None


class Example(NamedTuple):
    """A comment, and the places of the words that the patterns find in it."""

    response_id: int
    comment: str
    spans: tuple[tuple[int, int], ...]


@dataclass
class Group:
    """How many comments, and the newest of them."""

    comments: int = 0
    examples: list[Example] = field(default_factory=list)

    def add(self, example: Example) -> None:
        self.comments += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(example)


@dataclass
class Preview:
    """What the newest comments would have of a theme. What people have said counts as it does for good."""

    looked_at: int = 0
    is_complete: bool = True  # False: the time was up before all of the newest comments were looked at
    found: Group = field(default_factory=Group)  # would have the theme
    gained: Group = field(default_factory=Group)  # would, and do not by the patterns of today
    lost: Group = field(default_factory=Group)  # do, and would not

    @property
    def now(self) -> int:
        """How many have the theme by the patterns of today."""
        return self.found.comments - self.gained.comments + self.lost.comments


def preview(
    connection: Connection,
    patterns: str,
    *,
    theme_id: int | None = None,
    newest: int = NEWEST,
    seconds: float = MOST_SECONDS,
) -> Preview:
    """What these patterns find in the newest comments, beside those that the theme has today, if there is one.

    Raises PatternsWrong.
    """
    before = connection.scalar(select(Theme.patterns).where(Theme.id == theme_id)) or ""
    after = checked_patterns(patterns)
    is_changed = after != before  # else once through them does for both
    rules = [ThemeRule(_AFTER, after), *([ThemeRule(_BEFORE, before)] if is_changed else [])]
    matcher = ThemeMatcher(rules)
    shown = Preview()
    until = monotonic() + seconds
    for comments in _batches(connection, theme_id, newest):
        if monotonic() > until:
            shown.is_complete = False
            break
        for comment in comments:
            _look(shown, comment, matcher, _BEFORE if is_changed else _AFTER)
    return shown


def _look(shown: Preview, comment: _Comment, matcher: ThemeMatcher, rule_of_today: int) -> None:
    """Count one comment."""
    places = {hit.theme_id: hit.spans for hit in matcher.find(without_placeholders(comment.text))}
    if comment.removed is None:
        had, has = rule_of_today in places, _AFTER in places
    else:
        had = has = not comment.removed
    example = Example(comment.response_id, comment.text, places.get(_AFTER if has else rule_of_today, ()))
    shown.looked_at += 1
    if has:
        shown.found.add(example)
    if has and not had:
        shown.gained.add(example)
    if had and not has:
        shown.lost.add(example)


def _batches(connection: Connection, theme_id: int | None, newest: int) -> Iterator[list[_Comment]]:
    """The newest confirmed comments, with a person's word on this theme."""
    said = and_(
        ResponseTheme.response_id == Response.id,
        ResponseTheme.theme_id == theme_id,
        ResponseTheme.source == PERSON,
    )
    # Written so that no index of the state serves: SQLite would sort all confirmed comments for each batch.
    is_confirmed = Response.state.concat("") == ResponseState.CONFIRMED
    wanted = (
        select(Response.id, Response.comment, ResponseTheme.removed)
        .outerjoin(ResponseTheme, said)
        .where(Response.comment != "", is_confirmed)
        .order_by(Response.id.desc())
    )
    last: int | None = None
    while newest > 0:
        batch = wanted if last is None else wanted.where(Response.id < last)
        rows = [_Comment(*row) for row in connection.execute(batch.limit(min(_BATCH, newest)))]
        if not rows:
            return
        yield rows
        newest, last = newest - len(rows), rows[-1].response_id
