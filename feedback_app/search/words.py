"""The words of a text as the index has them, and their stems by the rules of a language.

A word is a run of letters and digits; in Chinese, Japanese and Thai, which put no blanks between words, that is the
run between two signs. Capitals, diacritics and ways to encode the same letter make no difference.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from threading import local
from typing import NamedTuple

import Stemmer

STEM_MARK = "¬"  # no letter, but a part of the word to FTS5's tokenizer
MOST_READ = 100_000  # characters of one text; PostgreSQL refuses a document of more than a megabyte

# By ISO 639-1 code, the languages of which both PyStemmer and PostgreSQL (from release 14 on) have the rules.
LANGUAGES = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
# Vowel signs and the like, which Python does not count among letters: without them Hindi falls into syllables.
_SIGNS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e8\u06ea-\u06ed\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0981-\u0983\u09bc-\u09d7\u0a01-\u0a51"
    "\u0abc-\u0acd\u0b3c-\u0b57\u0bbe-\u0bd7\u0c3e-\u0c56\u0cbc-\u0cd6\u0d3b-\u0d57\u0dca-\u0ddf\u0e31\u0e34-\u0e3a"
    "\u0e47-\u0e4e"
)
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_SIGNS}])*")
_ASCII_WORD = re.compile("[a-z0-9]+")
_DIACRITICS = re.compile("[\u0300-\u036f]+")
_OWN_LETTERS = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"})
_stemmers = local()


class Word(NamedTuple):
    """A word in lower case and where it stands in the text."""

    text: str
    start: int
    end: int


def words_in(text: str) -> Iterator[Word]:
    """The words of a text, in order."""
    for found in _WORD.finditer(text):
        yield Word(lowered(found[0]), *found.span())


def lowered(word: str) -> str:
    """The word in lower case, each letter encoded in one way."""
    return word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).lower()


def folded(word: str) -> str:
    """A lower-case word without diacritics.

    >>> folded("straße"), folded("café"), folded("ångström")
    ('strasse', 'cafe', 'angstrom')
    """
    if word.isascii():
        return word
    plain = _DIACRITICS.sub("", unicodedata.normalize("NFD", word)).translate(_OWN_LETTERS)
    return "".join(_WORD.findall(plain)) or word


@lru_cache(maxsize=1_000)
def language_of(*tags: str | None) -> str:
    """The name of the first of these languages ("de", "pt_BR") whose rules are known; empty if there is none.

    >>> language_of(None, "de-AT"), language_of("xx", "en"), language_of("zh")
    ('german', 'english', '')
    """
    known = (LANGUAGES.get(re.split("[-_]", tag.lower())[0], "") for tag in tags if tag)
    return next((name for name in known if name), "")


@lru_cache(maxsize=20_000)
def stem(word: str, language: str) -> str:
    """What is left of a lower-case word without its ending; the word itself if the language is not known."""
    if not language:
        return word
    known: dict[str, Stemmer.Stemmer] = _stemmers.__dict__
    if language not in known:
        known[language] = Stemmer.Stemmer(language, 0)  # one a thread: they are not made to be shared
    return str(known[language].stemWord(word)) or word


def index_words(text: str | None) -> str:
    """The words of a text as the index has them."""
    return " ".join(map(folded, _plain_words(text)))


def index_stems(text: str | None, language: str) -> str:
    """The stems that are none of the text's words, each once and marked: a phrase is one of words alone."""
    if not language:
        return ""
    words = dict.fromkeys(_plain_words(text))
    plain = set(map(folded, words))
    stems = dict.fromkeys(stem(word, language) for word in words)
    return " ".join(STEM_MARK + one for one in stems if one not in plain)


def _plain_words(text: str | None) -> list[str]:
    read = (text or "")[:MOST_READ]
    if read.isascii():
        return _ASCII_WORD.findall(read.lower())  # most comments, at a third of the time
    return [word.text for word in words_in(read)]
