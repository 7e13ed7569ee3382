"""E-mail addresses in a text, also those written out ("dana (at) example dot com") where nothing else can be meant."""

import re
from collections.abc import Iterator

from feedback_app.privacy.found import Found, Kind

LONGEST_LOCAL = 64  # RFC 5321
LONGEST_DOMAIN = 255
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+\Z")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.){1,8}(?:xn--[a-z0-9-]{2,59}|[^\W\d_]{2,24})", re.I)
_ENDINGS = "com|net|org|edu|info|biz|io|co|de|at|ch|fr|es|it|nl|be|eu|uk|us|example|test|invalid"
_AT = r"\s?(?:\(\s?(?:at|ät)\s?\)|\[\s?(?:at|ät)\s?\]|\{\s?at\s?\})\s?"
_DOT = r"(?:\s?(?:\(\s?(?:dot|punkt)\s?\)|\[\s?(?:dot|punkt)\s?\])\s?|\s(?:dot|punkt)\s|\.)"
_WORD = r"[^\W_][\w+-]{0,39}"
# "(at)" is written for nothing else; so is "@" before a domain whose dots are words.
_BRACKETED = re.compile(
    rf"(?<!\w){_WORD}(?:{_DOT}{_WORD}){{0,3}}(?:{_AT}|\s?@\s?)(?:{_WORD}{_DOT}){{1,3}}(?:{_ENDINGS})\b", re.I
)
# "at" and "dot" as words can be a remark ("we look at example dot com"): either the local part is no single word, or
# the words before speak of an address.
_SPOKEN = re.compile(
    rf"(?<!\w)(?P<local>{_WORD}(?:\s(?:dot|punkt)\s{_WORD}|[._]{_WORD}){{0,3}})\sat\s"
    rf"(?:{_WORD}\s(?:dot|punkt)\s){{1,3}}(?:{_ENDINGS})\b",
    re.I,
)
_SPEAKS_OF_ONE = re.compile(
    r"(?:e-?mail|mail|address|adresse|write to|reach me|contact me)\b[^.!?\n]{0,20}\Z", re.I
)
_WORDS_BEFORE_AT = "me us you we it is was are be work works look looked bought order ordered shop site found"
_NO_LOCALS = frozenset(_WORDS_BEFORE_AT.split())


def emails(text: str) -> Iterator[Found]:
    """Every e-mail address."""
    yield from _written(text)
    lowered = text.lower()
    if "(" in text or "[" in text or "{" in text or "@" in text:
        for match in _BRACKETED.finditer(text):
            yield Found(Kind.EMAIL, match.start(), match.end())
    if " at " in lowered and (" dot " in lowered or " punkt " in lowered):
        yield from _spoken(text)


def _written(text: str) -> Iterator[Found]:
    at = text.find("@")
    while at != -1:
        local = _LOCAL.search(text, max(0, at - LONGEST_LOCAL), at)
        domain = _DOMAIN.match(text, at + 1, at + 1 + LONGEST_DOMAIN)
        if local and domain:
            begin = local.start() + len(local[0]) - len(local[0].lstrip(".'`*/=?&{|}~^"))
            if begin < at:
                yield Found(Kind.EMAIL, begin, domain.end())
        at = text.find("@", at + 1)


def _spoken(text: str) -> Iterator[Found]:
    for match in _SPOKEN.finditer(text):
        local = match["local"].lower()
        before = text[max(0, match.start() - 40) : match.start()]
        is_one_word = re.fullmatch(r"[^\W\d_]+", local)
        if not is_one_word or (local not in _NO_LOCALS and _SPEAKS_OF_ONE.search(before)):
            yield Found(Kind.EMAIL, match.start(), match.end())
