"""What a model sees of a comment: its words and pairs of words, and a few figures about its opinions.

A word that a negation covers is another word ("!good"). Reading takes time in proportion to the text.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from math import log1p, sqrt
from typing import NamedTuple

from feedback_app.sentiment.lexicon import CONTRASTS, NEGATORS, REQUESTS, UNCOVERED
from feedback_app.sentiment.memory import Memory
from feedback_app.sentiment.signs import signs as emoji_and_emoticons

Lexicon = Mapping[str, float]  # words and phrases of up to five words, and how far they lean, -2 to +2

SCOPE = 4  # words after a negation that it covers
LONGEST_PHRASE = 5  # words
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
_TOKENS_KEPT, _PIECES_KEPT = 10_000, 20_000  # in memory


class Hit(NamedTuple):
    """A word or phrase of the lexicon in its place."""

    first: int  # token
    last: int
    value: float  # as the lexicon has it
    negated: bool


class Token(NamedTuple):
    """A word, a number or a sign, and what is known of it whatever stands around it."""

    word: str  # as `normal` makes it
    is_special: bool  # one of the last four says something
    is_word: bool
    written: str
    value: float  # by the lexicon
    ends_clause: bool
    negates: bool
    may_end_phrase: bool  # the last word of a phrase of the lexicon


class Features(NamedTuple):
    """A comment as a model sees it."""

    words: Sequence[str]  # one for each token, "!" before those that a negation covers
    pairs: Sequence[str]  # the token and the one before it, and at last the end
    tokens: Sequence[Token]
    hits: Sequence[Hit]
    signals: Sequence[float]  # in the order of SIGNALS


class Reader:
    """Turns comments into features by one lexicon. Threads may share one."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self._phrase_ends = {" ".join(term.split(" ")[-2:]) for term in lexicon if " " in term}
        self._last_of_phrases = {pair.partition(" ")[2] for pair in self._phrase_ends}
        self._tokens = Memory(self._token, _TOKENS_KEPT)
        self._tokens_of = Memory(self._split, _PIECES_KEPT)

    def read(self, text: str, written: Sequence[str] | None = None) -> Features:
        """The features of one comment, which has been cleaned; `written` are its pieces, if they are known."""
        tokens = list(chain.from_iterable(self._tokens_of.each(text.split() if written is None else written)))
        plain = [token[0] for token in tokens]
        words = plain.copy()
        pairs = list(map(_PAIR, zip([START, *plain], [*plain, END], strict=True)))
        hits: list[Hit] = []
        clause_ends: list[int] = []
        for here in [place for place, token in enumerate(tokens) if token[1]]:
            word, _, _, _, value, ends_clause, negates, may_end_phrase = tokens[here]
            if value:
                hits.append(Hit(here, here, value, words[here] != word))
            if may_end_phrase and pairs[here] in self._phrase_ends:
                self._find_phrase(here, plain, words, hits)
            if negates:
                _cover(here + 1, tokens, words)
            elif ends_clause:
                clause_ends.append(here)
        return Features(words, pairs, tokens, hits, signals(text, plain, hits, clause_ends))

    def _find_phrase(self, last: int, plain: list[str], words: list[str], hits: list[Hit]) -> None:
        """Add the longest phrase that ends here, in the place of its words."""
        for first in range(max(0, last + 1 - LONGEST_PHRASE), last):
            value = self.lexicon.get(" ".join(plain[first : last + 1]))
            if value is not None:
                while hits and hits[-1].first >= first:
                    hits.pop()
                if value:
                    hits.append(Hit(first, last, value, words[first] != plain[first]))
                return

    def _split(self, piece: str) -> tuple[Token, ...]:
        """The tokens of a piece between blanks."""
        return tuple(self._tokens.each([piece] if piece.isalpha() else _TOKEN.findall(piece)))

    def _token(self, written: str) -> Token:
        word = normal(written)
        value = self._value(word)
        ends_clause = word in CONTRASTS or word in _STOPS
        negates = word in NEGATORS or word.endswith("n't")
        may_end_phrase = word in self._last_of_phrases
        is_special = bool(value) or ends_clause or negates or may_end_phrase
        is_word = word[0].isalpha()
        return Token(word, is_special, is_word, written, value, ends_clause, negates, may_end_phrase)

    def _value(self, word: str) -> float:
        value = self.lexicon.get(word)
        if value is None and "-" in word:
            value = sum(self.lexicon.get(part, 0.0) for part in word.split("-"))
        if value is None and not word[0].isalnum():
            value = sum(lean for _, _, lean in emoji_and_emoticons(word))
        return value or 0.0


_PAIR = " ".join


def _cover(start: int, tokens: Sequence[Token], words: list[str]) -> None:
    """Mark the words that a negation before them covers."""
    left = SCOPE
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token.ends_clause or not left:
            return
        if token.is_word:
            words[place] = "!" + token.word
            left -= token.word not in UNCOVERED


_STOPS = frozenset([".", "!", "?", "..", "!!", "?!", "!?", "??", "\u2026", ";", ":", "(", ")"])


_MARKS = ("/10", "/5", "00%")  # "10/10" and "1/5" say more than a number


def normal(raw: str) -> str:
    """A token in small letters, of a letter at most two in a row; one word for all handles, links and numbers."""
    first = raw[0]
    if first.isalpha():
        word = raw.lower()
        if len(word) - len(set(word)) < 2 or len(word) < 4:  # as most: no letter can be there three times
            return word
        return _LONG.sub(r"\1\1", word)
    if first == "@" and len(raw) > 1:
        return "@"
    if first.isdigit():
        return raw if len(raw) < 3 or raw[-3:] in _MARKS else "0"
    return raw[:2] if first in ".!?" else raw


def word_features(word: str) -> list[str]:
    """What a model may know a token by: itself, and its stem."""
    bare = word.lstrip("!")
    if len(bare) < 4 or not bare[0].isalpha():
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
_SUFFIXES_BY_END = {
    end: tuple(suffix for suffix in _SUFFIXES if suffix[-1] == end)
    for end in {suffix[-1] for suffix in _SUFFIXES}
}


def stem(word: str) -> str:
    """What words of one root share, more or less."""
    for suffix in _SUFFIXES_BY_END.get(word[-1:], ()):
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            return word[: -len(suffix)]
    return word


def signals(text: str, plain: Sequence[str], hits: Sequence[Hit], clause_ends: Sequence[int]) -> list[float]:
    """The figures on a comment's opinions, in the order of SIGNALS."""
    good = bad = not_good = not_bad = strong_good = strong_bad = 0
    for _, _, value, negated in hits:
        is_strong = value > STRONG or value < -STRONG
        if (value > 0) != negated:
            if negated:
                not_bad += 1
            else:
                good += 1
            if is_strong:
                strong_good += 1
        else:
            if negated:
                not_good += 1
            else:
                bad += 1
            if is_strong:
                strong_bad += 1
    balance = good + not_bad - bad - not_good
    last, first = _ends(hits, clause_ends, balance)
    length = len(plain)
    if len(hits) > _MOST:
        kinds = (good, bad, not_good, not_bad, strong_good, strong_bad)
        good, bad, not_good, not_bad, strong_good, strong_bad = (min(count, _MOST) for count in kinds)
    return [
        _LOG[good],
        _LOG[bad],
        _LOG[not_good],
        _LOG[not_bad],
        (3 if balance > 3 else -3 if balance < -3 else balance) / 2,
        balance / (len(hits) + 1),
        last,
        first,
        0.0 if hits else 1.0,
        1.0 if good + not_bad > 0 and bad + not_good > 0 else 0.0,
        log1p(length) / 3,
        1.0 if length < 4 else 0.0,
        min(3, text.count("!")) / 2 if "!" in text else 0.0,
        min(2, text.count("?")) / 2 if "?" in text else 0.0,
        1.0 if _shouts(text, length) else 0.0,
        0.0 if REQUESTS.isdisjoint(plain) else 1.0,
        _LOG[strong_good],
        _LOG[strong_bad],
    ]


STRONG = 1.5  # values beyond it are those of "worst" and "amazing"
_MOST = 9  # opinions of a kind; further ones add nothing
_LOG = tuple(log1p(count) for count in range(_MOST + 1))
_SHOUTED = re.compile(r"\b[A-Z]{3,}\b")
_CAPITALS = re.compile(r"[A-Z][A-Z][A-Z]")  # in half of the time of "[A-Z]{3}"


def _shouts(text: str, length: int) -> bool:
    """Whether at least two of its tokens, and a third of them, are written in capitals."""
    if not _CAPITALS.search(text):  # as in most; looking for capitals alone is quicker than for words of them
        return False
    shouted = len(_SHOUTED.findall(text))
    return shouted >= 2 and 3 * shouted > length


def _ends(hits: Sequence[Hit], clause_ends: Sequence[int], balance: int) -> tuple[float, float]:
    """How the last and the first clause with an opinion lean, -1 to +1."""
    if not hits:
        return 0.0, 0.0
    first = bisect_left(clause_ends, hits[0][0])
    last = bisect_left(clause_ends, hits[-1][0])
    if first == last:  # as in most: there is but one
        leaning = (2 if balance > 2 else -2 if balance < -2 else balance) / 2
        return leaning, leaning
    return _leaning(hits, clause_ends, last), _leaning(hits, clause_ends, first)


def _leaning(hits: Sequence[Hit], clause_ends: Sequence[int], clause: int) -> float:
    within = [hit for hit in hits if bisect_left(clause_ends, hit.first) == clause]
    balance = sum(1 if (hit.value > 0) != hit.negated else -1 for hit in within)
    return max(-2, min(2, balance)) / 2
