"""The words and phrases that people write down to say what a comment is about, one a line.

A pattern's words match whole words, whatever their case, their accents and the kind of their apostrophes:

    refund*                 any word that begins so: refund, refunds, refunded
    credit card             these words side by side, with a blank or a hyphen between them
    wait ... answer         in this order within one sentence, with at most NEAR words between them
    -gift card              leaves out: what other patterns find there does not count
    # a remark

Nobody writes regular expressions here, so a comment takes time in proportion to its length, whatever the patterns.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import normalize

MOST_PATTERNS = 200  # of one theme
LONGEST_PATTERN = 80  # characters
NEAR = 5  # words that "..." may stand for
MOST_GAPS = 2  # "..." in one pattern

_OWN_WORDS = (
    "\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # written without blanks: each letter is a word
)
# Case is ignored in the endings alone: for the ranges it would be looked up letter by letter, 15 ms at each start.
WORD = re.compile(rf"[^\W_{_OWN_WORDS}]++(?:'(?i:t|s|d|m|ll|re|ve)(?![^\W_]))?+|[{_OWN_WORDS}]")
_OWN_WORD = re.compile(f"[{_OWN_WORDS}]")
_ACCENTS = re.compile(r"[\u0300-\u036f]")
_GAP = re.compile(r"\.{3,}|…")
_STRAIGHT = str.maketrans("‘’‛ʼ´`", "''''''")
_FOREIGN = re.compile(r"[^\w\s\-‐‑–/'\"&.,*]")
_MISPLACED_STAR = re.compile(r"\*(?=[^\s\-/])|(?<![^\W_])\*")
_REMEMBERED = 50_000  # words


class PatternsRefused(ValueError):
    """Patterns that cannot be read; `problems` has a sentence for each line that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__(" ".join(problems))


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a pattern: how it begins, whether it may go on, and how far behind the one before it may stand."""

    start: str
    is_open: bool
    reach: int

    def fits(self, word: str) -> bool:
        """Whether it is this word, which `fold` has been over."""
        return word.startswith(self.start) if self.is_open else word == self.start


@dataclass(frozen=True, slots=True)
class Pattern:
    """What one line looks for, or leaves out."""

    line: str
    words: tuple[Word, ...]
    leaves_out: bool


def read_patterns(text: str) -> list[Pattern]:
    """The patterns of a theme, one a line; raises PatternsRefused, which names each line and what to do about it."""
    found, problems = _read(text)
    if len(found) > MOST_PATTERNS:
        problems.append(
            f"A theme has up to {MOST_PATTERNS} patterns, these are {len(found)}. Make two themes of them, "
            "or put * where several lines begin alike."
        )
    if found and not problems and all(pattern.leaves_out for pattern in found):
        problems.append(
            "Every line begins with “-”, which leaves out what other lines find. Add a line without it."
        )
    if problems:
        raise PatternsRefused(problems)
    return found


def usable_patterns(text: str) -> list[Pattern]:
    """Those of the patterns that can be read: words may have been blacked out since they were written."""
    return _read(text)[0]


@lru_cache(maxsize=_REMEMBERED)
def fold(word: str) -> str:
    """The word without case, accents and what English hangs on behind an apostrophe; "don't" becomes "dont"."""
    word = word.casefold()
    if "'" in word:
        stem, _, rest = word.partition("'")
        word = stem + rest if rest == "t" else stem
    return word if word.isascii() else _ACCENTS.sub("", normalize("NFKD", word))


def _read(text: str) -> tuple[list[Pattern], list[str]]:
    """The patterns, and a sentence for each line that is none."""
    found: list[Pattern] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        try:
            found.append(_read_line(line))
        except ValueError as problem:
            problems.append(f"Line {number}, “{_shortened(line)}”: {problem}")
    return found, problems


def _read_line(line: str) -> Pattern:
    """The pattern of one line; raises ValueError with what is wrong and what to do."""
    body = line.removeprefix("-").strip()
    _check_signs(body)
    words: list[Word] = []
    parts = _GAP.split(body.translate(_STRAIGHT))
    if len(parts) > MOST_GAPS + 1:
        raise ValueError(f"“...” may stand in a pattern {MOST_GAPS} times. Make it shorter.")
    for part in parts:
        found = _words_of(part)
        if len(parts) > 1 and not found:
            raise ValueError("“...” stands between words. Put a word before and behind it.")
        reaches = [NEAR + 1 if words else 1] + [1] * len(found)
        words += (
            Word(start, is_open, reach) for (start, is_open), reach in zip(found, reaches, strict=False)
        )
    if not words:
        raise ValueError("there is no word in it. Write a word or a phrase.")
    if len(words) == 1 and _is_one_letter(words[0].start):
        raise ValueError("one letter is found in too much. Write a whole word.")
    return Pattern(line, tuple(words), leaves_out=line.startswith("-"))


def _words_of(part: str) -> list[tuple[str, bool]]:
    """Each word as it is compared, and whether a * stands behind it."""
    found = []
    for match in WORD.finditer(part):
        is_open = part.startswith("*", match.end())
        start = fold(match.group())
        if is_open and _is_one_letter(start):
            raise ValueError(f"too many words begin with “{match.group()}”. Write more letters before the *.")
        found.append((start, is_open))
    return found


def _check_signs(body: str) -> None:
    """Raise ValueError for what has no meaning here, such as a regular expression."""
    if len(body) > LONGEST_PATTERN:
        raise ValueError(f"it has {len(body)} characters, and a pattern up to {LONGEST_PATTERN}. Shorten it.")
    if _MISPLACED_STAR.search(body):
        raise ValueError("“*” stands at the end of a word, for any ending: refund*. Move it or take it out.")
    foreign = _FOREIGN.search(_GAP.sub(" ", body.translate(_STRAIGHT)))
    if foreign:
        raise ValueError(
            f"“{foreign[0]}” has no meaning here. Write words and phrases, one a line, with “*” for any ending."
        )


def _is_one_letter(word: str) -> bool:
    return len(word) < 2 and not _OWN_WORD.fullmatch(word)


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST_PATTERN else line[: LONGEST_PATTERN - 1] + "…"
