"""The phrases that one group of comments uses more than another, by more than chance.

Weighted log-odds with an informative Dirichlet prior: a phrase's odds in both groups, each drawn towards its odds in
both together, and their difference in units of its own uncertainty. Rare phrases do not win by luck, and common words
do not win by bulk. B. Monroe, M. Colaresi, K. Quinn, "Fightin' Words", Political Analysis 16(4), 2008.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import log, sqrt

from feedback_app.sentiment.patterns import WORD, fold
from feedback_app.sentiment.stop_words import OPENERS, STOP_WORDS
from feedback_app.sentiment.text import LIMIT

LONGEST = 3  # words
FEWEST = 8  # comments that a phrase must stand in
SAME = 0.8  # share of its comments that a phrase has in common with a longer one that says it all
BY_CHANCE = 2.58  # z of one phrase in a hundred where nothing differs
PRIOR = 0.1  # what the prior weighs, in parts of all comments

_APART = re.compile(r"[^\w\s'’-]+|[\r\n]+")  # a phrase does not reach across punctuation
_STRAIGHT = str.maketrans("‘’‛ʼ´`", "''''''")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One to three words that the group has more often than the others."""

    text: str
    z: float  # how far the difference is beyond chance, in standard deviations
    comments: int  # of the group that have it
    others: int  # of the others that have it


def distinctive_phrases(
    group: Sequence[str], others: Sequence[str], *, fewest: int = FEWEST, least_z: float = BY_CHANCE
) -> list[Phrase]:
    """The phrases that set the group's comments apart, the most telling first; of those that stand in nearly the same
    comments the longest."""
    if not group or not others:
        return []
    spellings: Counter[str] = Counter()
    read = [[_pieces(text, spellings) for text in texts] for texts in (group, others)]
    common = _frequent_words(read, fewest)
    ours, theirs = (_counts(comments, common) for comments in read)
    total = ours + theirs
    kept = {words: n for words, n in ours.items() if n >= fewest}
    found = [
        (z, words)
        for words, n in kept.items()
        if (z := _z(n, theirs[words], total[words], len(group), len(others))) >= least_z
    ]
    found.sort(key=lambda one: (-one[0], one[1]))
    repeated = _within_longer_ones([words for _, words in found], kept)
    shown = _usual_spellings(spellings)
    return [
        Phrase(" ".join(shown.get(word, word) for word in words), z, ours[words], theirs[words])
        for z, words in found
        if words not in repeated
    ]


_Words = tuple[str, ...]


def _pieces(text: str, spellings: Counter[str]) -> list[list[str]]:
    """The comment's words as they are compared, a list for each stretch without punctuation."""
    pieces = []
    for piece in _APART.split(text[:LIMIT].translate(_STRAIGHT).lower()):
        spelled = WORD.findall(piece)
        if "'" in piece:
            spellings.update(word for word in spelled if "'" in word)
        if spelled:
            pieces.append([fold(word) for word in spelled])
    return pieces


def _frequent_words(read: Iterable[Iterable[Sequence[Sequence[str]]]], fewest: int) -> frozenset[str]:
    """The words that can be part of a phrase: those that stand in enough comments."""
    counts: Counter[str] = Counter()
    for comments in read:
        for pieces in comments:
            counts.update({word for piece in pieces for word in piece})
    return frozenset(word for word, n in counts.items() if n >= fewest)


def _counts(comments: Iterable[Sequence[Sequence[str]]], common: frozenset[str]) -> Counter[_Words]:
    """How many of the comments have each phrase."""
    counts: Counter[_Words] = Counter()
    for pieces in comments:
        counts.update({words for piece in pieces for words in _phrases(piece, common)})
    return counts


def _phrases(words: Sequence[str], common: frozenset[str]) -> Iterator[_Words]:
    """What may be a phrase: no stop word at its end, at its beginning at most an opening one."""
    ends = [
        word in common and word not in STOP_WORDS and len(word) > 1 and not word.isdigit() for word in words
    ]
    for start, word in enumerate(words):
        if ends[start]:
            yield (word,)
        elif word not in OPENERS or word not in common:
            continue
        for end in range(start + 1, min(start + LONGEST, len(words))):
            if words[end] not in common:
                break
            if ends[end]:
                yield tuple(words[start : end + 1])


def _z(ours: int, theirs: int, both: int, group: int, others: int) -> float:
    """The difference of the log-odds in units of its standard deviation."""
    mass = PRIOR * (group + others) + 0.5  # half a comment is without it, or the odds had no bound
    we, they = ours + PRIOR * both, theirs + PRIOR * both
    difference = log(we / (group + mass - we)) - log(they / (others + mass - they))
    return difference / sqrt(1 / we + 1 / they)


def _within_longer_ones(found: Iterable[_Words], counts: dict[_Words, int]) -> set[_Words]:
    """The phrases that say no more than a longer one does: they stand in the same comments."""
    return {
        part
        for words in found
        for start in range(len(words))
        for end in range(start + 1, len(words) + 1)
        if (part := words[start:end]) != words and part in counts and counts[words] >= SAME * counts[part]
    }


def _usual_spellings(spellings: Counter[str]) -> dict[str, str]:
    """How words with an apostrophe are mostly written, by how they are compared: "don't" of "dont"."""
    usual: dict[str, str] = {}
    for spelled, _ in spellings.most_common():
        if fold(spelled) == spelled.replace("'", ""):
            usual.setdefault(fold(spelled), spelled)
    return usual
