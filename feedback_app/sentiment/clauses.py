"""The clauses of a comment: the stretches in which one thing is said of one thing.

"The app is lovely, but billing charged me twice." praises and blames in one sentence; read clause by clause, each
theme gets the sentiment that belongs to it.
"""

import re
from collections.abc import Iterator

_CONTRAST = r"but|however|although|though|yet|except|unfortunately|(?<!\ba )while"
_BREAK = re.compile(
    r"[.](?!\w)[.!?;\s]*"  # not the dot of "3.5" or "example.org"
    r"|[!?;\n\r\u2026\u3002][.!?;\s]*"
    rf"|\b(?={_CONTRAST})(?:{_CONTRAST})\b",
    re.IGNORECASE,
)
_CONTENT = re.compile(rf"\b(?!(?:{_CONTRAST})\b)\w", re.IGNORECASE)


def clauses(text: str) -> list[tuple[int, int]]:
    """Where each clause begins and ends, in order; punctuation stays with the clause that it ends.

    A clause ends at . ! ? ; a line break, and before a word of contrast, which opens the next one. None is empty or
    without a letter or digit, save when the whole text is ("👍👍" is one); only a blank text has none.
    """
    found: list[tuple[int, int]] = []
    for start, end in _pieces(text):
        if found and not (_CONTENT.search(text, start, end) and _CONTENT.search(text, *found[-1])):
            found[-1] = found[-1][0], end  # "... but." says nothing by itself
        else:
            found.append((start, end))
    return [_trimmed(text, start, end) for start, end in found if not text[start:end].isspace()]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _BREAK.finditer(text):
        cut = match.start() if match.group()[0].isalpha() else match.end()
        if cut > start:
            yield start, cut
            start = cut
    if start < len(text):
        yield start, len(text)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
