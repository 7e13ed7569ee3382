"""Weights learned from labelled comments, in pure Python, the same ones each time.

Multinomial logistic regression with a pull towards zero (or towards the weights of `base`), fitted by AdaGrad: each
weight has its own step, which shrinks as the weight is moved. 5,000 comments take under ten seconds.
"""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import exp, sqrt
from typing import Any

from feedback_app.sentiment.features import SIGNALS, Features, Lexicon, Reader, scale, term_counts
from feedback_app.sentiment.tagger import Label
from feedback_app.sentiment.text import clean
from feedback_app.sentiment.weights import LABELS, STEP, Vector, Weights

ROUNDS = 8
FEWEST = 2  # comments that a term must be in
PULL = 1.0  # towards zero or the base: as the variance of a weight, one over it
SMALLEST = 2 * STEP  # a term whose weights are all smaller is left out
_RATE = 0.25
_LARGEST = 127 * STEP


@dataclass(frozen=True, slots=True)
class Example:
    """A comment with the label that it ought to get."""

    text: str
    label: Label
    weight: float = 1.0


@dataclass(slots=True)
class _Row:
    """An example as numbers: which weights it touches, and how much."""

    label: int
    weight: float
    items: list[tuple[int, float]]
    start: list[float]  # the scores that the base gives it


def train(
    examples: Sequence[Example],
    *,
    base: Weights | None = None,
    lexicon: Lexicon | None = None,
    languages: tuple[str, ...] | None = None,
    rounds: int = ROUNDS,
    pull: float = PULL,
    fewest: int = FEWEST,
    dropout: float = 0.0,
    about: Mapping[str, Any] | None = None,
) -> Weights:
    """The weights that fit the examples; with a base, the base moved as far as the examples ask for.

    A term that fewer than `fewest` of them have is not learned. With `dropout`, that share of an example's terms is
    left out, others each time, so that a word does not rely on those that happen to stand beside it.
    """
    words = lexicon if lexicon is not None else base.lexicon if base else {}
    reader = Reader(words)
    read = [reader.read(clean(example.text).text) for example in examples]
    names = _names(read, fewest)
    place = {name: number for number, name in enumerate(names)}
    rows = [_row(example, features, place, base) for example, features in zip(examples, read, strict=True)]
    fitted = _fit(rows, len(names), rounds, pull, dropout)
    found = _weights(fitted, names, base)
    return replace(
        found,
        lexicon=dict(words),
        languages=languages or found.languages or ("en",),
        about=dict(about or {}),
    )


def _names(read: Sequence[Features], fewest: int) -> list[str]:
    counts = Counter(name for features in read for name in term_counts(features))
    return sorted(name for name, count in counts.items() if count >= fewest)


def _row(example: Example, features: Features, place: Mapping[str, int], base: Weights | None) -> _Row:
    share = scale(features)
    counts = term_counts(features)
    items = [(place[name], share * count) for name, count in counts.items() if name in place]
    at = len(place)
    items += [(at + number, value) for number, value in enumerate(features.signals) if value]
    items.append((at + len(SIGNALS), 1.0))
    start = [0.0, 0.0, 0.0]
    if base:
        leans = [(base.bias, 1.0), *zip(base.signals, features.signals, strict=True)]
        leans += [(base.terms[name], share * count) for name, count in counts.items() if name in base.terms]
        start[0] = sum(bad * value for (bad, _), value in leans)
        start[2] = sum(good * value for (_, good), value in leans)
    return _Row(LABELS.index(example.label), example.weight, items, start)


def _fit(rows: Sequence[_Row], terms: int, rounds: int, pull: float, dropout: float) -> list[list[float]]:
    """For each label the weights that make the rows' labels most likely, the pull considered."""
    size = terms + len(SIGNALS) + 1
    touched = [0] * size
    for row in rows:
        for number, _ in row.items:
            touched[number] += 1
    # Each touch pulls its share, so a whole round pulls every weight alike.
    pulls = [pull / count if count else 0.0 for count in touched]
    pulls[-1] = 0.0
    weights = [[0.0] * size for _ in LABELS]
    moved = [[1e-2] * size for _ in LABELS]
    for turn in range(rounds):
        rate = _RATE * (1 - turn / rounds)
        chance = random.Random(turn)  # noqa: S311 - a choice of terms, not a secret
        for row in _shuffled(rows, turn):
            _step(_thinned(row, terms, dropout, chance), weights, moved, pulls, rate)
    return weights


def _thinned(row: _Row, terms: int, dropout: float, chance: random.Random) -> _Row:
    """The row without a share of its terms; the others count for more, so that their sum stays about the same."""
    if not dropout:
        return row
    kept = 1 - dropout
    items = [
        (number, value / kept if number < terms else value)
        for number, value in row.items
        if number >= terms or chance.random() < kept
    ]
    return replace(row, items=items)


def _step(
    row: _Row, weights: list[list[float]], moved: list[list[float]], pulls: list[float], rate: float
) -> None:
    scores = list(row.start)
    for label, own in enumerate(weights):
        scores[label] += sum([own[number] * value for number, value in row.items])
    top = max(scores)
    parts = [exp(score - top) for score in scores]
    total = sum(parts)
    for label, own in enumerate(weights):
        miss = row.weight * (parts[label] / total - (label == row.label))
        squares = moved[label]
        for number, value in row.items:
            slope = miss * value + pulls[number] * own[number]
            squares[number] += slope * slope
            own[number] -= rate * slope / sqrt(squares[number])


def _shuffled(rows: Sequence[_Row], turn: int) -> list[_Row]:
    """The rows in an order of their own for each turn, the same on every machine and Python."""
    chance = random.Random(turn)  # noqa: S311 - an order, not a secret
    return sorted(rows, key=lambda _: chance.random())  # random() is promised to stay, shuffle() is not


def _weights(fitted: list[list[float]], names: Sequence[str], base: Weights | None) -> Weights:
    start = base or Weights((), {}, [(0.0, 0.0)] * len(SIGNALS), (0.0, 0.0), {})
    negative, neutral, positive = fitted
    leans = [(bad - none, good - none) for bad, none, good in zip(negative, neutral, positive, strict=True)]
    at = len(names)
    terms = dict(start.terms)
    for name, lean in zip(names, leans[:at], strict=True):
        terms[name] = _stored(_sum(terms.get(name, (0.0, 0.0)), lean))
    return Weights(
        languages=start.languages,
        terms={name: lean for name, lean in terms.items() if max(map(abs, lean)) >= SMALLEST},
        signals=[_rounded(_sum(*pair)) for pair in zip(start.signals, leans[at:-1], strict=True)],
        bias=_rounded(_sum(start.bias, leans[-1])),
        lexicon=start.lexicon,
        temperature=start.temperature,
    )


def _sum(first: Vector, second: Vector) -> Vector:
    return first[0] + second[0], first[1] + second[1]


def _stored(lean: Vector) -> Vector:
    negative, positive = (STEP * round(max(-_LARGEST, min(_LARGEST, value)) / STEP) for value in lean)
    return negative, positive


def _rounded(lean: Vector) -> Vector:
    return round(lean[0], 4), round(lean[1], 4)
