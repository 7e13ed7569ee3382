"""What a survey's mail says, from the survey's own words and the standard ones."""

from typing import Any

import pytest

from feedback_app.mail.survey import compile_survey_mail
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey


def survey(**given: Any) -> Survey:
    usual = {"metric_key": "csat", "points": 5, "brand": "Northlight", "accent": "#3b5bdb", "wording": {}}
    return Survey(**usual | {"sender_name": "", "postal_address": "", "about": "brand"} | given)


@pytest.mark.parametrize(
    ("given", "language", "name"),
    [
        ({}, "en", "Northlight"),
        ({"sender_name": "Priya"}, "en", "Priya"),
        ({"sender_name": "Priya", "wording": {"de": {"sender_name": "Kunden von {brand}"}}}, "en", "Priya"),
        (
            {"sender_name": "Priya", "wording": {"de": {"sender_name": "Team {brand}"}}},
            "de",
            "Team Northlight",
        ),
        ({"wording": {"fr": {"sender_name": "L’équipe"}}}, "fr", "L’équipe"),
    ],
)
def test_the_mail_is_from_who_the_language_says_else_the_survey_else_the_brand(
    given: dict[str, Any], language: str, name: str
) -> None:
    content = content_of(survey(**given), language)
    assert content.sender_name == name
    assert compile_survey_mail(content).sender_name == name


def test_a_reminder_has_its_own_subject_and_intro_and_the_same_question() -> None:
    first, again = (content_of(survey(), "en", is_reminder=is_reminder) for is_reminder in (False, True))
    assert again.subject == "Still one short question from Northlight"
    assert again.intro.startswith("A few days ago")
    assert first.subject != again.subject
    assert (first.question, first.choices, first.footer) == (again.question, again.choices, again.footer)


def test_a_postal_address_keeps_its_lines() -> None:
    content = content_of(survey(postal_address="Northlight Ltd\n12 Harbour Street\nDublin"), "en")
    assert content.footer[1:] == ("Northlight Ltd", "12 Harbour Street", "Dublin")
