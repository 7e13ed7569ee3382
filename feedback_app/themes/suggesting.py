"""What themes lack: phrases that unhappy customers use, and words that people's corrections have in common."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, not_, select

from feedback_app.privacy.masking import without_placeholders
from feedback_app.responses.models import Response
from feedback_app.scoring.bands import Tone
from feedback_app.scoring.metrics import metric
from feedback_app.sentiment.phrases import Phrase, distinctive_phrases
from feedback_app.sentiment.themes import ThemeMatcher, ThemeRule
from feedback_app.themes.applying import PERSON, matcher_of, rules_in_force
from feedback_app.themes.models import ResponseTheme, Theme
from feedback_app.themes.queries import newest_comments

NEWEST = 8_000  # comments that phrases are looked for in: more would take longer than a page may
MOST_KEPT = 16  # sets of comments whose phrases are known already
COMPARED = 2_000  # comments that corrected ones are held against
MOST_PHRASES, MOST_WORDS = 30, 20
FEWEST_CORRECTED = 2  # comments that a suggestion rests on
HARDLY_CHANCE = 1.96  # z of a suggestion: a person decides on each
MOST_SUGGESTIONS = 10


class UnhappyPhrase(NamedTuple):
    """A phrase that sets unhappy customers apart, and the themes whose patterns find it already."""

    text: str
    z: float
    comments: int  # of unhappy customers
    others: int  # of happy ones
    theme_ids: tuple[int, ...]


class UnhappyPhrases(NamedTuple):
    """Phrases of two or three words and single ones, the most telling first, and how many comments they are from."""

    phrases: list[UnhappyPhrase]
    words: list[UnhappyPhrase]
    unhappy: int
    happy: int
    read_since: datetime | None  # when the oldest comment came that was read; None: all of the period were


class _Read(NamedTuple):
    """The comments of unhappy and of happy customers."""

    bad: list[str]
    good: list[str]
    since: datetime | None


class Suggestion(NamedTuple):
    """A pattern to add to a theme: it is found in `n` of the comments that people corrected, of `of`."""

    phrase: str
    n: int
    of: int


class DoubtfulPattern(NamedTuple):
    """A pattern that people took the theme away from `removed` times, of the `found` comments that it finds."""

    pattern: str
    removed: int
    found: int


def unhappy_phrases(
    connection: Connection,
    *,
    since: datetime | None = None,
    survey_id: int | None = None,
    newest: int = NEWEST,
) -> UnhappyPhrases:
    """What customers in the bad band of their metric write more often than those in the good one."""
    read = _by_tone(connection, since, survey_id, newest)
    matcher = matcher_of(tuple(rules_in_force()))
    found = [_known(phrase, matcher) for phrase in _telling(read.bad, read.good)]
    phrases = [one for one in found if " " in one.text][:MOST_PHRASES]
    words = [one for one in found if " " not in one.text][:MOST_WORDS]
    return UnhappyPhrases(phrases, words, len(read.bad), len(read.good), read.since)


def suggested_patterns(connection: Connection, theme_id: int) -> list[Suggestion]:
    """Words of the comments that people gave the theme by hand, and that its patterns do not find."""
    matcher = _matcher(connection, theme_id)
    given = [text for text in _corrected(connection, theme_id, removed=False) if not matcher.find(text)]
    if len(given) < FEWEST_CORRECTED:
        return []
    others = _others(connection, theme_id)
    found = distinctive_phrases(given, others, fewest=FEWEST_CORRECTED, least_z=HARDLY_CHANCE)
    return [Suggestion(one.text, one.comments, len(given)) for one in found[:MOST_SUGGESTIONS]]


def suggested_exceptions(connection: Connection, theme_id: int) -> list[Suggestion]:
    """Phrases to leave out: around the theme's words, in comments that people took the theme away from."""
    matcher = _matcher(connection, theme_id)
    removed = [text for text in _corrected(connection, theme_id, removed=True) if matcher.find(text)]
    if len(removed) < FEWEST_CORRECTED:
        return []
    kept = _with_theme(connection, theme_id)
    found = distinctive_phrases(removed, kept, fewest=FEWEST_CORRECTED, least_z=HARDLY_CHANCE)
    around = [one for one in found if " " in one.text and matcher.find(one.text)]
    return [Suggestion(f"-{one.text}", one.comments, len(removed)) for one in around[:MOST_SUGGESTIONS]]


def doubtful_patterns(connection: Connection, theme_id: int) -> list[DoubtfulPattern]:
    """The patterns that people have taken the theme away from at least as often as they were left, worst first."""
    matcher = _matcher(connection, theme_id)
    removed = _finds(matcher, _corrected(connection, theme_id, removed=True))
    kept = _finds(matcher, _with_theme(connection, theme_id))
    doubtful = [
        DoubtfulPattern(pattern, n, n + kept[pattern])
        for pattern, n in removed.items()
        if n >= FEWEST_CORRECTED and n >= kept[pattern]
    ]
    return sorted(doubtful, key=lambda one: (-one.removed, one.pattern))


def _by_tone(connection: Connection, since: datetime | None, survey_id: int | None, newest: int) -> _Read:
    """What customers said, among the newest confirmed comments."""
    texts: dict[Tone, list[str]] = {"bad": [], "middle": [], "good": []}
    tones: dict[tuple[int, str, int], Tone] = {}
    rows = connection.execute(newest_comments(since, survey_id, newest)).all()
    for row in rows:
        rated = (row.rating, row.metric_key, row.points)
        if rated not in tones:
            tones[rated] = metric(row.metric_key, row.points).band_of(row.rating).tone
        texts[tones[rated]].append(without_placeholders(row.comment))
    oldest = select(Response.created_at).where(Response.id == rows[-1].id) if len(rows) == newest else None
    return _Read(texts["bad"], texts["good"], None if oldest is None else connection.scalar(oldest))


_kept: dict[bytes, list[Phrase]] = {}


def _telling(bad: list[str], good: list[str]) -> list[Phrase]:
    """The phrases that set the first apart, worked out once in a process for the same comments.

    They are known again by a digest, so that this is never behind the comments, and keeps none that was erased.
    """
    comments = sha256(repr((bad, good)).encode()).digest()
    found = _kept.get(comments)
    if found is None:
        found = distinctive_phrases(bad, good)
        for oldest in list(_kept)[: max(0, len(_kept) + 1 - MOST_KEPT)]:
            _kept.pop(oldest, None)
        _kept[comments] = found
    return found


def _known(phrase: Phrase, matcher: ThemeMatcher) -> UnhappyPhrase:
    themes = tuple(hit.theme_id for hit in matcher.find(phrase.text))
    return UnhappyPhrase(phrase.text, phrase.z, phrase.comments, phrase.others, themes)


def _matcher(connection: Connection, theme_id: int) -> ThemeMatcher:
    patterns = connection.scalar(select(Theme.patterns).where(Theme.id == theme_id)) or ""
    return ThemeMatcher([ThemeRule(theme_id, patterns)])


def _corrected(connection: Connection, theme_id: int, *, removed: bool) -> Sequence[str]:
    """The newest comments that people gave the theme, or took it from."""
    said = ResponseTheme.source == PERSON, ResponseTheme.removed.is_(removed)
    return _texts(connection, ResponseTheme.theme_id == theme_id, *said)


def _with_theme(connection: Connection, theme_id: int) -> Sequence[str]:
    return _texts(connection, ResponseTheme.theme_id == theme_id, not_(ResponseTheme.removed))


def _texts(connection: Connection, *conditions: ColumnElement[bool]) -> Sequence[str]:
    wanted = (
        select(Response.comment)
        .join(ResponseTheme, ResponseTheme.response_id == Response.id)
        .where(*conditions)
        .order_by(ResponseTheme.response_id.desc())
        .limit(COMPARED)
    )
    return [without_placeholders(text) for text in connection.scalars(wanted)]


def _others(connection: Connection, theme_id: int) -> Sequence[str]:
    """The newest comments that do not have the theme."""
    has_row = select(ResponseTheme.response_id).where(
        ResponseTheme.theme_id == theme_id, ResponseTheme.response_id == Response.id
    )
    newest = select(Response.comment).where(Response.comment != "", ~has_row.exists())
    wanted = newest.order_by(Response.id.desc()).limit(COMPARED)
    return [without_placeholders(text) for text in connection.scalars(wanted)]


def _finds(matcher: ThemeMatcher, texts: Iterable[str]) -> Counter[str]:
    """How many of the comments each pattern is found in."""
    return Counter(line for text in texts for line in {match.pattern.line for match in matcher.matches(text)})
