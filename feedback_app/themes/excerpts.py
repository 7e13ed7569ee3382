"""The part of a comment where a theme's words are, cut in pieces for a page that marks them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from feedback_app.responses.models import Response, ResponseState
from feedback_app.scoring.metrics import metric
from feedback_app.sentiment.themes import ThemeMatcher, ThemeRule
from feedback_app.surveys.models import Survey
from feedback_app.themes.previewing import Example

BEFORE, LONGEST = 80, 280  # characters that are shown before the first of the words, and in all
SEARCHED = 3_000  # comments that examples are looked for in


class Piece(NamedTuple):
    """A stretch of a comment."""

    text: str
    is_marked: bool


def excerpt(example: Example) -> list[Piece]:
    """The comment around its first marked word, with dots where something was left out.

    >>> [piece.text for piece in excerpt(Example(1, "The invoice is wrong.", ((4, 11),)))]
    ['The ', 'invoice', ' is wrong.']
    """
    text, spans = example.comment, example.spans
    start = _begin(text, spans)
    end = min(len(text), start + LONGEST)
    shown = list(_cut(text, [span for span in spans if start <= span[0] and span[1] <= end], start, end))
    dots = Piece("…", False)
    return [dots] * (start > 0) + shown + [dots] * (end < len(text))


def examples_of(
    connection: Connection,
    phrases: Sequence[str],
    *,
    since: datetime | None = None,
    survey_id: int | None = None,
) -> dict[str, Example]:
    """For each phrase a comment of an unhappy customer that has it, if there is one among the newest."""
    matcher = ThemeMatcher([ThemeRule(number, phrase) for number, phrase in enumerate(phrases)])
    found: dict[str, Example] = {}
    for row in connection.execute(_newest(since, survey_id)):
        if metric(row.metric_key, row.points).band_of(row.rating).tone != "bad":
            continue
        for hit in matcher.find(row.comment):
            found.setdefault(phrases[hit.theme_id], Example(row.id, row.comment, hit.spans))
        if len(found) == len(phrases):
            break
    return found


def _newest(since: datetime | None, survey_id: int | None) -> Any:
    columns = Response.id, Response.comment, Response.rating, Survey.metric_key, Survey.points
    wanted = (
        select(*columns)
        .join(Survey, Survey.id == Response.survey_id)
        .where(Response.state == ResponseState.CONFIRMED, Response.comment != "")
        .order_by(Response.created_at.desc(), Response.id.desc())
        .limit(SEARCHED)
    )
    if since is not None:
        wanted = wanted.where(Response.created_at >= since)
    return wanted if survey_id is None else wanted.where(Response.survey_id == survey_id)


def _begin(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Where the shown part begins: not within a word, and near enough to the first marked one."""
    first = spans[0][0] if spans else 0
    if len(text) <= LONGEST or first <= BEFORE:
        return 0
    blank = text.find(" ", first - BEFORE, first)
    return blank + 1 if blank >= 0 else first - BEFORE


def _cut(text: str, spans: Sequence[tuple[int, int]], start: int, end: int) -> Iterator[Piece]:
    at = start
    for first, last in spans:
        if first > at:
            yield Piece(text[at:first], False)
        yield Piece(text[first:last], True)
        at = last
    if at < end:
        yield Piece(text[at:end], False)
