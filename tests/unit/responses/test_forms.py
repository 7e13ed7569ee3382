"""What comes back from the answer page, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.responses.forms import (
    AnswerForm,
    Intent,
    as_written,
    is_nonce,
    new_nonce,
    preselected,
    whole_number,
)
from feedback_app.scales import Scale


def form(**fields: str) -> AnswerForm:
    return AnswerForm.of(fields)


def test_a_rating_alone_is_an_answer() -> None:
    sent = form(rating="0")
    assert (sent.problems, sent.given_rating, sent.given_comment) == ({}, 0, None)


@pytest.mark.parametrize(
    "rating", ["", " ", "-1", "11", "9.0", "nine", "٩", "1e1", "0x1", "9\x00", "9" * 5_000]
)
def test_what_is_no_rating_counts_as_none(rating: str) -> None:
    assert form(rating=rating, comment="x").problems == {"rating": "rating_missing"}


def test_a_comment_is_kept_as_it_was_written() -> None:
    written = "  Ünïcödé 👍🏽\tc̷̛o̴m\u202ebined \n\nsecond  "
    assert form(rating="1", comment=written.replace("\n", "\r\n")).given_comment == written


@given(st.text())
def test_only_nul_and_the_line_breaks_of_forms_are_changed(text: str) -> None:
    kept = as_written(text)
    assert "\0" not in kept
    assert "\r" not in kept
    assert kept == text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def test_ten_thousand_characters_fit_and_one_more_does_not() -> None:
    assert form(rating="1", comment="😀" * 10_000).problems == {}
    too_long = form(rating="1", comment="ä" * 10_001)
    assert too_long.problems == {"comment": "comment_too_long"}
    assert too_long.excess == 1


def test_line_breaks_count_once() -> None:
    assert form(rating="1", comment="\r\n" * 10_000).problems == {}


def test_an_empty_comment_removes_one_only_if_the_page_showed_it() -> None:
    assert form(rating="1", comment="").given_comment is None
    assert form(rating="1", comment="", shown="1").given_comment == ""


def test_the_script_sends_a_rating_and_whether_a_person_was_there() -> None:
    assert Intent.of({"rating": 9, "human": True}) == Intent(9, human=True)
    assert Intent.of({"rating": "9", "human": "1", "nonce": "x", "language": "de"}) == Intent(
        9, True, "de", "x"
    )
    for no_sign in ({}, {"human": "false"}, {"human": 0}, {"human": None}, {"human": [1]}, {"human": "yes"}):
        intent = Intent.of({"rating": 9, **no_sign})
        assert intent is not None
        assert intent.state == "unconfirmed"


@pytest.mark.parametrize("rating", [None, True, 9.0, "", "x", [9], {"a": 1}, 10**19, -(10**19)])
def test_an_intent_without_a_whole_number_is_none(rating: object) -> None:
    assert Intent.of({"rating": rating}) is None


def test_only_a_rating_of_the_scale_is_preselected() -> None:
    scale = Scale(1, 5)
    assert [preselected(text, scale) for text in ("1", "5", "0", "6", "x", None)] == [
        1,
        5,
        None,
        None,
        None,
        None,
    ]


def test_whole_numbers_are_plain_digits() -> None:
    assert [whole_number(text) for text in ("7", 7, "007", "+7", "7 ", True, "1000")] == [
        7,
        7,
        7,
        None,
        None,
        None,
        None,
    ]


def test_nobody_chooses_a_short_nonce() -> None:
    assert is_nonce(new_nonce())
    assert new_nonce() != new_nonce()
    assert not any(
        is_nonce(text) for text in (None, "", "abc", "a" * 21, "a" * 23, "ä" * 22, "a" * 21 + "\n")
    )
