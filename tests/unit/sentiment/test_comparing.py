"""Two taggers on the same comments: figures by hand, and a better one only where luck is ruled out."""

import pytest

from feedback_app.sentiment.comparing import Said, compare, macro_f1
from feedback_app.sentiment.tagger import Label

# 10 comments: 4 negative, 2 neutral, 4 positive.
BAD: Label = "negative"
SO_SO: Label = "neutral"
GOOD: Label = "positive"
LABELS: list[Label] = [BAD] * 4 + [SO_SO] * 2 + [GOOD] * 4
HALF: list[Said] = [BAD, BAD, GOOD, None, GOOD, GOOD, GOOD, GOOD, GOOD, GOOD]


def test_figures_are_those_that_one_gets_by_hand() -> None:
    found = compare(LABELS, HALF, list(LABELS)).before
    assert found.accuracy == 0.6
    # negative 2*2/(4+2), neutral 0/(2+0), positive 2*4/(4+7)
    assert found.f1 == {"negative": pytest.approx(4 / 6), "neutral": 0.0, "positive": pytest.approx(8 / 11)}
    assert found.macro_f1 == pytest.approx((4 / 6 + 8 / 11) / 3)
    assert found.confusion == {
        "negative": {"negative": 2, "positive": 1, "unread": 1},
        "neutral": {"positive": 2},
        "positive": {"positive": 4},
    }


def test_a_label_that_does_not_occur_is_left_out_of_the_mean() -> None:
    assert macro_f1({("positive", "positive"): 5}) == 1.0


def test_an_interval_holds_its_figure_and_the_perfect_tagger_has_no_doubt() -> None:
    found = compare(LABELS * 10, HALF * 10, LABELS * 10)
    was = found.before
    assert was.accuracy_interval.low < was.accuracy < was.accuracy_interval.high
    assert was.macro_f1_interval.low < was.macro_f1 < was.macro_f1_interval.high
    assert found.after.macro_f1_interval.low == found.after.macro_f1_interval.high == 1.0


def test_the_perfect_tagger_is_better_than_half_a_one() -> None:
    found = compare(LABELS * 10, HALF * 10, LABELS * 10)
    assert (found.wins, found.is_better) == (1.0, True)


def test_one_comment_more_is_luck_and_not_better() -> None:
    before = HALF * 10
    after = [*before[:2], BAD, *before[3:]]  # one more of 100 is right
    assert (
        compare(LABELS * 10, before, after).after.macro_f1
        > compare(LABELS * 10, before, after).before.macro_f1
    )
    assert not compare(LABELS * 10, before, after).is_better


def test_the_same_verdicts_are_not_better_and_the_same_figures_come_each_time() -> None:
    found = compare(LABELS, HALF, HALF)
    assert (found.wins, found.is_better) == (0.0, False)
    assert found == compare(LABELS, HALF, HALF)
