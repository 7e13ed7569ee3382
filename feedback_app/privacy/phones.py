"""Telephone numbers in a text, by the phonenumbers library and by what the words around say.

A number with its country is one if that country's are so long. One without is looked up in a few countries, and
counts only if it is written as people write telephone numbers, or if the words beside it speak of calling; the words
nearest to it decide, so that "order 2025550123" stays.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from feedback_app.privacy.found import Found, Kind

BEGIN_WITH_ZERO, BEGIN_OTHERWISE = ("GB", "DE", "FR"), ("US", "ES")
MOST_RUNS = 100  # what has more is a list of numbers: there all of such a length count
FEWEST_DIGITS = 7
_RUN = re.compile(r"[\d+()/.\u2010-\u2015 \t\u00a0\u202f-]{7,80}")
_SPEAKS_OF_CALLING = (
    r"phone|telephone|tel\.?|call(?:ed|ing)?|ring|mobile|cell|text|sms|whatsapp|dial|fax|reach|"
    r"telefon\w*|tel|handy\w*|mobil\w*|ruf\w*|anruf\w*|rückruf\w*|erreich\w*|"
    r"téléphone|appel\w*|portable|joindre|rappel\w*|teléfono|llam\w*|móvil|celular"
)
_SPEAKS_OF_ELSE = (
    r"order|ticket|case|ref(?:erence|s)?|invoice|inv|tracking|parcel|shipment|package|id|sku|serial|imei|account|customer|"
    r"booking|confirmation|code|article|item|part|po|rma|version|isbn|ean|gtin|licen[cs]e|vat|iban|card|model|"
    r"transaction|contract|policy|claim|batch|request|device|build|flight|"
    r"bestell\w*|auftrag\w*|rechnung\w*|kunden\w*|vorgang\w*|sendung\w*|artikel\w*|vertrag\w*|aktenzeichen|"
    r"commande|facture|suivi|dossier|réf\w*|colis|contrat|"
    r"pedido|factura|seguimiento|referencia|envío|contrato|expediente"
)
_CUE = re.compile(
    rf"(?<!\w)(?:(?P<call>{_SPEAKS_OF_CALLING})|(?P<other>{_SPEAKS_OF_ELSE}))(?!\w)|(?P<sign>#)", re.I
)
_BEFORE, _AFTER = 32, 26  # characters that are looked at
_NEAR = 18  # from a word that speaks of something else: "order no. 2025550123"
_DATE = re.compile(
    r"\b(?:19|20)\d\d[-./ ]?[01]?\d[-./ ]?[0-3]?\d\b|\b[0-3]?\d[-./][01]?\d[-./](?:19|20)?\d\d\b"
)
_IN_THREES = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+")  # as amounts are written
_AS_CALLED = re.compile(r"(?:\+|00|0|\()")


def phones(text: str) -> Iterator[Found]:
    """Every telephone number."""
    tries = 0
    for run in _RUN.finditer(text):
        digits = sum(sign.isdigit() for sign in run[0])
        if digits < FEWEST_DIGITS:
            continue
        tries += 1
        if tries <= MOST_RUNS:
            yield from _in_run(text, run.start(), run.end())
        elif 9 <= digits <= 15:
            yield Found(Kind.PHONE, *_bare(text, run.start(), run.end()))


def _in_run(text: str, start: int, end: int) -> Iterator[Found]:
    """The numbers in a stretch of digits and their signs; with what stands beside it, for the library judges that."""
    from phonenumbers import Leniency, PhoneNumberMatcher

    begin = max(0, start - 1)
    window = text[begin : end + 12]
    taken = 0
    for region in _regions(text, start, end):
        # Every country has numbers that the library does not list; a + and a possible length are enough for it.
        for match in PhoneNumberMatcher(window, region, Leniency.VALID if region else Leniency.POSSIBLE):
            at = begin + match.start
            if match.start < taken or match.start >= end - begin:
                continue
            if _is_meant(text, at, begin + match.end, match, region):
                taken = match.end
                yield Found(Kind.PHONE, at, begin + match.end)
        if taken:
            return


def _regions(text: str, start: int, end: int) -> Sequence[str | None]:
    """In whose countries to look it up, by how it begins; none if it is sure to be something else."""
    run = text[start:end].lstrip(" \t.-/)\u00a0\u202f")
    if "+" in run:
        return (None,)
    cue = _cue(text, end - len(run), end)
    if cue is False:
        return ()
    if run.lstrip("(").startswith("0"):
        return BEGIN_WITH_ZERO
    is_bare = run.strip().isdigit()
    return () if is_bare and cue is None else BEGIN_OTHERWISE


def _is_meant(text: str, start: int, end: int, match: Any, region: str | None) -> bool:
    raw = match.raw_string
    cue = _cue(text, start, end)
    if raw.startswith("+"):
        return sum(sign.isdigit() for sign in raw) >= 9
    if cue is not None:
        return cue
    if _DATE.search(raw) or _IN_THREES.fullmatch(raw):
        return False
    return _looks_like_one(match, region)


def _looks_like_one(match: Any, region: str | None) -> bool:
    """Whether it is written as telephone numbers are: with the signs of dialling, or in its country's groups."""
    from phonenumbers import Leniency, PhoneNumberMatcher, PhoneNumberType, number_type

    raw = match.raw_string
    is_grouped = not raw.isdigit()
    if _AS_CALLED.match(raw):
        return is_grouped or number_type(match.number) == PhoneNumberType.MOBILE
    if not is_grouped or sum(sign.isdigit() for sign in raw) < 10:
        return False
    return PhoneNumberMatcher(raw, region, Leniency.STRICT_GROUPING).has_next()


def _cue(text: str, start: int, end: int) -> bool | None:
    """What the words beside it speak of: calling (True), something else (False); the nearest before it decides."""
    nearest = None
    for cue in _CUE.finditer(text, max(0, start - _BEFORE), start):
        nearest = cue
    if nearest is not None and (nearest["call"] or start - nearest.end() <= _NEAR):
        return nearest["call"] is not None
    speaks_of_calling = any(cue["call"] for cue in _CUE.finditer(text, end, end + _AFTER))
    return True if speaks_of_calling else None


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    run = text[start:end]
    return start + len(run) - len(run.lstrip(" \t.-/)")), end - len(run) + len(run.rstrip(" \t.-/(+"))
