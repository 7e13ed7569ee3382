from time import process_time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment.text import LIMIT, clean, has_words, is_non_answer, words


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("Q&amp;A &lt;3 &#128077; caf&eacute;&#x21;", "Q&A <3 👍 café!"),
        ("AT&T & co; &nosuchthing; &amp", "AT&T & co; &nosuchthing; &amp"),
        ("<p class='x'>Good<br/>value</p>", " Good value "),
        ("&lt;b&gt;bold&lt;/b&gt;", " bold "),
        ("a<!-- not for you -->b<script>alert('bad')</script>c<style>p{}</style >d", "a b c d"),
        ("price < 5 and I <3 it, 7 > 6", "price < 5 and I <3 it, 7 > 6"),
        ("it’s “fine”, don´t „worry‟", 'it\'s "fine", don\'t "worry"'),
        ("cafe\u0301", "caf\u00e9"),
        ("𝐆𝐨𝐨𝐝 𝓼𝓮𝓻𝓿𝓲𝓬𝓮！ ｖｅｒｙ", "Good service! very"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "한글"),
        ("go\0od \ud83d", "good "),
    ],
)
def test_a_comment_is_made_readable(given, read):
    assert clean(given).text == read


def original_of(text: str, word: str) -> str:
    """The stretch of `text` that `word` in the cleaned text came from."""
    cleaned = clean(text)
    place = cleaned.text.index(word)
    start, end = cleaned.original(place, place + len(word))
    return text[start:end]


@pytest.mark.parametrize(
    ("text", "word", "original"),
    [
        ("plain good text", "good", "good"),
        ("<b>x</b> &amp; good", "good", "good"),
        ("caf&eacute; good", "café", "caf&eacute;"),
        ("cafe\u0301 good", "café", "cafe\u0301"),
        ("cafe\u0301 👍🏽 good", "good", "good"),
        ("👩‍👩‍👧 &lt;i&gt;good&lt;/i&gt;", "good", "good"),
        ("جيد جدا good שלום", "good", "good"),
        ("go\0od", "good", "go\0od"),
        ("not<br>good", "not good", "not<br>good"),
    ],
)
def test_a_word_is_found_again_in_what_the_customer_wrote(text, word, original):
    assert original_of(text, word) == original


@given(
    st.text(
        st.characters(
            max_codepoint=0xFF00, exclude_characters="\0&<‘’‛ʼ´`“”„‟\u1fef", exclude_categories=["Cs"]
        ),
        max_size=200,
    )
)
def test_text_without_markup_is_only_brought_into_nfc(text):
    assert clean(text).text == normalize("NFC", text)


@given(
    st.text(st.sampled_from("ae\u0301\u0323\u1100\u1161\u11a8\u0fb5\u0f71\u0f72 \u09c7\u09be"), max_size=30)
)
def test_letters_that_compose_stay_together(text):
    assert clean(text).text == normalize("NFC", text)


@given(st.text() | st.text(st.sampled_from("&<>;/!-abpm#x1 \0e\u0301’\ud800")))
def test_each_character_comes_from_somewhere_and_in_order(text):
    cleaned = clean(text)
    assert len(cleaned.text) == len(cleaned.starts) == len(cleaned.ends)
    assert all(0 <= start < end <= len(text) for start, end in zip(cleaned.starts, cleaned.ends, strict=True))
    assert list(cleaned.starts) == sorted(cleaned.starts)


def test_no_more_than_the_limit_is_read():
    assert clean("x" * 30_000).text == "x" * LIMIT
    assert clean("<br>" * 30_000).text == " " * LIMIT
    assert len(clean("\u0958" * LIMIT).text) == LIMIT  # NFC makes two characters of each


@pytest.mark.parametrize(
    "piece", ["a", "<a", "<!--", "<script>", "&amp;", "&", "'!", "e\u0301", "\u0316\u0301", "x@"]
)
def test_cleaning_takes_time_in_proportion_to_the_text(piece):
    assert growth(clean, piece) < 9  # four times the text; quadratic would be sixteen


def growth(work, piece: str) -> float:
    """How much longer four times the text takes, at the quickest of several runs."""

    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        times = []
        for _ in range(7):
            started = process_time()
            work(text)
            times.append(process_time() - started)
        return min(times)

    return seconds(80_000) / seconds(20_000)


@pytest.mark.parametrize(
    "text",
    ["n/a", "N/A.", "None", "none!!!", "-  No -", "Nothing to add.", "keine Angabe", "K.A.", "Néant", "nada"],
)
def test_a_non_answer_is_recognised(text):
    assert is_non_answer(text)


@pytest.mark.parametrize(
    "text", ["", ".", "12345", "👍", "No way!", "None of it works", "nothing to complain about"]
)
def test_what_says_something_or_has_no_word_is_no_non_answer(text):
    assert not is_non_answer(text)


@pytest.mark.parametrize("text", ["", " ", ".", "12345", "10/10", "👍👍", ":-)", "___", "\u0301"])
def test_there_are_no_words_without_letters(text):
    assert not has_words(text)
    assert words(text) == []


def test_words_are_runs_of_letters_of_any_script():
    assert words("Très bien, 10/10! Привет_мир 很好") == ["Très", "bien", "Привет", "мир", "很好"]
