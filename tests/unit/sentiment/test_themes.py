"""Which patterns are found where in a comment."""

import time

import pytest

from feedback_app.sentiment.tagger import Label
from feedback_app.sentiment.themes import (
    ThemeHit,
    ThemeMatcher,
    ThemeRule,
    clauses_about,
    theme_sentiment,
)


def found(patterns: str, comment: str) -> list[str]:
    """The stretches of the comment that a theme of these patterns is found in."""
    hits = ThemeMatcher([ThemeRule(1, patterns)]).find(comment)
    return [comment[start:end] for hit in hits for start, end in hit.spans]


@pytest.mark.parametrize(
    ("pattern", "comment", "words"),
    [
        ("refund", "A REFUND, please. No refunds?", ["REFUND"]),
        ("refund*", "Refunded? My refund-request", ["Refunded", "refund"]),
        ("fee", "The coffee is on the house; the fee is not.", ["fee"]),
        ("don't", "I don’t. I dont. I don't.", ["don’t", "dont", "don't"]),
        ("shell", "She'll call", []),
        ("company", "The company's fault", ["company's"]),
        ("cafe", "Le café, le cafe\u0301", ["café", "cafe\u0301"]),
        ("Größe", "GRÖSSE stimmt", ["GRÖSSE"]),
        ("credit card", "My credit  card, the credit-card, credit. Card", ["credit  card", "credit-card"]),
        ("e-mail", "No E-Mail, no e mail, no email", ["E-Mail", "e mail"]),
        ("node.js", "your node.js client", ["node.js"]),
        ("24/7", "open 24/7 they say", ["24/7"]),
        ("退款", "我要退款谢谢", ["退款"]),
        ("no sign in", "There is no sign in sight: no sign in", ["no sign in"]),
        ("R&B", "more R&amp;B, less <b>noise</b>", ["R&amp;B"]),
    ],
)
def test_a_pattern_matches_whole_words_however_they_are_written(
    pattern: str, comment: str, words: list[str]
) -> None:
    assert found(pattern, comment)[: len(words) or 1] == words


def test_words_may_stand_a_few_words_apart_in_one_sentence() -> None:
    wait = "wait* ... answer"
    assert found(wait, "waited, and waited for an answer") == ["waited", "waited", "answer"]
    assert found(wait, "wait one two three four five answer") == ["wait", "answer"]
    assert found(wait, "wait one two three four five six answer") == []
    assert found(wait, "answer me, I wait") == []
    assert found(wait, "I wait. No answer") == []
    assert found(wait, "wait answer") == ["wait answer"]


def test_two_gaps_find_the_way_that_leads_to_the_end() -> None:
    assert found("a1 ... b1 ... c1", "a1 b1 x x x b1 x x x x c1") == ["a1", "b1", "c1"]


def test_what_is_left_out_takes_the_hits_that_it_touches() -> None:
    patterns = "card*\ncard payment\n-gift card"
    assert found(patterns, "A gift card payment") == []
    assert found(patterns, "A gift card, my card") == ["card"]
    assert found("good\n-not ... good", "not at all good. Is it good?") == ["good"]


def test_what_one_theme_leaves_out_another_keeps() -> None:
    matcher = ThemeMatcher([ThemeRule(2, "card\n-gift card"), ThemeRule(1, "gift card")])
    assert matcher.find("a gift card") == [ThemeHit(1, ((2, 11),))]


def test_places_are_in_order_and_never_one_in_another() -> None:
    matcher = ThemeMatcher([ThemeRule(7, "support team\nteam\nsupport")])
    assert matcher.find("team: the support team") == [ThemeHit(7, ((0, 4), (10, 22)))]


def test_a_line_that_was_blacked_out_costs_the_others_nothing() -> None:
    assert found("refund\n[erased 7] refund*\nbill", "the refund, the bill") == ["refund", "bill"]


def test_a_theme_without_patterns_is_found_by_nobody() -> None:
    assert ThemeMatcher([ThemeRule(1, "")]).find("anything") == []


def test_the_clauses_of_a_theme_are_those_that_its_words_stand_in() -> None:
    comment = "The app is lovely. Support is quick, but billing charged me twice."
    (hit,) = ThemeMatcher([ThemeRule(1, "billing\ncharged")]).find(comment)
    assert clauses_about(comment, hit) == ["but billing charged me twice."]
    both = ThemeHit(1, ((4, 7), (39, 46)))
    assert clauses_about(comment, both) == ["The app is lovely.", "but billing charged me twice."]
    assert clauses_about("The app is lovely.", ThemeHit(1, ((4, 7),))) == []


@pytest.mark.parametrize(
    ("clauses", "whole", "lean", "label", "polarity"),
    [
        ([0.6], "negative", -0.9, "positive", 0.4),  # (0.6 + 0.18 - 0.18) / 1.5
        ([-0.5, 1.0, 0.0], "positive", 0.5, "negative", -0.1667),  # (-0.5 + 0.3 * 0.5 + 0.1) / 1.5
        ([0.0], "negative", -0.6, "negative", -0.08),  # left open by the clause, not by the comment
        ([0.1], "neutral", 0.0, "neutral", 0.0867),
        ([0.0], "positive", 0.0, "neutral", 0.0),
    ],
)
def test_a_themes_sentiment_is_mostly_that_of_its_first_clause(
    clauses: list[float], whole: Label, lean: float, label: Label, polarity: float
) -> None:
    assert theme_sentiment(clauses, whole, lean) == (label, pytest.approx(polarity, abs=1e-4))


@pytest.mark.parametrize(
    "hostile",
    ["not ", "wait ", "gift card ", "refund", "'", "\u0301", "a.", "wa ", "\n", "退"],
)
def test_no_comment_takes_long(hostile: str) -> None:
    """With 200 patterns that nearly match everywhere; the worst takes 0.4 s on a busy machine."""
    lines = [f"not ... w{n}*\nwait ... ref{n}* ... x{n}\n-gift card" for n in range(33)]
    matcher = ThemeMatcher([ThemeRule(1, "\n".join(lines)), ThemeRule(2, "gift*\nwa*\n退")])
    comment = hostile * (50_000 // len(hostile))
    began = time.process_time()
    for hit in matcher.find(comment):
        clauses_about(comment, hit)
    assert time.process_time() - began < 3
