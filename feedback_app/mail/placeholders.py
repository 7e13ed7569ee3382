"""Names in the wording of a survey, such as {first_name}: found when a mail is compiled, filled in for each person.

Only the listed names are ever replaced; the wording is no template, so it can reach nothing else (class of
CVE-2025-49136). While a mail is compiled, every text is a slot and the templates see nothing but its marker, in
ASCII and with a random number that no wording can know. So neither Jinja nor MJML ever read what people wrote.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

NAMES = ("name", "first_name", "agent", "company", "topic")

_NAME = rf"\{{\{{?\s*(?P<name>{'|'.join(NAMES)})\s*"
_OPEN, _CLOSE = r"[„“«‘\"(][\u00a0\u202f]?", r"[\u00a0\u202f]?[“”»’\")]"
_PLACEHOLDER = re.compile(
    rf"(?P<blank>[^\S\n]*)(?P<open>{_OPEN})?{_NAME}(?:\|(?P<instead>[^{{}}|]*))?\}}?\}}(?P<close>(?(open){_CLOSE}|))"
)
_AT_START = re.compile(rf"{_NAME}\}}?\}}(?P<then>[,،，、]\s*\w)")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place to fill: what stands there with the value and what without it. No name: always without."""

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
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))

    def mark(self, slot: Slot) -> str:
        """The marker that stands for the slot in a text."""
        if slot not in self.found:
            self.found.append(slot)
        return f"@{self.nonce}.{self.found.index(slot)}@"

    def mark_plain(self, text: str) -> str:
        """The marker of a text that is the same for everybody; empty for no text."""
        return self.mark(Slot("", without=text)) if text else ""

    def mark_text(self, text: str) -> str:
        """The markers of a wording that may hold placeholders.

        `{first_name|there}` names what to say instead. Without that, a missing value takes the blank before it
        along ("Hi {first_name}," becomes "Hi,"), and at the very start the comma behind it as well
        ("{first_name}, how was it?" becomes "How was it?"). Quotation marks and brackets around it go with the value.
        """
        marked = []
        start = _AT_START.match(text)
        if start is not None:
            name, comma_and_letter = start["name"], start["then"]
            marked.append(self.mark(Slot(name, after=comma_and_letter, without=comma_and_letter[-1].upper())))
            text = text[start.end() :]
        at = 0
        for place in _PLACEHOLDER.finditer(text):
            marked += [self.mark_plain(text[at : place.start()]), self.mark(_slot(place))]
            at = place.end()
        return "".join(marked) + self.mark_plain(text[at:])

    def mark_line(self, text: str) -> str:
        """A line that only makes sense with its value, such as "Case {topic}": without it, not even its end is left."""
        line = f"{text}\n"
        place = _PLACEHOLDER.search(line)
        if place is None:
            return self.mark_plain(line)
        before = line[: place.start()] + place["blank"] + (place["open"] or "")
        return self.mark(Slot(place["name"], before=before, after=place["close"] + line[place.end() :]))


class Filling:
    """A text whose markers are filled in quickly, once for each person."""

    def __init__(self, text: str, slots: Slots, escape: Callable[[str], str]) -> None:
        marker = re.compile(f"@{slots.nonce}\\.([0-9]+)@")
        self._escape = escape
        self._slots: dict[str, Slot] = {}

        def place(found: re.Match[str]) -> str:
            slot = slots.found[int(found[1])]
            if not slot.name:
                return escape(slot.without).replace("%", "%%")
            self._slots[found[1]] = Slot(
                slot.name, escape(slot.before), escape(slot.after), escape(slot.without)
            )
            return f"%({found[1]})s"

        self._pattern = marker.sub(place, text.replace("%", "%%"))

    def fill(self, values: Mapping[str, str]) -> str:
        """The text for one person; a value that is missing counts as empty."""
        escape = self._escape
        filled = {
            number: slot.filled(escape(values.get(slot.name, ""))) for number, slot in self._slots.items()
        }
        return self._pattern % filled


def _slot(place: re.Match[str]) -> Slot:
    blank, instead = place["blank"], (place["instead"] or "").strip()
    return Slot(
        place["name"],
        before=blank + (place["open"] or ""),
        after=place["close"],
        without=f"{blank}{instead}" if instead else "",
    )
