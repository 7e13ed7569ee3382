"""Taking personal data out of values of every shape that a database keeps, and counting what was taken."""

import json
import re
from collections import Counter
from collections.abc import Callable, Collection
from typing import Any
from urllib.parse import parse_qsl, urlencode

from feedback_app.privacy.masking import replaced
from feedback_app.privacy.personal import Found, Kind, find

# Who a row is about; a value that is nothing else stays where rows are told apart by it.
_IDENTITY = (Kind.EMAIL, Kind.PHONE, Kind.NAME)
_WRITTEN_KEYS = (
    "comment",
    "additional_answers",
    "text",
    "blocks",
    "attachments",
    "word",
)  # of messages of ours
_SHORTEST_NUMBER = 10**11  # a card that a program sent as a number
_SAYS_WHO = re.compile(r"name$|agent|assignee|team|company|organi[sz]ation", re.I)
_FORM = re.compile(r"[\w.%+-]+=[^=&]*(?:&[\w.%+-]+=[^=&]*)*\Z")


class Redactor:
    """Replaces what is found by placeholders. `names` are those of whom the values are about."""

    def __init__(self, kinds: Collection[Kind] = tuple(Kind), names: Collection[str] = ()) -> None:
        self.kinds, self.names = kinds, names
        self.counts: Counter[Kind] = Counter()

    def written(self, value: Any) -> Any:
        """What somebody wrote: every stretch goes."""
        return self._each(value, self._all)

    def kept_apart(self, value: Any) -> Any:
        """What a program sent: a value that is nothing but an address, a number or a name stays, as it says who."""
        return self._each(value, self._beside_identity)

    def message(self, value: Any) -> Any:
        """A message of ours to programs or people: its texts as written, the rest as what a program sent."""
        if isinstance(value, dict):
            return {
                key: self.written(item) if key in _WRITTEN_KEYS else self.message(item)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.message(item) for item in value]
        return self.kept_apart(value)

    def message_text(self, text: str) -> str:
        """The same for a message as it is sent."""
        value = _read_json(text)
        changed = self.message(value)
        return text if changed == value else json.dumps(changed, ensure_ascii=False, separators=(",", ":"))

    def message_bytes(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        return self.message_text(text).encode("utf-8", "surrogateescape")

    def body(self, data: bytes) -> bytes:
        """A body as a helpdesk sent it: JSON, a form, or text of any kind; the same bytes if nothing is found."""
        text = data.decode("utf-8", "surrogateescape")
        value = _read_json(text)
        if value is not text:
            changed = self.kept_apart(value)
            return data if changed == value else json.dumps(changed, ensure_ascii=False).encode()
        if _FORM.match(text):
            pairs = parse_qsl(text, keep_blank_values=True)
            kept = [(key, self._beside_identity(item, key)) for key, item in pairs]
            return data if kept == pairs else urlencode(kept).encode()
        return self.plain(data)

    def plain(self, data: bytes) -> bytes:
        """Text in bytes, such as a mail."""
        text = data.decode("utf-8", "surrogateescape")
        return self._all(text).encode("utf-8", "surrogateescape")

    def _each(self, value: Any, change: Callable[[str, str], str], key: str = "") -> Any:
        if isinstance(value, str):
            return change(value, key)
        if isinstance(value, dict):
            return {
                key: item if _names_a_row(key, item) else self._each(item, change, key)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self._each(item, change, key) for item in value]
        if isinstance(value, int) and value >= _SHORTEST_NUMBER:
            changed = change(str(value), key)
            return value if changed == str(value) else changed
        return value

    def _all(self, text: str, _key: str = "") -> str:
        return self._without(text, self._found(text))

    def _beside_identity(self, text: str, key: str) -> str:
        found = self._found(text)
        if _SAYS_WHO.search(key):  # an agent or a company may have a part of the customer's name
            found = [one for one in found if one.kind != Kind.NAME]
        is_identity = found and not re.search(r"\w", "".join(_between(text, found)))
        if is_identity and all(one.kind in _IDENTITY for one in found):
            return text
        return self._without(text, found)

    def _found(self, text: str) -> list[Found]:
        return [one for one in find(text, self.names) if one.kind in self.kinds]

    def _without(self, text: str, found: list[Found]) -> str:
        self.counts.update(one.kind for one in found)
        return replaced(text, found)


def _names_a_row(key: str, item: Any) -> bool:
    """Whether it is the id of something: one in ten long ids has the check digit of a card."""
    return (key == "id" or key.endswith(("_id", "Id", "ID"))) and isinstance(item, str | int)


def _between(text: str, found: list[Found]) -> list[str]:
    """What stands around the stretches that were found."""
    begins = [0, *(one.end for one in found)]
    ends = [*(one.start for one in found), len(text)]
    return [text[begin:end] for begin, end in zip(begins, ends, strict=True)]


def _read_json(text: str) -> Any:
    """The value that the text stands for, or the text itself."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
