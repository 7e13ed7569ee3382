"""Card numbers and IBANs in a text: taken for such only if their check digits are right."""

import re
from collections.abc import Iterator
from functools import cache

from feedback_app.privacy.found import Found, Kind

_SEPARATOR = r"[ \u00a0\u202f-]"
_DIGITS = re.compile(rf"(?<![\w.,+-])\d(?:{_SEPARATOR}?\d){{11,80}}(?![\w]|[.,-]\d)")
# First digits and lengths, as the networks publish them.
_NETWORKS = (
    (re.compile(r"4"), (13, 16, 19)),  # Visa
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),  # Mastercard
    (re.compile(r"3[47]"), (15,)),  # American Express
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),  # Discover
    (re.compile(r"30[0-5]|36|3[89]"), (14, 16)),  # Diners Club
    (re.compile(r"352[89]|35[3-8]"), (16, 19)),  # JCB
    (re.compile(r"62"), (16, 17, 18, 19)),  # UnionPay
    (re.compile(r"5018|5020|5038|5893|6304|6759|676[1-3]"), (13, 14, 15, 16, 18, 19)),  # Maestro
)
_GROUPINGS = ((4, 4, 4, 4), (4, 6, 5), (4, 6, 4), (4, 4, 4, 4, 3), (6, 13), (4, 4, 4, 1), (8, 8))
_IBAN_BEGINS = re.compile(r"(?<![^\W_])[A-Za-z]{2}(?:[ -]?\d){2}")
_IBAN_RUN = re.compile(r"(?:[ \u00a0-]?[A-Za-z0-9]){11,30}")


def cards(text: str) -> Iterator[Found]:
    """Every payment card number: a network's first digits and length, the usual groups, and Luhn's check digit."""
    for match in _DIGITS.finditer(text):
        for begin, end in _card_spans(match[0]):
            yield Found(Kind.CARD, match.start() + begin, match.start() + end)


def is_card(digits: str) -> bool:
    """Whether a network gives out such numbers and the check digit is right."""
    from stdnum import luhn

    return any(
        len(digits) in lengths and first.match(digits) for first, lengths in _NETWORKS
    ) and luhn.is_valid(digits)


def _card_spans(run: str) -> Iterator[tuple[int, int]]:
    """Where cards are within digits and single separators; two numbers may stand side by side ("... 1111 12/28")."""
    groups = list(re.finditer(r"\d+", run))
    at = 0
    while at < len(groups):
        size = next((size for size in (5, 4, 3, 2, 1) if _is_card_of(groups[at : at + size], size)), 0)
        if size:
            yield groups[at].start(), groups[at + size - 1].end()
        at += size or 1


def _is_card_of(groups: list[re.Match[str]], size: int) -> bool:
    if len(groups) != size:
        return False
    lengths = tuple(len(group[0]) for group in groups)
    return (size == 1 or lengths in _GROUPINGS) and is_card("".join(group[0] for group in groups))


def ibans(text: str) -> Iterator[Found]:
    """Every IBAN: as long as its country's are, and the check digits right."""
    end = 0
    for match in _IBAN_BEGINS.finditer(text):
        if match.start() < end:
            continue
        found = _iban_end(text, match.start(), match.end())
        if found:
            end = found
            yield Found(Kind.IBAN, match.start(), end)


def _iban_end(text: str, start: int, body: int) -> int | None:
    country = text[start : start + 2].upper()
    length = _iban_length(country)
    run = _IBAN_RUN.match(text, body) if length else None
    if run is None or length is None:
        return None
    signs, end = list(text[start:body].replace(" ", "").replace("-", "")), body
    while len(signs) < length and end < run.end():
        if text[end].isalnum():
            signs.append(text[end])
        end += 1
    ends_a_word = end == len(text) or not text[end].isalnum()
    return end if len(signs) == length and ends_a_word and _is_iban("".join(signs)) else None


@cache
def _iban_length(country: str) -> int | None:
    from stdnum import iban

    _, about = iban._ibandb.info(f"{country}00")[0]
    bban: str = about.get("bban", "")
    return 4 + sum(int(digits) for digits in re.findall(r"\d+", bban)) if bban else None


def _is_iban(number: str) -> bool:
    from stdnum import iban

    return bool(iban.is_valid(number, check_country=False))
