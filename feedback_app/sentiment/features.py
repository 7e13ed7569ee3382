"""What a model sees of a comment: its words and pairs of words, and a few figures about its opinions.

A word that a negation covers is another word ("!good"). Reading takes time in proportion to the text.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log1p, sqrt
from typing import NamedTuple

from feedback_app.sentiment.lexicon import CONTRASTS, NEGATORS, REQUESTS, UNCOVERED
from feedback_app.sentiment.signs import signs as emoji_and_emoticons

Lexicon = Mapping[str, float]  # words and phrases of up to three words, and how far they lean, -2 to +2
Span = tuple[int, int]

SCOPE = 4  # words after a negation that it covers
SIGNALS = (
    *("good", "bad", "not_good", "not_bad", "balance", "share", "last", "first", "none", "both"),
    *("length", "short", "exclaims", "asks", "shouts", "requests", "strong_good", "strong_bad"),
)
START = "^"
END = "$"

_TOKEN = re.compile(
    r"https?://\S+"
    r"|@\w+"
    r"|[^\W\d_]+(?:['-][^\W\d_]+)*"  # a word, with its apostrophes and hyphens
    r"|\d+(?:[.,:/]\d+)*%?"
    r"|[:;=][-o^']?[)(\]\[dDpP/\\|3*]+|<3+|\)[:;]|\([:;]"
    r"|[.!?\u2026]+|[^\w\s]|_"
)
_LONG = re.compile(r"(.)\1{2,}")
_WORDS_KEPT = 30_000  # of the cache; what people really write has fewer


class Hit(NamedTuple):
    """A word or phrase of the lexicon in its place."""

    first: int  # token
    last: int
    value: float  # as the lexicon has it
    negated: bool


@dataclass(frozen=True, slots=True)
class Features:
    """A comment as a model sees it."""

    words: Sequence[str]  # one for each token, "!" before those that a negation covers
    pairs: Sequence[str]  # the token and the one before it, and at last the end
    spans: Sequence[Span]  # of the tokens
    hits: Sequence[Hit]
    signals: Sequence[float]  # in the order of SIGNALS


class _Token(NamedTuple):
    word: str
    is_word: bool
    negates: bool
    ends_scope: bool
    ends_clause: bool
    value: float
    ends_phrase: bool


class Reader:
    """Turns comments into features by one lexicon. Threads may share one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._phrase_ends = {term.rpartition(" ")[2] for term in lexicon if " " in term}
        self._known: dict[str, _Token] = {}

    def read(self, text: str) -> Features:
        """The features of one comment, which has been cleaned."""
        words: list[str] = []
        pairs: list[str] = []
        spans: list[Span] = []
        hits: list[Hit] = []
        covered: list[bool] = []
        clause_ends: list[int] = []
        plain: list[str] = []
        known = self._known
        scope = 0
        previous = START
        for match in _TOKEN.finditer(text):
            raw = match.group()
            token = known.get(raw) or self._learn(raw)
            word = token.word
            if token.ends_scope:
                scope = 0
            negated = scope > 0 and token.is_word
            here = len(words)
            words.append("!" + word if negated else word)
            pairs.append(previous + " " + word)
            spans.append(match.span())
            covered.append(negated)
            plain.append(word)
            if token.value:
                hits.append(Hit(here, here, token.value, negated))
            if token.ends_phrase:
                self._find_phrase(plain, covered, hits)
            if token.ends_clause:
                clause_ends.append(here)
            if token.negates:
                scope = SCOPE
            elif negated and word not in UNCOVERED:
                scope -= 1
            previous = word
        pairs.append(previous + " " + END)
        return Features(words, pairs, spans, hits, signals(text, plain, hits, clause_ends))

    def _find_phrase(self, plain: list[str], covered: list[bool], hits: list[Hit]) -> None:
        """Add the longest phrase that ends here, in the place of its words."""
        last = len(plain) - 1
        for length in (4, 3, 2):
            first = last + 1 - length
            if first >= 0 and (value := self.lexicon.get(" ".join(plain[first:]))) is not None:
                while hits and hits[-1].first >= first:
                    hits.pop()
                if value:
                    hits.append(Hit(first, last, value, covered[first]))
                return

    def _learn(self, raw: str) -> _Token:
        word = normal(raw)
        token = _Token(
            word=word,
            is_word=word[0].isalpha(),
            negates=word in NEGATORS or word.endswith("n't"),
            ends_scope=word in CONTRASTS or word in _STOPS,
            ends_clause=word in CONTRASTS or word in _STOPS,
            value=self._value(word),
            ends_phrase=word in self._phrase_ends,
        )
        if len(self._known) >= _WORDS_KEPT:
            self._known.clear()
        self._known[raw] = token
        return token

    def _value(self, word: str) -> float:
        value = self.lexicon.get(word)
        if value is None and "-" in word:
            value = sum(self.lexicon.get(part, 0.0) for part in word.split("-"))
        if value is None and not word[0].isalnum():
            value = sum(lean for _, _, lean in emoji_and_emoticons(word))
        return value or 0.0


_STOPS = frozenset([".", "!", "?", "..", "!!", "?!", "!?", "??", "\u2026", ";", ":", "(", ")"])


def normal(raw: str) -> str:
    """A token in small letters, of a letter at most two in a row; one word for all handles, links and numbers."""
    first = raw[0]
    if first.isalpha():
        word = raw.lower()
        return _LONG.sub(r"\1\1", word) if len(word) > 3 else word
    if first == "@" and len(raw) > 1:
        return "@"
    if first.isdigit():
        return "0"
    return raw[:2] if first in ".!?" else raw


def word_features(word: str) -> list[str]:
    """What a model may know a token by: itself, and its stem."""
    bare = word.lstrip("!")
    if not bare[:1].isalpha() or len(bare) < 4:
        return [word]
    return [word, f"{word[: len(word) - len(bare)]}~{stem(bare)}"]


def term_counts(features: Features) -> Counter[str]:
    """How often the comment has each term that a model may know."""
    counts = Counter(features.pairs)
    for word in features.words:
        counts.update(word_features(word))
    return counts


def scale(features: Features) -> float:
    """What the weights of terms are multiplied by, so that a long comment does not shout a short one down."""
    return 2 / sqrt(2 * len(features.words) + 1)


_SUFFIXES = (
    "ingly",
    "edly",
    "iest",
    "ings",
    "ing",
    "ies",
    "ied",
    "ers",
    "est",
    "ely",
    "ed",
    "ly",
    "es",
    "er",
    "s",
    "e",
    "y",
)


def stem(word: str) -> str:
    """What words of one root share, more or less."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def signals(text: str, plain: list[str], hits: list[Hit], clause_ends: list[int]) -> list[float]:
    counts = {(good, negated): 0.0 for good in (True, False) for negated in (True, False)}
    strong = {True: 0, False: 0}
    for hit in hits:
        counts[hit.value > 0, hit.negated] += 1
        if abs(hit.value) > 1.5:
            strong[(hit.value > 0) != hit.negated] += 1
    good, bad = counts[True, False], counts[False, False]
    not_good, not_bad = counts[True, True], counts[False, True]
    balance = good + not_bad - bad - not_good
    total = len(hits)
    first, last = _ends(hits, clause_ends)
    length = len(plain)
    shouted = [word for word in text.split() if len(word) > 2 and word.isupper()]
    return [
        log1p(good),
        log1p(bad),
        log1p(not_good),
        log1p(not_bad),
        max(-3.0, min(3.0, balance)) / 2,
        balance / (total + 1),
        last,
        first,
        float(not total),
        float(good + not_bad > 0 and bad + not_good > 0),
        log1p(length) / 3,
        float(length < 4),
        min(3, text.count("!")) / 2,
        min(2, text.count("?")) / 2,
        float(len(shouted) >= 2 and 3 * len(shouted) > length),
        float(any(word in REQUESTS for word in plain)),
        log1p(strong[True]),
        log1p(strong[False]),
    ]


def _ends(hits: list[Hit], clause_ends: list[int]) -> tuple[float, float]:
    """How the first and the last clause with an opinion lean, -1 to +1."""
    if not hits:
        return 0.0, 0.0
    leanings: dict[int, float] = {}
    clause = 0
    for hit in hits:
        while clause < len(clause_ends) and clause_ends[clause] < hit.first:
            clause += 1
        leanings[clause] = leanings.get(clause, 0.0) + (-1 if (hit.value < 0) != hit.negated else 1)
    values = list(leanings.values())
    return max(-2.0, min(2.0, values[0])) / 2, max(-2.0, min(2.0, values[-1])) / 2
