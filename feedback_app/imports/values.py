"""Cells as people write them: amounts of money, dates, yes and no, languages and time zones.

Nothing is guessed: what could be read in two ways is refused with a reason, unless other cells of its column tell.
"""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from zoneinfo import available_timezones


class RowRejected(ValueError):
    """A row that does not fit; its text is the reason, a sentence for whoever mends the file."""


class DateOrder(StrEnum):
    """Which number of 03/04/2026 is the day."""

    DAY_FIRST = "day"
    MONTH_FIRST = "month"


SYMBOLS = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP", "¥": "JPY", "₹": "INR", "A$": "AUD", "C$": "CAD"}
DOLLARS = ("$", "¥")  # several currencies write them so: a column of its own decides
LARGEST_AMOUNT = Decimal(10) ** 10
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YES = frozenset(
    ("yes", "y", "true", "t", "1", "x", "on", "ja", "oui", "si", "sí", "unsubscribed", "opted out")
)
NO = frozenset(("", "no", "n", "false", "f", "0", "off", "nein", "non", "-", "subscribed", "never"))
LANGUAGES = {
    "english": "en", "german": "de", "deutsch": "de", "french": "fr", "français": "fr", "spanish": "es",
    "español": "es", "italian": "it", "italiano": "it", "portuguese": "pt", "português": "pt", "dutch": "nl",
    "nederlands": "nl", "polish": "pl", "polski": "pl", "japanese": "ja", "chinese": "zh", "arabic": "ar",
    "englisch": "en", "inglés": "en", "anglais": "en", "alemán": "de", "allemand": "de", "spanisch": "es",
    "espagnol": "es", "französisch": "fr", "francés": "fr",
}  # fmt: skip

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_AMOUNT = re.compile(r"(?P<before>[^\d\s.,+-]*)\s*(?P<number>[\d.,'’\s]*\d)\s*(?P<after>[^\d\s.,+-]*)\Z")
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+(?:Z|[+-]\d\d:?\d\d)?)?\Z")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z")
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})\Z")
_WORDED = re.compile(r"(?:(\d{1,2})[. -]+)?([A-Za-z]{3,9})\.?[ -]+(?:(\d{1,2}),? +)?(\d{4})\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*\Z")


def looks_like_address(text: str) -> bool:
    return bool(_ADDRESS.match(text))


@lru_cache(4096)  # companies repeat from row to row
def amount_of(text: str, decimals: str | None) -> tuple[Decimal, str | None]:
    """The amount and the sign or code of its currency, if any. `decimals`: the column's mark before the cents."""
    found = _AMOUNT.match(text.replace("\xa0", " ").replace("\u202f", " ").strip())
    if not found:
        raise RowRejected(f"“{text[:40]}” is not an amount of money; write it like 1200.50.")
    number = re.sub(r"[\s'’]", "", found["number"])
    mark = decimals_of(number) or decimals
    if mark is None and ("." in number or "," in number):
        raise RowRejected(
            f"“{text[:40]}” could be read in two ways; write it with cents (1200.00) or without a mark (1200)."
        )
    amount = _amount(number, mark, text)
    if amount >= LARGEST_AMOUNT:
        raise RowRejected(f"“{text[:40]}” is more than we can keep.")
    return amount.quantize(Decimal("0.01")), found["before"].strip() or found["after"].strip() or None


def _amount(number: str, mark: str | None, text: str) -> Decimal:
    grouped = {".": ",", ",": "."}.get(mark or "", "")
    whole, _, cents = number.partition(mark) if mark else (number, "", "")
    groups = whole.split(grouped) if grouped else [whole]
    are_groups_whole = len(groups) == 1 or (
        1 <= len(groups[0]) <= 3 and all(len(part) == 3 for part in groups[1:])
    )
    try:
        if not are_groups_whole:
            raise InvalidOperation
        return Decimal(f"{''.join(groups)}.{cents or '0'}")
    except InvalidOperation:
        raise RowRejected(f"“{text[:40]}” is not an amount of money; write it like 1200.50.") from None


def decimals_of(number: str) -> str | None:
    """The mark before the cents, as far as this number alone tells; None for 1200 and for 1.200."""
    places = {mark: number.rfind(mark) for mark in ".,"}
    last, other = sorted(places, key=lambda mark: places[mark], reverse=True)
    if places[last] < 0:
        return None
    if places[other] >= 0:  # both: the last one is before the cents
        return last
    if number.count(last) > 1:  # repeated: it groups thousands
        return other
    return None if len(number) - places[last] == 4 and places[last] <= 3 else last


def decimal_mark(values: Iterable[str]) -> str | None:
    """The mark before the cents in a column; None if none of its values tells, or they contradict each other."""
    found = set()
    for value in values:
        match = _AMOUNT.match(value.replace("\xa0", " ").strip())
        if match:
            found.add(decimals_of(re.sub(r"[\s'’]", "", match["number"])))
    found.discard(None)
    return found.pop() if len(found) == 1 else None


def currency_of(column: str, mark: str | None) -> str | None:
    """The currency's code, from its own column or from the mark at an amount."""
    code = currency_code(column) if column.strip() else None
    beside = currency_code(mark) if mark else None
    if code and beside and code != beside and mark not in DOLLARS:
        raise RowRejected(f"The amount says {beside} and the currency {code}; leave one of them.")
    return code or beside


def currency_code(text: str) -> str:
    code = SYMBOLS.get(text.strip().upper()) or text.strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise RowRejected(f"“{text[:20]}” is not a currency; write its code, for example EUR.")
    return code


@lru_cache(4096)
def date_of(text: str, order: DateOrder | None) -> date:
    """The day; `order` is the column's. Raises RowRejected for what is none, or two."""
    try:
        year, month, day = _date_parts(text, order)
        return date(year, month, day)
    except ValueError as error:
        if isinstance(error, RowRejected):
            raise
        raise RowRejected(f"“{text[:40]}” is not a date; write it like 2026-12-31.") from None


def _date_parts(text: str, order: DateOrder | None) -> tuple[int, int, int]:
    if found := _ISO.match(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DOTTED.match(text):
        return int(found[3]), int(found[2]), int(found[1])
    if found := _SLASHED.match(text):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if order is None and max(first, second) <= 12 and first != second:
            raise RowRejected(f"“{text[:40]}” could be two days; write it like {year}-12-31.")
        is_day_first = order == DateOrder.DAY_FIRST or (order is None and first > 12)
        return (year, second, first) if is_day_first else (year, first, second)
    if (found := _WORDED.match(text)) and (found[1] or found[3]):
        return int(found[4]), MONTHS.index(found[2][:3].lower()) + 1, int(found[1] or found[3])
    raise ValueError(text)


def date_order(values: Iterable[str]) -> DateOrder | None:
    """Which number is the day in a column; None if no value tells, or they contradict each other."""
    orders = set()
    for value in values:
        if found := _SLASHED.match(value):
            if int(found[1]) > 12:
                orders.add(DateOrder.DAY_FIRST)
            if int(found[2]) > 12:
                orders.add(DateOrder.MONTH_FIRST)
    return orders.pop() if len(orders) == 1 else None


def is_yes(text: str) -> bool:
    """Whether the cell says yes; a date does too: that is when it happened."""
    word = text.strip().lower()
    if word in NO:
        return False
    if word in YES or _ISO.match(text.strip()) or _DOTTED.match(word) or _SLASHED.match(word):
        return True
    raise RowRejected(f"“{text[:40]}” is neither yes nor no.")


@lru_cache(1024)
def language_of(text: str) -> str:
    """The language's code, as given, or by its name."""
    known = LANGUAGES.get(text.lower())
    if known or (_LANGUAGE.match(text) and len(text) <= 35):
        return known or text
    raise RowRejected(f"“{text[:40]}” is not a language; write its code, for example de or pt-BR.")


@lru_cache(1024)
def time_zone_of(text: str) -> str:
    if text in _zones():
        return text
    raise RowRejected(f"“{text[:40]}” is not a time zone; write it like Europe/Berlin.")


@lru_cache(1)
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
