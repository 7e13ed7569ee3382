"""What somebody typed into a search box: words, "exact phrases", beginnings*, and -what must not be there.

Anything is a query: signs that mean nothing here are passed over, and what has no words finds nothing.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice
from typing import Self

from feedback_app.search.words import STEM_MARK, folded, stem, words_in

LONGEST = 400  # characters that are read
MOST_TERMS = 12
SHORTEST_BEGINNING = 2  # letters; "x*" would be half of the dictionary

_TERM = re.compile(r'(?P<minus>-)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<plain>[^\s"]+))')


@dataclass(frozen=True)
class Term:
    """Words that stand one behind the other; a single one also counts in its other forms, unless it `is_exact`."""

    words: tuple[str, ...]  # in lower case
    is_exact: bool = False
    is_beginning: bool = False  # of the last word
    is_excluded: bool = False

    @property
    def has_forms(self) -> bool:
        """Whether other words with the same stem count too."""
        return len(self.words) == 1 and not self.is_exact and not self.is_beginning

    @property
    def plain(self) -> tuple[str, ...]:
        """The words without diacritics."""
        return tuple(map(folded, self.words))

    def stems(self, languages: Iterable[str]) -> list[str]:
        """The stem of the first word in each of the languages."""
        return list(dict.fromkeys(stem(self.words[0], language) for language in languages if language))


class How(StrEnum):
    """How a text is read."""

    WORDS = "words"
    NAMES = "names"  # each word may be the beginning of a longer one; nothing is excluded
    WANTED = "wanted"  # as words, but finding also what is to be excluded


@dataclass(frozen=True)
class Query:
    """Terms that must all be there, and such that must not."""

    text: str
    how: How
    wanted: tuple[Term, ...]
    excluded: tuple[Term, ...]
    is_cut: bool = False  # there was more than is looked for at once

    def __bool__(self) -> bool:
        """Whether it can find anything: what only excludes would find all the rest."""
        return bool(self.wanted)

    @classmethod
    def read(cls, text: str, how: How = How.WORDS) -> Self:
        """The query that was typed."""
        found = _names(text[:LONGEST]) if how is How.NAMES else _terms(text[:LONGEST])
        terms = list(islice(found, MOST_TERMS + 1))
        is_cut = len(text) > LONGEST or len(terms) > MOST_TERMS
        del terms[MOST_TERMS:]
        wanted = tuple(term for term in terms if not term.is_excluded)
        excluded = () if how is How.WANTED else tuple(term for term in terms if term.is_excluded)
        return cls(text, how, wanted, excluded, is_cut)


def match_expression(query: Query, languages: Sequence[str]) -> str:
    """The query in the words of SQLite's FTS5; a phrase of no words, which finds nothing, if it has none."""
    if not query:
        return '""'
    wanted = " AND ".join(_fts5(term, languages) for term in query.wanted)
    if not query.excluded:
        return wanted
    return f"({wanted}) NOT ({' OR '.join(_fts5(term, languages) for term in query.excluded)})"


def _names(text: str) -> Iterator[Term]:
    return (Term((word.text,), is_beginning=True) for word in words_in(text))


def _terms(text: str) -> Iterator[Term]:
    for found in _TERM.finditer(text.replace("\0", " ")):
        given = found["plain"] if found["phrase"] is None else found["phrase"]
        words = tuple(word.text for word in words_in(given))
        if not words:
            continue
        begins = found["phrase"] is None and given.rstrip('.,;:!?)"').endswith("*")
        yield Term(
            words,
            is_exact=found["phrase"] is not None,
            is_beginning=begins and len(words[-1]) >= SHORTEST_BEGINNING,
            is_excluded=bool(found["minus"]),
        )


def _fts5(term: Term, languages: Sequence[str]) -> str:
    """Words are letters and digits alone, so a quoted one is never an operator."""
    if term.has_forms:
        stems = term.stems(languages)
        forms = dict.fromkeys([*term.plain, *stems, *(STEM_MARK + one for one in stems)])
        return f"({' OR '.join(f'{chr(34)}{form}{chr(34)}' for form in forms)})"
    return f'"{" ".join(term.plain)}"{" *" if term.is_beginning else ""}'
