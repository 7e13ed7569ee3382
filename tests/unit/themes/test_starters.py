"""The sets of themes to begin with: readable, told apart, and about what customers write."""

import pytest

from feedback_app.sentiment.patterns import read_patterns
from feedback_app.sentiment.themes import ThemeMatcher, ThemeRule
from feedback_app.themes.models import SHORT_NAME
from feedback_app.themes.starter_themes import COLOURS
from feedback_app.themes.starters import SETS, StarterSet, starter_set

PAPERS = {"white": 1.0, "near black": 0.01}


def luminance(colour: str) -> float:
    """Relative luminance by WCAG 2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS.keys())
def test_a_colour_stands_out_from_light_and_from_dark_paper(colour: str, paper: float) -> None:
    light, dark = sorted((luminance(colour), paper), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("starter", SETS, ids=lambda one: one.key)
def test_every_theme_of_a_set_can_be_added_as_it_is(starter: StarterSet) -> None:
    names = {theme.name.casefold() for theme in starter.themes}
    assert 10 <= len(starter.themes) == len(names) <= 14
    for theme in starter.themes:
        assert len(theme.name) <= SHORT_NAME
        assert theme.colour in COLOURS
        assert read_patterns(theme.patterns)


def test_a_set_that_is_not_there_is_none() -> None:
    assert starter_set("zoo") is None


@pytest.mark.parametrize(
    ("key", "comment", "expected"),
    [
        (
            "saas",
            "I was charged twice and nobody answered my e-mail",
            {"Billing and payment", "E-mail", "Staff and support"},
        ),
        (
            "saas",
            "Support was lovely, but the invoice is wrong",
            {"Staff and support", "Billing and payment"},
        ),
        (
            "saas",
            "Would be nice to export reports to Excel",
            {"Features and wishes", "Integrations and data"},
        ),
        (
            "saas",
            "It crashes whenever I try to log in",
            {"Bugs and reliability", "Login and account"},
        ),
        ("saas", "We cancelled after the free trial", {"Cancelling and refunds"}),
        ("shop", "The parcel came late and the shirt was torn", {"Delivery and speed"}),
        ("shop", "Checkout on the website is confusing", {"Website and app", "Ease of use"}),
        ("shop", "Got my money back for the wrong size", {"Returns and refunds", "Products and range"}),
        ("shop", "Too expensive, even with the voucher", {"Price and value", "Discounts and rewards"}),
        ("shop", "On hold for an hour", {"Phone"}),
        (
            "services",
            "Lost my suitcase and waited two hours",
            {"Belongings and damage", "Waiting and punctuality"},
        ),
        ("services", "The technician did a great job", {"Quality of the work", "Overall impression"}),
        ("services", "The room smelled of smoke", {"Rooms and comfort"}),
    ],
)
def test_customers_words_are_found(key: str, comment: str, expected: set[str]) -> None:
    starter = starter_set(key)
    assert starter
    names = dict(enumerate(theme.name for theme in starter.themes))
    matcher = ThemeMatcher(ThemeRule(n, theme.patterns) for n, theme in enumerate(starter.themes))
    assert {names[hit.theme_id] for hit in matcher.find(comment)} == expected
