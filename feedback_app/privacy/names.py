"""People's names in a text, where they are certain: told to us, introduced, signed with, or after a title.

A capitalised word alone is never taken for a name.
"""

import re
from collections.abc import Collection, Iterator

from feedback_app.privacy.found import Found, Kind
from feedback_app.privacy.words import ALSO_WORDS, NOT_NAMES

SHORTEST_PART = 3
MOST_NAMES = 20
# Names that are words as well: alone they count only beside another part of the name.
_ALSO_WORDS = frozenset(ALSO_WORDS.split())
_NOT_NAMES = frozenset(NOT_NAMES.split())
_UPPER = "A-ZÀ-ÖØ-ÞĀĆČĎĐĒĘĚĞĢĪĶŁŃŅŇŐŘŚŞŠŢŤŪŮŰŹŻŽ"
_PART = rf"[{_UPPER}](?:\.|[^\W\d_]+(?:['’-][^\W\d_]+){{0,3}})"
_PARTICLE = r"(?:van|von|der|den|de|del|della|da|dos|di|du|la|le|el|al|bin|ibn|zu|ter|y)"
_NAME = rf"(?P<name>(?:{_PARTICLE}[ \u00a0]){{0,2}}{_PART}(?:[ \u00a0](?:{_PARTICLE}[ \u00a0]){{0,2}}{_PART}){{0,3}})"
_BOUND = r"(?!\w)"
_SIGN_OFF = (
    r"(?:(?:kind|best|warm|warmest|many) )?(?:regards|wishes)|best|cheers|sincerely|"
    r"yours(?: sincerely| truly| faithfully)?|thank you|thanks|many thanks|thx|signed|"
    r"(?:mit )?(?:freundliche|beste|viele|liebe|herzliche)n? gr(?:ü|ue)(?:ß|ss)en?|mfg|lg|vg|"
    r"(?:bien )?cordialement|bien à vous|salutations|"
    r"(?:un )?(?:saludos?|cordial saludo)|atentamente|gracias|merci|danke"
)
# The words that lead to a name, in whatever letter case; the name itself is capitalised.
_CUES = (
    re.compile(
        rf"\b(?i:my (?:full )?name(?: is|['’]s)|mein name ist|ich hei(?:ß|ss)e|je m['’]appelle|mon nom est|"
        rf"me llamo|mi nombre es)[: ]\s?{_NAME}{_BOUND}"
    ),
    re.compile(
        rf"\b(?i:this is|it['’]s|i['’]m|i am|hier ist|hier spricht|ici|soy)\s{_NAME}\s"
        r"(?:from|of|at|here|von|vom|de chez|de)\b"
    ),
    re.compile(
        rf"(?<![\w.])(?:Mr|Mrs|Ms|Mx|Miss|Dr|Prof(?:essor)?|Herrn?|Frau|Fräulein|Mme|Mlle|Madame|Monsieur|[Ss]eñora?|[Ss]eñorita|"
        rf"Sra|Srta|Doña|(?:[Ee]l|[Aa]l|[Dd]el|Estimado) Sr)\.?[ \u00a0](?:(?:Dr|Prof)\.?[ \u00a0])?{_NAME}{_BOUND}"
    ),
    re.compile(
        rf"(?:^|(?<=[.!?,;\n ]))(?:(?i:{_SIGN_OFF})(?:\s?[,.!–-]\s?|\s?,?\n\s?)(?:[-–—]\s?)?|(?:LG|VG|MfG)\s)"
        rf"{_NAME}[.!]?[ \t]*(?=\n|\Z)"
    ),
)


def names(text: str, known: Collection[str] = ()) -> Iterator[Found]:
    """Every name that is certain; `known` are names and e-mail addresses of people whom the text may speak of."""
    for cue in _CUES:
        for match in cue.finditer(text):
            start, end = _without_words(match)
            if start < end:
                yield Found(Kind.NAME, start, end)
    for match in _told(text, known):
        if _is_certain(match):
            yield Found(Kind.NAME, match.start(), match.end())


def _without_words(match: re.Match[str]) -> tuple[int, int]:
    """The name up to the first word that is none: "my name is Dana But" is Dana."""
    start = end = match.start("name")
    for part in re.finditer(r"\S+", match["name"]):
        word = part[0].rstrip(".").casefold()
        if word in _NOT_NAMES:
            break
        if not word.islower() or part[0][0].isupper():
            end = start + part.end()
    return start, end


def _is_certain(match: re.Match[str]) -> bool:
    """Two parts are, unless they are everyday words; one alone must be capitalised as well."""
    parts = re.split(r"[\s._]+", match[0])
    has_own = any(part.casefold() not in _ALSO_WORDS for part in parts)
    if len(parts) > 1:
        is_one_word = not re.search(r"\s", match[0])  # will.price
        return has_own or is_one_word or all(part[:1].isupper() for part in parts)
    return has_own and match[0][0].isupper()


def _told(text: str, known: Collection[str]) -> Iterator[re.Match[str]]:
    """Where the known names or their parts are, as many in a row as there are."""
    folded = text.casefold()
    some = [name for name in list(known)[:MOST_NAMES] if name]
    parts = {part for name in some for part in _parts_of(name)}
    present = sorted(
        (part for part in parts if part.casefold() in folded), key=lambda part: (-len(part), part)
    )
    if present:
        one = "|".join(re.escape(part) for part in present)
        yield from re.finditer(rf"(?<!\w)(?:{one})(?:[\s._]{{1,2}}(?:{one})){{0,3}}(?!\w)", text, re.I)


def _parts_of(name: str) -> list[str]:
    local = name.partition("@")[0]
    return [part for part in re.split(r"[\s.,_+/\d()\"-]+", local) if len(part) >= SHORTEST_PART]
