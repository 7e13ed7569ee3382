"""find(): personal data in a text, by check digits, by the words around, and by the names that are known.

Nothing is guessed from capital letters alone, and what a text of any length costs grows with its length only.
"""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator

from feedback_app.privacy.addresses import emails
from feedback_app.privacy.found import Found, Kind
from feedback_app.privacy.names import names as names_in
from feedback_app.privacy.numbers import cards, ibans
from feedback_app.privacy.phones import phones

__all__ = ["Found", "Kind", "find"]

# What a text without personal data mostly lacks; a look at it is cheaper than the search.
_HAS_NUMBER = re.compile(r"\d(?:\D{0,3}\d){6}")
_HAS_AT = re.compile(r"@|\bat\b|\b[(\[{]\s?[aä]t", re.I)


def find(text: str, names: Collection[str] = ()) -> list[Found]:
    """What is personal in the text, in its order; no two overlap.

    `names` are names and addresses of people who may be spoken of, such as the customer's own.
    """
    starts: list[int] = []
    taken: list[Found] = []
    for one in _all(text, names):
        at = bisect_left(starts, one.start)
        is_free_before = at == 0 or taken[at - 1].end <= one.start
        is_free_behind = at == len(taken) or one.end <= starts[at]
        if is_free_before and is_free_behind:
            starts.insert(at, one.start)
            taken.insert(at, one)
    return list(_joined(text, taken))


def _all(text: str, names: Collection[str]) -> Iterator[Found]:
    """The more certain kinds first; within a kind the longer ones."""
    if _HAS_AT.search(text):
        yield from _longest(emails(text))
    if _HAS_NUMBER.search(text):
        for kind in (ibans, cards, phones):
            yield from _longest(kind(text))
    yield from _longest(names_in(text, names))


def _longest(found: Iterator[Found]) -> list[Found]:
    return sorted(found, key=lambda one: one.start - one.end)


def _joined(text: str, found: list[Found]) -> Iterator[Found]:
    """First and last name found apart are one name."""
    last: Found | None = None
    for one in found:
        if last and last.kind == one.kind == Kind.NAME and text[last.end : one.start].isspace():
            last = Found(Kind.NAME, last.start, one.end)
            continue
        if last:
            yield last
        last = one
    if last:
        yield last
