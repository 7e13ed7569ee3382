"""The part of a comment where a theme's words are, cut in pieces for a page that marks them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from feedback_app.excerpts import Piece, cut
from feedback_app.scoring.metrics import metric
from feedback_app.sentiment.themes import ThemeMatcher, ThemeRule
from feedback_app.themes.previewing import Example
from feedback_app.themes.queries import newest_comments

BEFORE, LONGEST = 80, 280  # characters that are shown before the first of the words, and in all
SEARCHED = 3_000  # comments that examples are looked for in


def excerpt(example: Example) -> list[Piece]:
    """The comment around its first marked word, with dots where something was left out.

    >>> [piece.text for piece in excerpt(Example(1, "The invoice is wrong.", ((4, 11),)))]
    ['The ', 'invoice', ' is wrong.']
    """
    text, spans = example.comment, example.spans
    start = _begin(text, spans)
    end = min(len(text), start + LONGEST)
    shown = list(cut(text, [span for span in spans if start <= span[0] and span[1] <= end], start, end))
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
    for row in connection.execute(newest_comments(since, survey_id, SEARCHED)):
        if metric(row.metric_key, row.points).band_of(row.rating).tone != "bad":
            continue
        for hit in matcher.find(row.comment):
            found.setdefault(phrases[hit.theme_id], Example(row.id, row.comment, hit.spans))
        if len(found) == len(phrases):
            break
    return found


def _begin(text: str, spans: Sequence[tuple[int, int]]) -> int:
    """Where the shown part begins: not within a word, and near enough to the first marked one."""
    first = spans[0][0] if spans else 0
    if len(text) <= LONGEST or first <= BEFORE:
        return 0
    blank = text.find(" ", first - BEFORE, first)
    return blank + 1 if blank >= 0 else first - BEFORE
