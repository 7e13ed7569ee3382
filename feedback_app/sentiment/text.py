"""A comment made readable for taggers, and the way back to what the customer wrote.

Every step takes time in proportion to the text, whatever is in it: patterns never look past the next "<".
"""

import html
import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from unicodedata import combining, is_normalized, normalize

LIMIT = 5_000  # characters of a comment that are read
_WITH_MARKUP = 10 * LIMIT  # characters before entities and tags are out; more than that is no comment

_Edit = tuple[int, int, str]  # from, to, what stands there instead

_UNWANTED = re.compile(r"[\x00\ud800-\udfff]")  # NUL, and halves of characters that no encoding takes
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"<(script|style)\b[^<>]*+>[^<]*+</\1\s*+>"  # what they contain was not written by a customer
    r"|<!--[^<>]*-->"
    r"|<[/!?]?[A-Za-z][^<>]*+>",
    re.IGNORECASE,
)
_QUOTES = str.maketrans("‘’‛ʼ´`“”„‟", "''''''\"\"\"\"")
# Letters in fancy dress, 𝐛𝐨𝐥𝐝 or ｗｉｄｅ, that some write for looks and no list of words knows.
_DRESSED_UP = (*range(0x1D400, 0x1D800), *range(0xFF01, 0xFF5F))
_STRAIGHT = _QUOTES | {code: normalize("NFKC", chr(code)) for code in _DRESSED_UP}
_WORD = re.compile(r"[^\W\d_]+")

_NON_ANSWERS = frozenset(
    [
        *("n a", "na", "n", "x", "xx", "xxx", "no", "nope", "non", "none", "nil", "null", "nothing"),
        *("nothing to add", "nothing to say", "nothing to mention", "nothing to report", "nothing else"),
        *("nothing more", "nothing further", "nothing really", "nothing at all", "nothing much"),
        *("nothing in particular", "nothing specific", "nothing at the moment", "nothing comes to mind"),
        *("no comment", "no comments", "no further comment", "no further comments", "no feedback"),
        *("no remarks", "no suggestions", "no answer", "no opinion", "not applicable"),
        *("not really", "none at this time", "none at the moment", "none so far", "none really"),
        *("i don t know", "don t know", "dont know", "idk", "dunno", "no idea", "prefer not to say"),
        *("see above", "as above", "same as above", "ditto", "skip", "pass", "tbd", "tba", "undefined"),
        *("nein", "nichts", "nix", "keine", "keiner", "kein", "k a", "ka", "keine angabe", "keine angaben"),
        *("kein kommentar", "keine anmerkungen", "keine ahnung", "weiß nicht", "entfällt"),
        *("rien", "aucun", "aucune", "rien à ajouter", "rien à dire", "néant", "ras", "r a s"),
        *("sans commentaire", "aucun commentaire", "pas de commentaire", "je ne sais pas"),
        *("nada", "ninguno", "ninguna", "ningún comentario", "sin comentarios", "sin comentario"),
        *("nada que añadir", "no aplica", "no sé"),
        *("niente", "nessuno", "nessuna", "nulla", "nessun commento", "niente da aggiungere"),
        *("geen", "niets", "nee", "geen opmerkingen", "geen commentaar", "n v t", "nvt"),
        *("nenhum", "nenhuma", "não", "sem comentários", "nada a acrescentar", "nada a declarar"),
        *("inget", "inga", "nej", "ingen kommentar", "inga kommentarer", "ingen", "ingenting", "nei"),
        *("brak", "nie", "nic", "brak uwag", "nie dotyczy", "nie wiem", "yok", "hayır", "yorum yok"),
        *("нет", "ничего", "нет комментариев", "なし", "特になし", "特にありません", "特にない"),
        *("无", "没有", "無", "沒有", "无意见", "없음", "없습니다", "لا", "لا شيء", "لا يوجد"),
    ]
)
_FIRST_OF_NON_ANSWERS = frozenset(answer.split()[0] for answer in _NON_ANSWERS)
_LONGEST_NON_ANSWER = 60  # characters, with all the dots and dashes around it


class Cleaned(NamedTuple):
    """A comment made readable, and for each of its characters the stretch of the original that it came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from `start` up to `end` (at least one) stand in the original."""
        return self.starts[start], self.ends[end - 1]


def clean(text: str) -> Cleaned:
    """The comment with entities unescaped, tags out, quotes and letters plain, in NFC, of at most LIMIT."""
    text = text[:_WITH_MARKUP]
    found = Cleaned(text, range(len(text)), range(1, len(text) + 1))
    if not text.isascii() or "\0" in text:
        found = _edited(found, _replacements(_UNWANTED, found.text, lambda _: ""))
    if "&" in found.text:
        found = _edited(found, _replacements(_ENTITY, found.text, html.unescape))
    if "<" in found.text:
        found = _edited(found, _replacements(_TAG, found.text, lambda _: " "))
    found = _capped(found)  # before composing, which is slow on heaps of accents
    if found.text.isascii():  # as most are: nothing to compose, nothing to straighten
        return found
    found = _capped(_edited(found, _compositions(found.text)))
    return Cleaned(found.text.translate(_STRAIGHT), found.starts, found.ends)


def words(text: str) -> list[str]:
    """The runs of letters in the text."""
    return _WORD.findall(text)


def has_words(text: str) -> bool:
    """True if there is a letter of any script."""
    return _WORD.search(text) is not None


def is_non_answer(text: str) -> bool:
    """True for what people type to get past a box, in several languages: "n/a", "None.", "keine Angabe"."""
    if len(text) > _LONGEST_NON_ANSWER:
        return False
    folded = text.casefold()
    first = _WORD.search(folded)
    if not first or first[0] not in _FIRST_OF_NON_ANSWERS:  # as in most comments
        return False
    return " ".join(words(folded)) in _NON_ANSWERS


def _edited(source: Cleaned, edits: Iterator[_Edit]) -> Cleaned:
    """The text after the edits, which come in order and do not overlap."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    done = 0
    for start, end, new in edits:
        text += source.text[done:start], new
        starts += *source.starts[done:start], *[source.starts[start]] * len(new)
        ends += *source.ends[done:start], *[source.ends[end - 1]] * len(new)
        done = end
    if not done:
        return source
    text.append(source.text[done:])
    return Cleaned("".join(text), [*starts, *source.starts[done:]], [*ends, *source.ends[done:]])


def _replacements(pattern: re.Pattern[str], text: str, new: Callable[[str], str]) -> Iterator[_Edit]:
    return ((*match.span(), new(match.group())) for match in pattern.finditer(text))


def _capped(source: Cleaned) -> Cleaned:
    if len(source.text) <= LIMIT:
        return source
    return Cleaned(source.text[:LIMIT], source.starts[:LIMIT], source.ends[:LIMIT])


def _compositions(text: str) -> Iterator[_Edit]:
    """What NFC changes, one letter with its marks at a time."""
    if is_normalized("NFC", text):
        return
    for start, end in _letters(text):
        composed = normalize("NFC", text[start:end])
        if composed != text[start:end]:
            yield start, end, composed


def _letters(text: str) -> Iterator[tuple[int, int]]:
    """Stretches that NFC treats independently: a letter with all that composes with it."""
    start = 0
    for place in range(1, len(text)):
        if not _joins(text[start:place], text[place]):
            yield start, place
            start = place
    yield start, len(text)


def _joins(before: str, char: str) -> bool:
    if char < "\u0300":  # the first combining mark; nothing below it ever composes with what stands before
        return False
    if combining(char):
        return True
    # Some letters compose without being marks, such as the parts of a Korean syllable.
    return normalize("NFC", before + char) != normalize("NFC", before) + normalize("NFC", char)
