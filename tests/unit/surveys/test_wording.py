"""What surveys say: complete in every language, and a survey's own words before the standard ones."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from feedback_app.scoring.metrics import METRICS, Metric
from feedback_app.surveys import wording
from feedback_app.surveys.models import Survey
from feedback_app.surveys.wording import (
    LANGUAGES,
    TONES,
    best_language,
    changeable,
    page_texts,
    standard_texts,
    words_for,
)

FOLDER = Path(wording.__file__).parent / "words"
EVERY_METRIC = pytest.mark.parametrize("measure", METRICS, ids=lambda one: f"{one.key}{one.points}")
EVERY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


def survey(key: str = "nps", points: int = 11, **given: Any) -> Survey:
    return Survey(**{"metric_key": key, "points": points, "brand": "Northlight", "wording": {}} | given)


def texts(table: dict[str, Any], path: str = "") -> dict[str, str]:
    """Every text of a language file by its path; the choices of a metric by their place."""
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            found |= texts(value, f"{path}{key}.")
        elif isinstance(value, list):
            found |= texts(dict(enumerate(value)), f"{path}{key}.")  # type: ignore[arg-type]
        else:
            found[f"{path}{key}"] = value
    return found


def file_of(language: str) -> dict[str, str]:
    return texts(tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8")))


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{(\w+)\}", text))


def test_there_is_a_file_for_each_language_and_none_besides() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(LANGUAGES)


@EVERY_LANGUAGE
def test_every_language_has_every_text_with_the_same_placeholders(language: str) -> None:
    english, other = file_of("en"), file_of(language)
    assert {name: placeholders(text) for name, text in other.items()} == {
        name: placeholders(text) for name, text in english.items()
    }


@EVERY_LANGUAGE
def test_no_text_is_empty_where_the_english_one_is_not(language: str) -> None:
    english, other = file_of("en"), file_of(language)
    assert [name for name in english if bool(english[name].strip()) != bool(other[name].strip())] == []


def test_nothing_was_left_in_english() -> None:
    english = {name: text for name, text in file_of("en").items() if len(text) > 20}
    for language in ("es", "de", "fr"):
        other = file_of(language)
        assert [name for name, text in english.items() if other[name] == text] == []


def test_french_keeps_its_marks_on_the_line_of_their_word() -> None:
    assert [
        text for text in file_of("fr").values() if re.search(r"(?<=[^\u00a0])[?!:;»]|«(?!\u00a0)", text)
    ] == []


@EVERY_LANGUAGE
@EVERY_METRIC
def test_every_metric_can_be_asked_in_every_language(measure: Metric, language: str) -> None:
    words = words_for(survey(measure.key, measure.points), language)
    assert words.language == language
    assert "Northlight" in words.question
    assert "{brand}" not in str(words)
    assert list(words.choice_labels) == list(measure.scale.values)
    assert all(words.follow_up[tone] and words.thanks_text[tone] for tone in TONES)


def test_a_seven_point_effort_scale_is_labelled_from_disagreement_to_agreement() -> None:
    words = words_for(survey("ces", 7), "en")
    assert list(words.choice_labels.values()) == [
        "Strongly disagree",
        "Disagree",
        "Somewhat disagree",
        "Neither agree nor disagree",
        "Somewhat agree",
        "Agree",
        "Strongly agree",
    ]


def test_a_screen_reader_hears_where_a_rating_stands() -> None:
    assert [words_for(survey(), "en").spoken_labels[n] for n in (0, 9, 10)] == [
        "0 of 10: Not at all likely",
        "9 of 10",
        "10 of 10: Extremely likely",
    ]
    assert words_for(survey("stars", 5), "de").spoken_labels[4] == "4 von 5: Gut"
    assert words_for(survey("thumbs", 2), "fr").spoken_labels == {0: "Non", 1: "Oui"}


ASKING_ABOUT_HELP = {
    "en": "How satisfied are you with the help you received from Northlight?",
    "de": "Wie zufrieden sind Sie mit der Hilfe, die Sie von Northlight erhalten haben?",
    "es": "¿En qué medida está satisfecho con la ayuda que recibió de Northlight?",
    "fr": "Dans quelle mesure êtes-vous satisfait de l’aide reçue de Northlight\u00a0?",
}


@EVERY_LANGUAGE
def test_a_survey_about_support_asks_about_the_help_and_not_about_the_brand(language: str) -> None:
    about_help = words_for(survey("csat", 5, about="support"), language)
    about_brand = words_for(survey("csat", 5, about="brand"), language)
    assert about_help.question == ASKING_ABOUT_HELP[language]
    assert "{topic}" in about_help.subject
    assert about_brand.question != about_help.question
    assert about_brand.choice_labels == about_help.choice_labels
    assert about_brand.footer_reason != about_help.footer_reason


@pytest.mark.parametrize("key", ["csat", "stars", "smileys", "thumbs", "ces"])
def test_every_metric_that_suits_a_case_names_it_in_the_subject(key: str) -> None:
    points = {"ces": 7, "thumbs": 2}.get(key, 5)
    words = words_for(survey(key, points, about="support"), "en")
    assert words.subject.startswith("Your request “{topic}”: ")


def test_a_survey_about_support_may_change_what_any_other_may() -> None:
    for measure in METRICS:
        texts = standard_texts(measure.key, measure.points, "en", "support")
        assert set(texts) == changeable(measure.key, measure.points)


def test_the_words_of_the_survey_come_before_the_standard_ones() -> None:
    own = {"de": {"question": "Wie war {brand}?", "choice_1": "Mies", "follow_up_bad": "Warum?"}}
    words = words_for(survey("csat", 5, wording=own), "de")
    assert (words.question, words.choice_labels[1], words.follow_up["bad"]) == (
        "Wie war Northlight?",
        "Mies",
        "Warum?",
    )
    assert words.choice_labels[5] == "Sehr zufrieden"
    assert (
        words_for(survey("csat", 5, wording=own), "en").question == "How satisfied are you with Northlight?"
    )


def test_placeholders_for_the_person_are_left_for_the_page_and_the_mail() -> None:
    assert words_for(survey(), "en").greeting == "Hello {first_name},"


@pytest.mark.parametrize(
    ("wanted", "accept", "default", "language"),
    [
        (["de-AT"], None, "en", "de"),
        (["pt_BR", "fr"], None, "en", "fr"),
        ([None, ""], "da, es-MX;q=0.8, de;q=0.9", "en", "de"),
        ([None], "fr;q=0, es;q=0.1", "en", "es"),
        ([None], "da", "fr", "fr"),
        ([None], None, "xx", "en"),
        (["../../etc"], "\x00;;;q=,", "es", "es"),
    ],
)
def test_the_language_is_the_first_one_that_we_have(
    wanted: list[str | None], accept: str | None, default: str, language: str
) -> None:
    assert best_language(*wanted, accept=accept, default=default) == language


def test_the_buttons_of_the_page_speak_all_languages() -> None:
    assert [page_texts(language)["send"] for language in LANGUAGES] == ["Send", "Enviar", "Senden", "Envoyer"]
