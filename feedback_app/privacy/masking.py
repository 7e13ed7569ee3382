"""Personal data as a viewer sees it: enough to tell two people apart, not to reach them."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, TypeVar

from feedback_app.privacy.personal import Found, Kind, find

Look = TypeVar("Look")

LONGEST_PART = 64  # characters of an address or number that may be cut in two
PLACEHOLDERS = {
    Kind.EMAIL: "[e-mail]",
    Kind.PHONE: "[phone]",
    Kind.CARD: "[card]",
    Kind.IBAN: "[IBAN]",
    Kind.NAME: "[name]",
}
_PLACED = re.compile("|".join(re.escape(one) for one in PLACEHOLDERS.values()))


def masked(text: str, names: Collection[str] = (), kinds: Collection[Kind] = tuple(Kind)) -> str:
    """The text with a placeholder for each stretch that is personal.

    >>> masked("Write to dana@example.com, I am sitting here.")
    'Write to [e-mail], I am sitting here.'
    """
    return replaced(text, [one for one in find(text, names) if one.kind in kinds])


def replaced(text: str, found: Sequence[Found]) -> str:
    """The text with a placeholder for each stretch that was found; they are in its order and lie apart."""
    return "".join(piece for piece, _ in _cut([(text, None)], found)) if found else text


def without_placeholders(text: str) -> str:
    """The text with blanks for its placeholders, which are our words and not the customer's; it stays as long.

    >>> without_placeholders("Ring [phone]!")
    'Ring        !'
    """
    return _PLACED.sub(lambda found: " " * len(found.group()), text) if "[" in text else text


def masked_beginning(text: str, names: Collection[str] = ()) -> str:
    """The same for a text that was cut off: its last characters go, as they may be a part of something personal."""
    found = find(text, names)
    end = max(0, len(text) - LONGEST_PART)
    end = max([end, *(one.end for one in found if one.start < end)])
    return replaced(text[:end], [one for one in found if one.end <= end])


def masked_value(value: Any, names: Collection[str] = ()) -> Any:
    """The same for the texts in lists and in the values of objects; everything else as it is."""
    if isinstance(value, str):
        return masked(value, names)
    if isinstance(value, dict):
        return {key: masked_value(item, names) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked_value(item, names) for item in value]
    return value


def mask_pieces(pieces: Iterable[tuple[str, Look]], names: Collection[str] = ()) -> list[tuple[str, Look]]:
    """A text cut in pieces, each with its look, masked: a placeholder has the look of the piece where it begins."""
    whole = list(pieces)
    found = find("".join(text for text, _ in whole), names)
    return list(_cut(whole, found)) if found else whole


def _cut(pieces: Sequence[tuple[str, Look]], found: Sequence[Found]) -> Iterator[tuple[str, Look]]:
    """The pieces with placeholders; `found` is in the text's order and does not overlap."""
    waiting = iter(found)
    current = next(waiting, None)
    begin = 0
    for text, look in pieces:
        end, at, shown = begin + len(text), begin, ""
        while current is not None and current.start < end:
            if current.start >= begin:
                shown += text[at - begin : current.start - begin] + PLACEHOLDERS[current.kind]
            at = min(current.end, end)
            if current.end > end:
                break  # the rest of it is in the next pieces
            current = next(waiting, None)
        shown += text[at - begin :]
        if shown:
            yield shown, look
        begin = end


def masked_email(address: str) -> str:
    """The first letter and the domain.

    >>> masked_email("dana.whitfield@harrowfinch.example")
    'd•••@harrowfinch.example'
    """
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}•••{at}{domain}" if at else "•••"


def initials(name: str) -> str:
    """The first letters of a name.

    >>> initials("Dana van  Whitfield")
    'D. v. W.'
    """
    return " ".join(f"{word[0]}." for word in name.split())
