"""What a survey may be told, and what it may not."""

import pytest

from feedback_app.errors import Invalid
from feedback_app.surveys import checks


@pytest.mark.parametrize(
    "url",
    [
        "https://www.example.org/reviews?from=nps&x=1#top",
        "https://localhost:8080/",
        "https://bücher.example/danke",
    ],
)
def test_plain_web_addresses_may_be_linked(url: str) -> None:
    assert checks.checked_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "JaVaScRiPt://example.org/%0aalert(1)",
        "data:text/html,<script>",
        "//evil.example/x",
        "/login",
        "http://good.example/",
        "https:evil.example",
        "https:///evil.example",
        "https://good.example\\@evil.example/",
        "https://good.example@evil.example/",
        "https://user:secret@good.example/",
        "https://good.example/\r\nSet-Cookie: a=b",
        "https://good.exa\u200bmple/",
        "https://good.example/a b",
        "https://good.example:port/",
        "https://[::1/",
        "https://good.example/" + "a" * 2_000,
        "ftp://good.example/",
    ],
)
def test_anything_else_may_not(url: str) -> None:
    with pytest.raises(Invalid, match="nothing was saved"):
        checks.checked_url(url)


def test_a_thanks_link_needs_a_known_tone_and_a_label() -> None:
    good = {"good": {"url": "https://example.org", "label": " Rate us "}}
    assert checks.checked_thanks_links(good) == {"good": {"url": "https://example.org", "label": "Rate us"}}
    for bad in (
        {"great": {"url": "https://example.org", "label": "x"}},
        {"good": {"url": "https://example.org"}},
        {"good": {"url": "https://example.org", "label": " "}},
        {"good": {"url": "https://example.org", "label": "x", "onclick": "y"}},
    ):
        with pytest.raises(Invalid):
            checks.checked_thanks_links(bad)


@pytest.mark.parametrize("slug", ["support", "a1b", "after-support-2026"])
def test_a_slug_is_small_letters_digits_and_hyphens(slug: str) -> None:
    assert checks.checked_slug(slug) == slug


@pytest.mark.parametrize("slug", ["", "ab", "Support", "-abc", "abc-", "a/b/c", "ümlaut", "a" * 65, "abc\n"])
def test_other_slugs_are_refused(slug: str) -> None:
    with pytest.raises(Invalid):
        checks.checked_slug(slug)


def test_a_line_has_no_breaks_as_it_may_stand_in_a_mail_header() -> None:
    assert checks.checked_line("brand", " Northlight ", 80) == "Northlight"
    for bad in ("a\r\nBcc: x", "a\x00", "\ue0000\ue001", "a" * 81):
        with pytest.raises(Invalid):
            checks.checked_line("brand", bad, 80)


def test_own_wording_is_kept_by_name_and_empty_texts_fall_back() -> None:
    given = {"de": {"question": " Wie war es? ", "subject": " "}, "fr": {"subject": ""}}
    assert checks.checked_wording("nps", 11, given) == {"de": {"question": "Wie war es?"}}


@pytest.mark.parametrize(
    "wording",
    [
        {"xx": {"question": "?"}},
        {"en": {"__class__": "x"}},
        {"en": {"choice_11": "x"}},
        {"en": {"question": "x" * 2001}},
        {"en": {"subject": "Hello {firstname}"}},
        {"en": {"choice_0": "Not {agent}"}},
        {"en": {"unsubscribe": "Bye {first_name|you}"}},
        {"en": {"sender_name": "Ada\r\nBcc: x"}},
    ],
)
def test_wording_that_nobody_would_ever_see_is_refused(wording: dict[str, dict[str, str]]) -> None:
    with pytest.raises(Invalid):
        checks.checked_wording("nps", 11, wording)


def test_what_can_be_filled_in_may_stand_in_the_wording() -> None:
    given = {
        "en": {
            "subject": "{first_name|Hello}, about “{ topic }” with {{agent}} of {brand}: {{ 7 * 7 }}",
            "choice_0": "Not {brand}",
            "sender_name": "Ada of {brand}",
            "intro": "One\r\n\r\nTwo",
        }
    }
    kept = checks.checked_wording("nps", 11, given)["en"]
    assert kept == given["en"] | {"intro": "One\n\nTwo"}


def test_a_placeholder_that_nothing_fills_in_is_named_with_those_that_are() -> None:
    with pytest.raises(Invalid, match=r"'greeting' has \{firstname\}.* \{first_name\}"):
        checks.checked_text("greeting", "Hi {firstname}")
    with pytest.raises(Invalid, match=r"It may have \{brand\}\."):
        checks.checked_text("low_label", "{topic}")


def test_a_survey_is_about_the_brand_or_about_support() -> None:
    assert [checks.checked_about(about) for about in ("brand", "support")] == ["brand", "support"]
    with pytest.raises(Invalid, match="brand or support"):
        checks.checked_about("weather")


def test_addresses_and_colours_are_checked() -> None:
    assert checks.checked_address("reply", "  ") == ""
    assert checks.checked_address("reply", "team@northlight.example") == "team@northlight.example"
    assert checks.checked_accent("#AABBCC") == "#aabbcc"
    with pytest.raises(Invalid, match=r"surveys@example\.org"):
        checks.checked_address("reply", "no address")
    for bad in ("red", "#abc", "#12345g", "#123456;}</style>"):
        with pytest.raises(Invalid):
            checks.checked_accent(bad)
