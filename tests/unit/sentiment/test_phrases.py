"""Which phrases set one group of comments apart from another."""

import time

import pytest

from feedback_app.sentiment.phrases import Phrase, distinctive_phrases

GLAD = ["The staff was great", "Great staff", "Lovely app", "Great app and staff"] * 10


def texts(group: list[str], others: list[str] = GLAD, **given: int) -> list[str]:
    return [phrase.text for phrase in distinctive_phrases(group, others, **given)]  # type: ignore[arg-type]


def test_what_the_group_alone_says_is_found_with_its_counts() -> None:
    group = ["Still waiting for the refund", "A refund, great staff"] * 10
    found = distinctive_phrases(group, GLAD)
    assert [(one.text, one.comments, one.others) for one in found] == [
        ("refund", 20, 0),
        ("still waiting", 10, 0),
    ]


def test_the_difference_is_told_in_standard_deviations() -> None:
    (found,) = distinctive_phrases(["refund"] * 20 + ["staff"] * 20, ["refund"] * 5 + ["staff"] * 35)
    # Prior 2.5 of 8, and a half without it: log(22.5 / 26) - log(7.5 / 41) = 1.55408; sqrt(1/22.5 + 1/7.5) = 0.42164
    assert found == Phrase("refund", pytest.approx(3.6858, abs=1e-4), 20, 5)


def test_a_phrase_has_no_stop_word_at_its_ends_but_may_begin_with_no() -> None:
    group = ["It is a waste of money", "and it doesn't work for us"] * 8
    assert texts(group) == ["doesn't work", "waste of money"]


def test_a_phrase_stands_in_enough_comments_however_often_in_one() -> None:
    assert texts(["refund refund refund"] * 7 + ["parcel"] * 8) == ["parcel"]
    assert texts(["refund"] * 7, fewest=7) == ["refund"]


def test_a_phrase_does_not_reach_across_punctuation() -> None:
    assert "apple pay" not in texts(["I like apple. Pay is bad"] * 10)


def test_of_phrases_in_the_same_comments_the_longest_stays() -> None:
    assert texts(["new update"] * 10) == ["new update"]
    assert texts(["new update"] * 10 + ["update"] * 10) == ["update", "new update"]


def test_spellings_of_one_word_count_together_in_the_usual_one() -> None:
    assert texts(["it doesn’t work"] * 5 + ["It DOESNT work"] * 4 + ["it doesn't work"] * 2) == [
        "doesn't work"
    ]


def test_two_groups_that_say_the_same_have_nothing_apart() -> None:
    assert texts(GLAD) == []
    assert texts([], GLAD) == texts(GLAD, []) == []


def test_twenty_thousand_comments_take_seconds_and_so_does_a_hostile_one() -> None:
    began = time.process_time()
    group = [f"the bill of {n % 50} came and customer {n % 97} service waited {n}" * 4 for n in range(10_000)]
    distinctive_phrases(group, GLAD * 250)
    distinctive_phrases(["not bill " * 100_000] * 8, ["refund"])
    assert time.process_time() - began < 10
