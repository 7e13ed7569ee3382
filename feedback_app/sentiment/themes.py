"""What comments are about, found by the patterns of themes, and the clauses that say so."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from feedback_app.sentiment.clauses import clauses
from feedback_app.sentiment.patterns import WORD, Pattern, Word, fold, usable_patterns
from feedback_app.sentiment.tagger import Label
from feedback_app.sentiment.text import Cleaned, clean

_JOINED = re.compile(
    r"[\s\-‐‑–_/'\"&]*|\."
)  # what may stand between the words of a phrase; a dot as in "node.js"
_STOP = re.compile(r"[.!?;。！？…]")
FURTHER, WHOLE = (
    0.3,
    0.2,
)  # what the later clauses about a theme, and the whole comment, weigh beside the first one
OPEN = 0.1  # polarity below which a theme of a neutral comment is neutral
MOST_CLAUSES = 8  # that are read about one theme
_REMEMBERED = 50_000  # spellings a matcher keeps the patterns of

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ThemeRule:
    """A theme's patterns as they were written, see patterns.py."""

    theme_id: int
    patterns: str


@dataclass(frozen=True, slots=True)
class ThemeHit:
    """A theme that a comment has, and the places of its words in that comment, in order, none within another."""

    theme_id: int
    spans: tuple[Span, ...]


class Match(NamedTuple):
    """One pattern found at one place."""

    theme_id: int
    pattern: Pattern
    spans: tuple[Span, ...]


_Start = tuple[int, Pattern]  # a theme and one of its patterns


class ThemeMatcher:
    """Finds the themes of comments; made once for many of them. Threads may share one."""

    def __init__(self, rules: Iterable[ThemeRule]) -> None:
        """Lines that cannot be read find nothing; `read_patterns` tells of them before they are kept."""
        self._whole: dict[str, list[_Start]] = {}
        self._open: dict[str, list[_Start]] = {}
        for rule in rules:
            for pattern in usable_patterns(rule.patterns):
                first = pattern.words[0]
                starts = self._open if first.is_open else self._whole
                starts.setdefault(first.start, []).append((rule.theme_id, pattern))
        self._lengths = sorted({len(start) for start in self._open})
        self._known: dict[str, tuple[_Start, ...]] = {}

    def find(self, text: str) -> list[ThemeHit]:
        """The themes of the comment in the order of their numbers, with places in the comment as it was given."""
        spans: dict[int, set[Span]] = {}
        for match in self.matches(text):
            spans.setdefault(match.theme_id, set()).update(match.spans)
        return [ThemeHit(theme_id, _merged(spans[theme_id])) for theme_id in sorted(spans)]

    def matches(self, text: str) -> list[Match]:
        """Every place where a pattern is found and counts, in the order of the comment."""
        comment = _Comment(clean(text))
        found: list[Match] = []
        left_out: dict[int, list[Span]] = {}
        for place, word in enumerate(comment.words):
            for theme_id, pattern in self._beginning_with(word):
                places = comment.places(pattern.words, place)
                if places and pattern.leaves_out:
                    left_out.setdefault(theme_id, []).append(comment.stretch(places))
                elif places:
                    found.append(Match(theme_id, pattern, comment.spans(places)))
        stretches = {theme_id: _merged(spans) for theme_id, spans in left_out.items()}
        return [match for match in found if not _touches(match.spans, stretches.get(match.theme_id, ()))]

    def _beginning_with(self, word: str) -> tuple[_Start, ...]:
        """The patterns whose first word this may be."""
        known = self._known.get(word)
        if known is not None:
            return known
        fitting = list(self._whole.get(word, ()))
        for length in self._lengths:
            if length > len(word):
                break
            fitting += self._open.get(word[:length], ())
        if len(self._known) >= _REMEMBERED:
            self._known = {}
        self._known[word] = tuple(fitting)
        return tuple(fitting)


def clauses_about(text: str, hit: ThemeHit) -> list[str]:
    """The first clauses that the theme's words stand in, in order; none if the comment is but one clause."""
    parts = _clauses(text)
    if len(parts) < 2:
        return []
    about = [text[start:end] for start, end in parts if _touches([(start, end)], hit.spans)]
    return about[:MOST_CLAUSES]


def theme_sentiment(polarities: Sequence[float], whole: str, lean: float) -> tuple[Label, float]:
    """What is said of a theme, by the polarities of the clauses about it and the label and polarity of the comment.

    People give their verdict where they first name a thing, so later clauses weigh less; what a clause leaves open
    the comment decides. Only where both are open it is neutral.
    """
    first, *further = polarities
    later = sum(further) / len(further) if further else first
    polarity = (first + FURTHER * later + WHOLE * lean) / (1 + FURTHER + WHOLE)
    is_open = not polarity or (whole == "neutral" and abs(polarity) < OPEN)
    return "neutral" if is_open else "positive" if polarity > 0 else "negative", polarity


@lru_cache(maxsize=16)
def _clauses(text: str) -> Sequence[Span]:
    """The clauses of a comment, kept while one of its themes after the other asks for them."""
    return tuple(clauses(text))


class _Comment:
    """The words of a comment as patterns see them, and what stands between them."""

    def __init__(self, cleaned: Cleaned) -> None:
        self._cleaned = cleaned
        found = list(WORD.finditer(cleaned.text))
        self.words = [fold(match.group()) for match in found]
        self._spans = [match.span() for match in found]
        self._vocabulary = frozenset(self.words)

    def places(self, words: Sequence[Word], first: int) -> tuple[int, ...]:
        """Which words the pattern's are, if its first one is this; the nearest ones, nothing if it does not match."""
        ways: list[tuple[int, ...]] = [(first,)]
        if not all(word.is_open or word.start in self._vocabulary for word in words[1:]):
            return ()
        for word in words[1:]:
            # Of the ways that end at the same word one is enough: so there are never more than the gaps reach.
            further: dict[int, tuple[int, ...]] = {}
            for way in ways:
                for place in self._fitting(word, way[-1]):
                    further.setdefault(place, (*way, place))
            ways = list(further.values())
        return ways[0] if ways else ()

    def _fitting(self, word: Word, before: int) -> Iterator[int]:
        """The words behind that one that fit, up to the end of the sentence."""
        last = min(before + word.reach, len(self.words) - 1)
        for place in range(before + 1, last + 1):
            between = self._cleaned.text[self._spans[place - 1][1] : self._spans[place][0]]
            is_joined = between == " " or _JOINED.fullmatch(between)
            if not is_joined and (word.reach == 1 or _STOP.search(between)):
                return
            if word.fits(self.words[place]):
                yield place

    def spans(self, places: Sequence[int]) -> tuple[Span, ...]:
        """The places of these words in the comment as it was given; neighbours are one."""
        runs = [[places[0], places[0]]]
        for before, place in pairwise(places):
            if place == before + 1:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        return tuple(self.stretch(run) for run in runs)

    def stretch(self, places: Sequence[int]) -> Span:
        """From the first of these words to the last, in the comment as it was given."""
        return self._cleaned.original(self._spans[places[0]][0], self._spans[places[-1]][1])


def _touches(spans: Sequence[Span], stretches: Sequence[Span]) -> bool:
    """Whether what reaches from the first span to the last overlaps one of the stretches, which are in order."""
    before = bisect_left(stretches, (spans[-1][1],)) - 1  # the last stretch that begins before our end
    return before >= 0 and stretches[before][1] > spans[0][0]


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The places in order, those that overlap as one."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)
