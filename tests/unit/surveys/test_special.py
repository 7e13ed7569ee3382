"""Properties of a request that change the survey itself."""

import pytest

from feedback_app.surveys.special import NOTHING_SPECIAL, Special, special_of


@pytest.mark.parametrize(
    "name",
    [
        "delighted_email_subject",
        "Delighted Email Subject",
        "delighted email subject",
        "delightedEmailSubject",
        "Delighted-Email-Subject",
    ],
)
def test_every_spelling_of_a_special_property_is_known(name: str) -> None:
    assert special_of({name: "How was it?"}) == Special(subject="How was it?")


def test_the_product_the_language_and_the_intro_are_special_too() -> None:
    given = {"questionProductName": "Acme Pro", "locale": "de", "Delighted Intro Message": "Hello\n\nagain"}
    assert special_of(given) == Special(product="Acme Pro", locale="de", intro="Hello\n\nagain")


def test_other_properties_change_nothing() -> None:
    assert special_of({"State": "CA", "Delighted Brand": "Acme"}) == NOTHING_SPECIAL
    assert special_of({"locale": ["de"]}) == NOTHING_SPECIAL


def test_of_two_spellings_the_first_counts() -> None:
    assert special_of({"locale": "de", "Locale": "fr"}).locale == "de"


def test_a_subject_is_one_line_and_no_product_is_a_placeholder() -> None:
    special = special_of({"delighted_email_subject": "a\r\nBcc: b\x07", "question_product_name": "{name}"})
    assert (special.subject, special.product) == ("a Bcc: b", "name")
