"""What rules and languages know of a piece of a comment, the stretch between blanks, worked out once for both."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from feedback_app.sentiment.memory import Memory
from feedback_app.sentiment.text import words

_KEPT = 10_000  # in memory
_DOT_ABOVE = "\u0307"  # what lower-casing leaves of the Turkish İ
_SPOKEN = re.compile(r"[^\W_]+")


class Piece(NamedTuple):
    """The words of a piece, in small letters."""

    spoken: tuple[str, ...]  # as the rules compare them, "can't" being "cant"
    letters: tuple[str, ...]  # as languages are known by them: runs of letters, none of a handle or a link


def pieces_of(written: Iterable[str]) -> list[Piece]:
    """What is known of each of the pieces that a comment was split into."""
    return list(_PIECES.each(written))


def prose(written: str) -> str:
    """A piece in small letters; handles, addresses and links are of no language, so nothing is left."""
    return "" if "@" in written or "://" in written else written.lower().replace(_DOT_ABOVE, "")


def _piece(written: str) -> Piece:
    if written.isascii() and written.isalpha():  # as most: one plain word, to both
        word = (written.lower(),)
        return Piece(word, word)
    spoken = _SPOKEN.findall(written.casefold().replace("'", ""))
    return Piece(tuple(spoken), tuple(words(prose(written))))


_PIECES = Memory(_piece, _KEPT)
