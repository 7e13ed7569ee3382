"""A comment cut in pieces for a page that marks some of its words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """A stretch of a comment. `look` says how it is marked: "good" or "bad" led to the tag, "theme" is about one."""

    text: str
    look: str  # several are parted by blanks; empty: not marked


def marked(
    comment: str, evidence: Iterable[dict[str, Any]], about: Iterable[Sequence[int]] = ()
) -> Iterator[Piece]:
    """The comment in pieces: the words that its tag came from, and those in the stretches `about` a theme.

    Words that are no longer where the tagger saw them are left unmarked.
    """
    looks = {
        "tone": [
            (item["start"], item["end"], "bad" if item["weight"] < 0 else "good")
            for item in evidence
            if comment[item["start"] : item["end"]] == item["word"]
        ],
        "theme": [(start, end, "theme") for start, end in about if 0 <= start < end <= len(comment)],
    }
    layers = [_without_overlaps(layer) for layer in looks.values()]
    cuts = {0, len(comment)} | {
        place for layer in layers for start, end, _ in layer for place in (start, end)
    }
    waiting = [list(reversed(layer)) for layer in layers]
    for start, end in pairwise(sorted(cuts)):
        yield Piece(comment[start:end], " ".join(_looks_at(start, waiting)))


def _without_overlaps(layer: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    """In the order of their places; of two that overlap the first, so that nothing is marked twice."""
    kept: list[tuple[int, int, str]] = []
    for mark in sorted(layer):
        if not kept or mark[0] >= kept[-1][1]:
            kept.append(mark)
    return kept


def _looks_at(place: int, waiting: list[list[tuple[int, int, str]]]) -> Iterator[str]:
    """The marks that hold this place; those before it are done with."""
    for layer in waiting:
        while layer and layer[-1][1] <= place:
            layer.pop()
        if layer and layer[-1][0] <= place:
            yield layer[-1][2]
