"""What a survey says, in the language of whoever is asked: the standard wording, and what a survey changed of it.

The standard wording is one file for each language in `words/`. A survey may replace any text named in CHANGEABLE.
Placeholders such as {first_name} stay as they are here and are filled in for each person (mail/placeholders.py);
{brand} is filled in here.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from feedback_app.mail.placeholders import NAMES
from feedback_app.scoring.bands import Tone
from feedback_app.surveys.models import Survey

Style: TypeAlias = Literal["numbers", "stars", "smileys", "thumbs", "words"]

LANGUAGES = ("en", "es", "de", "fr")
TONES: tuple[Tone, ...] = ("bad", "middle", "good")
BRAND, SUPPORT = ABOUT = ("brand", "support")  # what the standard wording asks about
LONGEST_ACCEPT = 200  # characters of an Accept-Language header that are read

_FOLDER = Path(__file__).parent / "words"
_STYLES: Mapping[str, Style] = {
    "stars": "stars",
    "smileys": "smileys",
    "thumbs": "thumbs",
    "pmf": "words",
}


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that a survey says in one language; placeholders other than {brand} are still in it."""

    language: str
    direction: Literal["ltr", "rtl"]
    brand: str
    style: Style
    question: str
    low_label: str
    high_label: str
    choice_labels: Mapping[int, str]  # rating -> what it means in words; the number itself if it has none
    spoken_labels: Mapping[int, str]  # rating -> what a screen reader says, for example "9 of 10"
    follow_up: Mapping[Tone, str]
    comment_label: str  # asks for the comment while no rating is chosen
    thanks_title: Mapping[Tone, str]
    thanks_text: Mapping[Tone, str]
    subject: str
    preheader: str
    sender_name: str  # empty: the survey's own, else the brand
    greeting: str
    intro: str
    reminder_subject: str
    reminder_intro: str
    footer_reason: str
    unsubscribe: str
    open_in_browser: str
    choose: str  # heads the list of links in the text part of a mail
    reference: str  # "This is about: {topic}"


def words_for(survey: Survey, language: str, product: str = "") -> Words:
    """The survey's words in one of LANGUAGES: its own where it has some, else the standard wording.

    With a product, the question is about that instead of the brand.
    """
    texts = standard_texts(survey.metric_key, survey.points, language, survey.about)
    texts = texts | survey.wording.get(language, {})
    if product:
        texts |= {name: texts[name].replace("{brand}", product) for name in _ABOUT_PRODUCT}
    texts = {name: text.replace("{brand}", survey.brand) for name, text in texts.items()}
    choices = {rating: texts[f"choice_{rating}"] for rating in survey.metric.scale.values}
    return Words(
        language=language,
        direction=_file(language)["direction"],
        brand=survey.brand,
        style=style_of(survey.metric_key),
        choice_labels=choices,
        spoken_labels=_spoken(choices, texts, language),
        follow_up={tone: texts[f"follow_up_{tone}"] for tone in TONES},
        thanks_title={tone: texts[f"thanks_title_{tone}"] for tone in TONES},
        thanks_text={tone: texts[f"thanks_text_{tone}"] for tone in TONES},
        **{name: texts[name] for name in _PLAIN},
    )


def changeable(metric_key: str, points: int) -> frozenset[str]:
    """The names of the texts that a survey of this metric may replace."""
    return frozenset(standard_texts(metric_key, points, "en"))


def placeholders_of(name: str) -> tuple[str, ...]:
    """The placeholders that a text may have: labels and the sender's name are the same for everybody."""
    is_for_all = name in _FOR_ALL or name.startswith("choice_")
    return ("brand",) if is_for_all else ("brand", *NAMES)


@cache
def standard_texts(metric_key: str, points: int, language: str, about: str | None = None) -> dict[str, str]:
    """The standard wording of a metric by name: what all metrics share, and what is its own.

    A survey about "support" asks about the help with a case, any other one about the brand.
    """
    from feedback_app.scoring.metrics import metric

    file = _file(language)
    own: dict[str, Any] = dict(file["metrics"][f"{metric_key}{points}"])
    of_support, shared = own.pop("support", {}), file["survey"]
    if about == SUPPORT:
        own, shared = own | of_support, shared | file["support"]
    ratings = metric(metric_key, points).scale.values
    labels = own.pop("choices", [str(rating) for rating in ratings])
    choices = {f"choice_{rating}": label for rating, label in zip(ratings, labels, strict=True)}
    return {**shared, **own, **choices}


def page_texts(language: str) -> Mapping[str, str]:
    """What pages for respondents say apart from a survey's own words: buttons, notes, errors."""
    return cast(Mapping[str, str], _file(language)["page"])


def direction_of(language: str) -> str:
    return str(_file(language)["direction"])


def style_of(metric_key: str) -> Style:
    """How the choices are drawn."""
    return _STYLES.get(metric_key, "numbers")


def best_language(*wanted: str | None, accept: str | None = None, default: str = "en") -> str:
    """The first language that we have of those wanted, then of an Accept-Language header, then the default.

    >>> best_language(None, "de-AT", accept="fr"), best_language("pt", accept="da, fr;q=0.5"), best_language("pt")
    ('de', 'fr', 'en')
    """
    for tag in wanted:
        if tag and (known := _known(tag)):
            return known
    if accept and (accepted := _accepted(accept[:LONGEST_ACCEPT])):
        return accepted
    return _known(default) or "en"


def _known(tag: str) -> str | None:
    """`de` for de, de-AT or de_CH; None for a language that we do not have."""
    base = tag.strip().replace("_", "-").partition("-")[0].lower()
    return base if base in LANGUAGES else None


@lru_cache(maxsize=512)
def _accepted(header: str) -> str | None:
    tags = parse_accept_header(header, LanguageAccept)
    return next((known for tag, quality in tags if quality > 0 and (known := _known(tag))), None)


def _spoken(choices: Mapping[int, str], texts: Mapping[str, str], language: str) -> dict[int, str]:
    """Labels that say where a rating stands: "9 of 10", "0 of 10: Not at all likely", "4 of 5: Good"."""
    top = max(choices)
    if len(choices) == 2:
        return dict(choices)
    ends = {min(choices): texts["low_label"], top: texts["high_label"]}
    spoken = {}
    for rating, label in choices.items():
        place = page_texts(language)["spoken_rating"].format(rating=rating, top=top)
        meaning = ends.get(rating, "") if label == str(rating) else label
        spoken[rating] = f"{place}: {meaning}" if meaning else place
    return spoken


@cache
def _file(language: str) -> dict[str, Any]:
    return tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))


_ABOUT_PRODUCT = ("question", "subject", "preheader", *(f"follow_up_{tone}" for tone in TONES))
_FOR_ALL = ("sender_name", "low_label", "high_label", "unsubscribe", "open_in_browser", "choose")
_PLAIN = (
    "question",
    "low_label",
    "high_label",
    "comment_label",
    "subject",
    "preheader",
    "sender_name",
    "greeting",
    "intro",
    "reminder_subject",
    "reminder_intro",
    "footer_reason",
    "unsubscribe",
    "open_in_browser",
    "choose",
    "reference",
)
