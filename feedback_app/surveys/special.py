"""The properties of a request that change the survey itself: its language, its question, and what the mail says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_LINE = 200
LONGEST_INTRO = 2000
_NAMES = {
    "question_product_name": "product",
    "locale": "locale",
    "delighted_email_subject": "subject",
    "delighted_intro_message": "intro",
}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_BETWEEN = re.compile(r"[\s_-]+")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Special:
    """What one request asks for; empty: as usual. Plain texts: nothing in them is a placeholder."""

    product: str = ""  # named in the question instead of the brand
    locale: str = ""
    subject: str = ""
    intro: str = ""


NOTHING_SPECIAL = Special()


def special_of(properties: Mapping[str, Any]) -> Special:
    """What these properties ask for, in whatever of the known spellings; of two spellings the first counts."""
    if not properties:
        return NOTHING_SPECIAL
    found: dict[str, str] = {}
    for name, value in properties.items():
        part = _NAMES.get(plain_name(name))
        if part is not None and isinstance(value, str):
            found.setdefault(part, _cleaned(part, value))
    return Special(**found)


def plain_name(name: str) -> str:
    """A property's name as it is compared.

    >>> [plain_name(name) for name in ("Delighted Email Subject", "questionProductName", "delighted-intro_message")]
    ['delighted_email_subject', 'question_product_name', 'delighted_intro_message']
    """
    return _BETWEEN.sub("_", _HUMP.sub("_", name.strip())).lower()


def _cleaned(part: str, value: str) -> str:
    value = _UNPRINTED.sub("", value).strip()
    if part == "intro":
        return value[:LONGEST_INTRO]
    value = " ".join(value.split())[:LONGEST_LINE]
    # The question may hold placeholders of its own, so the name in it must not look like one.
    return value.replace("{", "").replace("}", "") if part == "product" else value
