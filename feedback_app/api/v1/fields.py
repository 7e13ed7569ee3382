"""The parameters of an endpoint: each is declared once, and read, checked and documented from that."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from feedback_app.db import LARGEST_ID
from feedback_app.errors import Invalid
from feedback_app.people.addresses import normalised_address

BLANK = "can't be blank"
INVALID = "is invalid"
NOT_A_NUMBER = "is not a number"
NOT_INCLUDED = "is not included in the list"
LARGEST_INTEGER = 2**53
LATEST = 253_402_300_799  # 9999-12-31, as Unix seconds
PHONE = re.compile(r"\+[1-9]\d{6,14}")

Where = Literal["path", "query", "body"]


class Wrong(Exception):
    """What is wrong with the value of a parameter, in the words of the original where they are known."""


@dataclass(frozen=True)
class Field:
    """One parameter: its name, where it is documented to stand, how it is read, and what it means.

    `read` turns what came into the value, or raises Wrong. `schema` is its JSON Schema.
    """

    name: str
    read: Callable[[Any], Any]
    schema: dict[str, Any]
    meaning: str
    where: Where = "query"
    required: bool = False
    default: Any = None

    def value(self, values: dict[str, Any]) -> Any:
        """The value that came, or the default; raises Wrong."""
        given = values.get(self.name)
        if given is None or given == "":
            if self.required:
                raise Wrong(BLANK)
            return self.default
        return self.read(given)


def text(longest: int | None = None) -> Callable[[Any], str]:
    """Text, also where a number came; without NUL and halves of characters."""

    def read(given: Any) -> str:
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            raise Wrong(INVALID)
        value = str(given).replace("\0", "").encode("utf-8", "replace").decode()
        if longest is not None and len(value) > longest:
            raise Wrong(f"must be less than {longest + 1} characters")
        return value

    return read


def integer(least: int | None = None, most: int | None = None) -> Callable[[Any], int]:
    """A whole number, also as digits."""
    low = -LARGEST_INTEGER if least is None else least
    high = LARGEST_INTEGER if most is None else most

    def read(given: Any) -> int:
        if isinstance(given, float) and given.is_integer():
            given = int(given)
        if isinstance(given, str) and re.fullmatch(r"[+-]?\d{1,18}", given.strip(), re.ASCII):
            given = int(given)
        if isinstance(given, bool) or not isinstance(given, int):
            raise Wrong(NOT_A_NUMBER)
        if not low <= given <= high:
            raise Wrong(f"must be between {low} and {high}")
        return given

    return read


def boolean(given: Any) -> bool:
    """true, True, 1 and false, False, 0."""
    known = {"true": True, "1": True, "false": False, "0": False}
    value = known.get(str(given).strip().lower())
    if value is None:
        raise Wrong(INVALID)
    return value


def moment(given: Any) -> datetime:
    """Unix seconds, also as digits."""
    return datetime.fromtimestamp(integer(0, LATEST)(given), UTC)


def row_id(given: Any) -> int:
    """The id of a row: digits; one that no row can have is 0, so that it finds nothing."""
    value = integer()(given)
    return value if 0 < value <= LARGEST_ID else 0


def email(given: Any) -> str:
    """An e-mail address, as given."""
    address = text(254)(given).strip()
    try:
        normalised_address(address)
    except Invalid as error:
        raise Wrong(INVALID) from error
    return address


def phone_number(given: Any) -> str:
    """A number in E.164; blanks and hyphens are taken out."""
    number = re.sub(r"[\s()-]", "", text(40)(given))
    if not PHONE.fullmatch(number):
        raise Wrong(INVALID)
    return number


def choice(*allowed: str) -> Callable[[Any], str]:
    """One of these words."""

    def read(given: Any) -> str:
        if given not in allowed:
            raise Wrong(NOT_INCLUDED)
        return str(given)

    return read


def words(*, most: int = 100, longest: int = 200) -> Callable[[Any], list[str]]:
    """A list of words; a single one is a list of one."""

    def read(given: Any) -> list[str]:
        items: Sequence[Any] = given if isinstance(given, list) else [given]
        if len(items) > most:
            raise Wrong(f"must be at most {most}")
        return [text(longest)(item) for item in items]

    return read


def properties(given: Any) -> dict[str, str]:
    """A flat map of texts: numbers and yes or no become text, empty values are left out, lists and maps refused."""
    if not isinstance(given, dict):
        raise Wrong(INVALID)
    found: dict[str, str] = {}
    for name, value in given.items():
        if isinstance(value, dict | list):
            raise Wrong(INVALID)
        if value is None or value == "":
            continue
        said = str(value).lower() if isinstance(value, bool) else text()(value)
        found[text(200)(name)] = said
    return found
