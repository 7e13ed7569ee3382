"""Names in the wording of a survey, such as {first_name}: found when a mail is compiled, filled in for each person.

Only the listed names are ever replaced; the wording is no template, so it can reach nothing else (class of
CVE-2025-49136). While a mail is compiled, a place to fill is a marker of two private-use characters around a
number; those characters are removed from the wording first, so that no text can pass for a marker.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

NAMES = ("name", "first_name", "agent", "company", "topic")

_OPEN, _CLOSE = "\ue000", "\ue001"
_MARKER = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")
_NAME = rf"\{{\{{?\s*({'|'.join(NAMES)})\s*(?:\|([^{{}}|]*))?\}}?\}}"
_PLACEHOLDER = re.compile(_NAME)
_AT_START = re.compile(rf"{_NAME},\s*(\w)")
_AFTER_BLANK = re.compile(rf"([^\S\n]*){_NAME}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill: what stands there with the value and what without it."""

    name: str
    before: str = ""
    after: str = ""
    without: str = ""

    def filled(self, value: str) -> str:
        return f"{self.before}{value}{self.after}" if value else self.without


@dataclass
class Slots:
    """The places to fill in one mail, numbered as they are found."""

    found: list[Slot] = field(default_factory=list)

    def mark(self, slot: Slot) -> str:
        """The marker that stands for the slot in a text."""
        if slot not in self.found:
            self.found.append(slot)
        return f"{_OPEN}{self.found.index(slot)}{_CLOSE}"

    def mark_text(self, text: str) -> str:
        """The wording with a marker for each placeholder.

        `{first_name|there}` names what to say instead. Without that, a missing value takes the blank before it
        along ("Hi {first_name}," becomes "Hi,"), and at the very start the comma behind it as well
        ("{first_name}, how was it?" becomes "How was it?").
        """
        return _AFTER_BLANK.sub(self._mark_after_blank, _AT_START.sub(self._mark_start, _clean(text), count=1))

    def mark_line(self, text: str) -> str:
        """A line that only makes sense with its value, such as "Case {topic}": without it, nothing is left."""
        text = _clean(text)
        place = _PLACEHOLDER.search(text)
        if place is None:
            return text
        return self.mark(Slot(place[1], before=text[: place.start()], after=text[place.end() :]))

    def _mark_start(self, place: re.Match[str]) -> str:
        if place.start() or place[2] is not None:
            return place[0]
        return self.mark(Slot(place[1], after=f", {place[3]}", without=place[3].upper()))

    def _mark_after_blank(self, place: re.Match[str]) -> str:
        blank, name, instead = place[1], place[2], place[3]
        without = f"{blank}{instead.strip()}" if instead and instead.strip() else ""
        return self.mark(Slot(name, before=blank, without=without))


class Filling:
    """A text whose markers are filled in quickly, once for each person."""

    def __init__(self, text: str, slots: Slots, escape: Callable[[str], str]) -> None:
        self._pattern = _MARKER.sub(r"%(\1)s", text.replace("%", "%%"))
        used = sorted({int(number) for number in _MARKER.findall(text)})
        self._slots = [
            (str(number), Slot(slot.name, escape(slot.before), escape(slot.after), escape(slot.without)))
            for number, slot in ((number, slots.found[number]) for number in used)
        ]
        self._escape = escape

    def fill(self, values: Mapping[str, str]) -> str:
        """The text for one person; a value that is missing counts as empty."""
        escape = self._escape
        return self._pattern % {number: slot.filled(escape(values.get(slot.name, ""))) for number, slot in self._slots}


def _clean(text: str) -> str:
    return text.replace(_OPEN, "").replace(_CLOSE, "")
