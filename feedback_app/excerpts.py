"""Texts cut in pieces, for pages that mark some of their words."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple


class Piece(NamedTuple):
    """A stretch of a text, and whether the page marks it."""

    text: str
    is_marked: bool


def cut(text: str, spans: Sequence[tuple[int, int]], begin: int, end: int) -> Iterator[Piece]:
    """The text from `begin` to `end` in pieces; the spans lie within, in order and apart."""
    at = begin
    for start, stop in spans:
        if start > at:
            yield Piece(text[at:start], False)
        yield Piece(text[start:stop], True)
        at = stop
    if at < end:
        yield Piece(text[at:end], False)
