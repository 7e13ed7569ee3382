"""Which words of a comment are shown as those that decided: the ones that say something, with what turns them."""

from collections.abc import Sequence
from itertools import pairwise
from math import tanh

from feedback_app.sentiment.features import Features, Lexicon, Token
from feedback_app.sentiment.lexicon import NEGATORS
from feedback_app.sentiment.patterns import fold
from feedback_app.sentiment.signs import Mark, signs
from feedback_app.sentiment.stop_words import STOP_WORDS

SHOWN = 5  # words and phrases, at most, that are named as evidence
FAINTEST = 0.16  # on the scale of scores; a word that weighs less is not named

_MEANT = NEGATORS | {"again", "always", "down", "enough", "only", "still", "too", "use", "yes"}
_FILLERS = STOP_WORDS - _MEANT


def says_something(word: str, lexicon: Lexicon) -> bool:
    """Whether a token explains a verdict: no "and", no comma, no link; all that the lexicon knows does."""
    if lexicon.get(word):
        return True
    if word[0].isalpha():
        return fold(word) not in _FILLERS and "://" not in word
    return any(signs(word))


def pulls(share: float, leans: Sequence[float], say: Sequence[bool], pairs: list[float]) -> list[float]:
    """How far each token that says something draws the comment towards praise; 0 for the others.

    What a pair weighs goes to the one of it that says something, and half to each if both do. There is a pair more
    than there are tokens: the first has the start beside it and the last the end. The halves are put into `pairs`.
    """
    saying = [place for place, is_said in enumerate(say) if is_said]
    for here, beside in pairwise(saying):
        if beside - here == 1:
            pairs[beside] /= 2
    pulled = [0.0] * len(leans)
    for place in saying:
        pulled[place] = share * (leans[place] + pairs[place] + pairs[place + 1])
    return pulled


def stretches(
    text: str,
    features: Features,
    pulled: list[float],
    say: Sequence[bool],
    of_hit: Sequence[Sequence[float]],
    lexicon: Lexicon,
) -> list[Mark]:
    """What weighed most, in order: words, phrases of the lexicon, and either with the negation that covers it.

    `pulled`: by each token, from here on by a phrase at its first one. `of_hit`: what a word or phrase of the lexicon
    weighs, by whether it is good and then by whether it is negated.
    """
    lasts: dict[int, int] = {}
    for first, last, value, negated in features.hits:
        pulled[first] += of_hit[value > 0][negated]
        if last > first:
            lasts[first] = last
            pulled[first] = sum(pulled[first : last + 1])
            pulled[first + 1 : last + 1] = [0.0] * (last - first)
        if negated and (negation := _negation_of(first, features, say)) < first:
            # "wasn't very clean" weighs as one: alone, "very clean" is praise
            pulled[first] += pulled[negation]
            pulled[negation] = 0.0
    shown = [place for place, pull in enumerate(pulled) if pull >= FAINTEST or pull <= -FAINTEST]
    if len(shown) > SHOWN:
        shown = sorted(sorted(shown, key=lambda place: -abs(pulled[place]))[:SHOWN])
    found: list[tuple[int, int, float]] = []
    words, tokens = features.words, features.tokens
    for place in shown:
        if place in lasts or words[place] != tokens[place].word:
            first, last = _core(place, lasts.get(place, place), tokens, say, lexicon)
            _add(found, _negation_of(first, features, say), last, pulled, place)
        else:
            found.append((place, place, pulled[place]))
    return _placed(text, tokens, found)


def _add(
    found: list[tuple[int, int, float]], first: int, last: int, pulled: Sequence[float], place: int
) -> None:
    """Add what weighs at this place, joined to the negation that it begins with."""
    pull = pulled[place]
    if found and first <= found[-1][1]:  # the negation weighs enough to be there already
        start, _, before = found.pop()
        first, pull = min(first, start), pull + before
    elif first < place:
        pull += pulled[first]
    found.append((first, last, pull))


def _placed(text: str, tokens: Sequence[Token], found: Sequence[tuple[int, int, float]]) -> list[Mark]:
    """Where they stand in the text, without those in which a word and its negation cancel out."""
    placed: list[Mark] = []
    at = end = 0
    for first, last, pull in found:
        if -FAINTEST < pull < FAINTEST:
            continue
        written = tokens[first].written
        start = text.find(written, end)
        if text.find(written, start + 1) >= 0:  # it is there twice, so those between must be found as well
            for token in tokens[at:first]:
                end = text.find(token.written, end) + len(token.written)
            start = text.find(written, end)
        end = start + len(written)
        for token in tokens[first + 1 : last + 1]:
            end = text.find(token.written, end) + len(token.written)
        at = last + 1
        placed.append((start, end, tanh(pull / 2)))
    return placed


def _core(
    first: int, last: int, tokens: Sequence[Token], say: Sequence[bool], lexicon: Lexicon
) -> tuple[int, int]:
    """A phrase without fillers at its ends, if the rest leans alike: "satisfied" of "satisfied with", and not
    "nightmare" of "used to be a nightmare"."""
    saying = [place for place in range(first, last + 1) if say[place]]
    if saying and _value(saying[0], saying[-1], tokens, lexicon) * _value(first, last, tokens, lexicon) > 0:
        return saying[0], saying[-1]
    return first, last


def _value(first: int, last: int, tokens: Sequence[Token], lexicon: Lexicon) -> float:
    return lexicon.get(" ".join(token.word for token in tokens[first : last + 1]), 0.0)


def _negation_of(place: int, features: Features, say: Sequence[bool]) -> int:
    """Where the negation stands that covers this word, if nothing that says something is between; or this place."""
    words, tokens = features.words, features.tokens
    first = place
    while words[first] != tokens[first].word:
        first -= 1
        if tokens[first].negates:
            return first
        if say[first]:
            return place
    return place
