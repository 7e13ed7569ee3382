from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment.clauses import clauses


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in clauses(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Great app. Slow support!", ["Great app.", "Slow support!"]),
        ("Great app but slow support", ["Great app", "but slow support"]),
        ("Great app, HOWEVER support is slow; sad", ["Great app,", "HOWEVER support is slow;", "sad"]),
        ("Although it is dear\nI like it", ["Although it is dear", "I like it"]),
        ("Why?! No idea...", ["Why?!", "No idea..."]),
        ("Unfortunately it broke", ["Unfortunately it broke"]),
        ("All fine except the price", ["All fine", "except the price"]),
        ("The butter and the yeti", ["The butter and the yeti"]),
    ],
)
def test_a_comment_is_split_at_stops_and_at_words_of_contrast(text, expected):
    assert split(text) == expected


@pytest.mark.parametrize(
    "text",
    ["Version 3.5 is on example.org", "It took a while", "👍👍", "?", "It has not come yet.", "Good but..."],
)
def test_what_is_one_clause_stays_whole(text):
    assert split(text) == [text]


def test_marks_without_words_stay_with_the_clause_before_them():
    assert split("Bad. :-( !!! Never again") == ["Bad. :-( !!!", "Never again"]


@pytest.mark.parametrize("text", ["", " ", "\n\n"])
def test_a_blank_text_has_none(text):
    assert clauses(text) == []


@given(st.text() | st.text(st.sampled_from("good but. yet while!?;\n 3a")))
def test_clauses_are_in_order_not_empty_and_miss_nothing_but_blanks(text):
    done = 0
    for start, end in clauses(text):
        assert not text[done:start].strip()
        assert start < end
        assert text[start:end] == text[start:end].strip()
        done = end
    assert not text[done:].strip()


@pytest.mark.parametrize("piece", ["but ", "yet", ".", "!a", "a", "\n", "a while "])
def test_splitting_takes_time_in_proportion_to_the_length(piece):
    def seconds(length: int) -> float:
        times = []
        for _ in range(3):
            started = process_time()
            clauses((piece * length)[:length])
            times.append(process_time() - started)
        return min(times)

    assert seconds(160_000) < 10 * seconds(40_000) + 0.01  # a quadratic step would make it sixteen
