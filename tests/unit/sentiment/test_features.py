from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment.features import (
    SIGNALS,
    Hit,
    Reader,
    normal,
    scale,
    stem,
    term_counts,
    word_features,
)

LEXICON = {"good": 1.0, "bad": -1.0, "worst": -2.0, "no problem": 1.0, "not bad at all": 1.0, "problem": -1.0}
READER = Reader({**LEXICON, "support": 0.0, "good luck": 0.0})


def signal(text: str, name: str) -> float:
    return READER.read(text).signals[SIGNALS.index(name)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Not good", ["not", "!good"]),
        ("not a very good app here now", ["not", "!a", "!very", "!good", "!app", "!here", "!now"]),
        ("not one two three four five", ["not", "!one", "!two", "!three", "!four", "five"]),
        ("It isn't good. Good", ["it", "isn't", "!good", ".", "good"]),
        ("not good but cheap", ["not", "!good", "but", "cheap"]),
        ("never, ever", ["never", ",", "!ever"]),
    ],
)
def test_a_negation_covers_the_next_words_of_its_clause(text, words):
    assert READER.read(text).words == words


def test_pairs_reach_from_the_beginning_to_the_end_and_carry_no_marks():
    assert READER.read("Not good!").pairs == ["^ not", "not good", "good !", "! $"]


@pytest.mark.parametrize(
    ("token", "word"),
    [
        ("GREAT", "great"),
        ("sooooo", "soo"),
        ("@united", "@"),
        ("4711", "0"),
        ("5", "5"),
        ("10/10", "10/10"),
        ("100%", "100%"),
        ("!!!!", "!!"),
        ("😀", "😀"),
    ],
)
def test_tokens_that_mean_the_same_are_one_word(token, word):
    assert normal(token) == word


def test_a_word_is_known_by_itself_and_by_its_stem():
    assert word_features("waiting") == ["waiting", "~wait"]
    assert word_features("!waited") == ["!waited", "!~wait"]
    assert word_features("the") == ["the"]
    assert [stem(word) for word in ("crashes", "crashing", "crashed", "crash")] == ["crash"] * 4


def test_terms_are_counted():
    counts = term_counts(READER.read("good good"))
    assert counts == {"good": 2, "~good": 2, "^ good": 1, "good good": 1, "good $": 1}


def test_a_phrase_stands_in_the_place_of_its_words():
    assert READER.read("No problem, but a bad one").hits == [Hit(0, 1, 1.0, False), Hit(5, 5, -1.0, False)]
    assert READER.read("it was not bad at all").hits == [Hit(2, 5, 1.0, False)]


def test_a_phrase_that_says_nothing_silences_its_words():
    assert READER.read("good luck with that").hits == []


def test_opinions_are_counted_with_what_covers_them():
    text = "Good, good, not bad. The worst support, not good"
    figures = {
        name: round(signal(text, name), 4) for name in ("good", "bad", "not_good", "not_bad", "balance")
    }
    log_2, log_3 = 0.6931, 1.0986
    assert figures == {"good": log_3, "bad": log_2, "not_good": log_2, "not_bad": log_2, "balance": 0.5}
    assert signal(text, "strong_bad") == pytest.approx(log_2, abs=1e-4)
    assert signal(text, "both") == 1


def test_the_last_and_the_first_clause_with_an_opinion_are_told_apart():
    text = "A good start, but a bad end. It was blue."
    assert (signal(text, "first"), signal(text, "last")) == (0.5, -0.5)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("What? Why?? How???", "asks", 1),
        ("No!", "exclaims", 0.5),
        ("NEVER AGAIN", "shouts", 1),
        ("I love the USA", "shouts", 0),
        ("Please add a calendar", "requests", 1),
        ("Blue", "none", 1),
        ("Blue", "short", 1),
    ],
)
def test_other_signs_are_figures_too(text, name, value):
    assert signal(text, name) == value


@given(st.text() | st.text(st.sampled_from("not good but .!?:)@-'3 ")))
def test_any_text_can_be_read(text):
    features = READER.read(text)
    assert len(features.words) == len(features.tokens) == len(features.pairs) - 1
    assert len(features.signals) == len(SIGNALS)
    assert 0 < scale(features) <= 2
    for hit in features.hits:
        assert 0 <= hit.first <= hit.last < len(features.words)


@pytest.mark.parametrize(
    "piece", ["not ", "good ", "not bad at ", "a-", "a'", "1.", ":", "https://", "!", "but "]
)
def test_reading_takes_time_in_proportion_to_the_length(piece):
    def seconds(length: int) -> float:
        times = []
        for _ in range(3):
            started = process_time()
            READER.read((piece * length)[:length])
            times.append(process_time() - started)
        return min(times)

    assert seconds(40_000) < 10 * seconds(10_000) + 0.01  # a quadratic step would make it sixteen
