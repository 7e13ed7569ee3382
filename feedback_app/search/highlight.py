"""Where in a text the words of a query stand: to mark them there, and to tell whether they stand in what is shown."""

from collections.abc import Collection, Iterator, Sequence

from feedback_app.excerpts import Piece, cut
from feedback_app.search.query import Query, Term
from feedback_app.search.words import Word, folded, stem, words_in

BEFORE, LONGEST = 60, 320  # characters of an excerpt: before its first hit, and in all
Span = tuple[int, int]


def highlighted(text: str, query: Query, language: str) -> list[Piece]:
    """The whole text in pieces. `language`: whose rules it is read by, as `language_of` names it."""
    return list(cut(text, _spans(text, query, language), 0, len(text)))


def excerpt(text: str, query: Query, language: str) -> list[Piece]:
    """The same for a stretch of a long text that begins shortly before its first hit."""
    spans = _spans(text, query, language)
    if len(text) <= LONGEST:
        return list(cut(text, spans, 0, len(text)))
    begin = _beginning(text, spans[0][0] if spans else 0)
    end = len(text) if len(text) <= begin + LONGEST else _end_of_word(text, begin, begin + LONGEST)
    pieces = list(cut(text, [span for span in spans if span[1] <= end], begin, end))
    before, behind = [Piece("… ", False)] * (begin > 0), [Piece(" …", False)] * (end < len(text))
    return [*before, *pieces, *behind]


def fits(text: str, query: Query, language: str, hidden: Collection[Span] = ()) -> bool:
    """Whether the text, without the stretches that are `hidden`, is what the query asks for."""
    words = [
        "" if any(word.start < end and start < word.end for start, end in hidden) else word.text
        for word in words_in(text)
    ]
    if not query or any(next(_places(words, term, language), None) for term in query.excluded):
        return False
    return all(next(_places(words, term, language), None) for term in query.wanted)


def _spans(text: str, query: Query, language: str) -> list[Span]:
    """Where hits stand in the text, in order; those that overlap are one."""
    words: list[Word] = list(words_in(text))
    plain = [word.text for word in words]
    found = sorted(
        (words[first].start, words[last].end)
        for term in query.wanted
        for first, last in _places(plain, term, language)
    )
    joined: list[Span] = []
    for start, end in found:
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _places(words: Sequence[str], term: Term, language: str) -> Iterator[Span]:
    """The numbers of the first and the last word of each place where the term stands."""
    if term.has_forms:
        forms = {*term.plain, *term.stems([language])}
        yield from (
            (n, n)
            for n, word in enumerate(words)
            if word and (folded(word) in forms or stem(word, language) in forms)
        )
        return
    plain, *rest = reversed(term.plain)
    for last, word in enumerate(words):
        first = last - len(rest)
        is_last = folded(word).startswith(plain) if term.is_beginning else folded(word) == plain
        if word and is_last and first >= 0 and [folded(one) for one in words[first:last]] == rest[::-1]:
            yield first, last


def _beginning(text: str, hit: int) -> int:
    """Where a word begins, some way before the hit."""
    if hit <= BEFORE:
        return 0
    blank = text.find(" ", hit - BEFORE, hit)
    return blank + 1 if blank >= 0 else hit


def _end_of_word(text: str, begin: int, end: int) -> int:
    blank = text.rfind(" ", begin, end)
    return blank if blank > begin else end
