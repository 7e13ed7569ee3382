"""The figures of the themes: what counts as found, missed and right."""

from pathlib import Path

import pytest

from feedback_app.sentiment import Tag
from feedback_app.sentiment.tagger import Label
from training.evaluate_themes import (
    ASPECTS,
    Themes,
    by_clause,
    by_comment,
    complaints,
    feedback,
    is_kept_apart,
    measure,
    polarity,
)

PRICE, PHONE, EMAIL = "value.price-value-for-money", "staff-support.phone", "staff-support.email"


class Reader:
    """A tagger to which "bad" is negative and all else positive."""

    name, version = "test", "1"

    def tag(self, text: str) -> Tag:
        label: Label = "negative" if "bad" in text else "positive"
        return Tag("test", "1", label, -0.8 if "bad" in text else 0.8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "fabsa.csv").write_text(
        "text,label,source,themes\n"
        f"The price is good. The call was bad,mixed,x,{PRICE}:+|{PHONE}:-\n"
        f"An email about nothing,positive,x,{PRICE}:+|{PRICE}:-\n"
        f"So cheap,positive,x,{PRICE}:+\n"
    )
    (tmp_path / "airline.csv").write_text(
        "text,label,source,theme\nLost my bag,negative,x,lost luggage\nWell,negative,x,can't tell\n"
    )
    return tmp_path


def test_themes_are_counted_as_found_missed_and_wrong(folder: Path) -> None:
    measured = measure(feedback(folder), Themes("shop", ASPECTS))
    price, email = measured.labels[PRICE], measured.labels[EMAIL]
    assert (price.right, price.missed, price.wrong) == (2, 1, 0)
    assert (email.right, email.missed, email.wrong) == (0, 0, 1)
    assert price.f1 == pytest.approx(0.8)  # 2 * 2 / (2 * 2 + 1)
    assert measured.labels[PHONE].f1 == 1.0


def test_an_aspect_that_is_praised_and_blamed_has_no_sentiment(folder: Path) -> None:
    first, second, _ = feedback(folder)
    assert first.is_mixed
    assert first.labels == {PRICE: "positive", PHONE: "negative"}
    assert second.labels == {PRICE: None}


def test_sentiment_by_clause_is_right_where_the_whole_comment_is_not(folder: Path) -> None:
    comments, shop = feedback(folder), Themes("shop", ASPECTS)
    assert polarity(comments, shop, by_clause(Reader()), mixed=True) == (2, 2)
    assert polarity(comments, shop, by_comment(Reader()), mixed=True) == (1, 2)
    assert polarity(comments, shop, by_clause(Reader()), mixed=False) == (1, 1)


def test_complaints_have_the_reason_that_was_given(folder: Path) -> None:
    (found,) = complaints(folder)
    assert found.labels == {"lost luggage or damaged luggage": None}


def test_about_a_fifth_is_kept_apart_whatever_the_letter_case() -> None:
    texts = [f"Comment number {n}" for n in range(500)]
    assert 80 <= sum(map(is_kept_apart, texts)) <= 120
    assert all(is_kept_apart(text) == is_kept_apart(text.upper() + "!") for text in texts)
