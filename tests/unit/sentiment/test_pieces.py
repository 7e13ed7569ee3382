import pytest

from feedback_app.sentiment.pieces import Piece, pieces_of, prose


@pytest.mark.parametrize(
    ("written", "spoken", "letters"),
    [
        ("Great", ("great",), ("great",)),
        ("can't", ("cant",), ("can", "t")),
        ("5-star,", ("5", "star"), ("star",)),
        ("Straße", ("strasse",), ("straße",)),
        ("help@example.org", ("help", "example", "org"), ()),
        ("https://example.org/faq", ("https", "example", "org", "faq"), ()),
        ("!!!", (), ()),
    ],
)
def test_rules_and_languages_each_get_the_words_as_they_compare_them(written, spoken, letters):
    assert pieces_of([written]) == [Piece(spoken, letters)]


def test_prose_loses_the_dot_that_lower_casing_leaves_of_a_turkish_letter():
    assert prose("İyi") == "iyi"
