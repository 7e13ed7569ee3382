"""What needs no model, and above all what the rules must leave alone."""

import csv
from pathlib import Path

import pytest

from feedback_app.sentiment import Reason
from feedback_app.sentiment.rules import NOTHING_SAID, Decision, decided
from feedback_app.sentiment.text import clean

OWN = Path(__file__).parents[3] / "training" / "data" / "own.csv"


def decision(text: str) -> Decision | None:
    return decided(clean(text))


def lines(block: str) -> list[str]:
    return [line.strip() for line in block.strip().splitlines()]


@pytest.mark.parametrize(
    "text",
    [
        *("", " \n", ".", "...", "-", "12345", "???", "!", "_", "(((", "&nbsp;", "<p></p>", "\u202e\u202d"),
        *[
            "n/a",
            "N.A.",
            "None.",
            "- no -",
            "nothing to add",
            "I don't know",
            "prefer not to say",
            "see above",
        ],
        *[
            "keine Angabe",
            "rien",
            "sin comentarios",
            "niente",
            "geen",
            "inget",
            "brak",
            "yok",
            "нет",
            "特になし",
        ],
        *("asdf", "ASDFGH", "qwertz", "xxxxx", "aaaa", "test", "Test test", "blah blah", "lorem ipsum"),
    ],
)
def test_what_says_nothing_is_neutral_for_want_of_content(text):
    assert decision(text) == NOTHING_SAID
    assert decision(text).reason is Reason.NO_CONTENT


@pytest.mark.parametrize(
    "text",
    lines(
        """
        No way!
        None of it works
        Nothing works
        No, never
        asked twice
        tested
        testing it now
        wert
        Add a map
        ok
        fine
        x-ray was late
        no answer from support
        """
    ),
)
def test_what_only_looks_like_nothing_is_left_to_the_model(text):
    assert decision(text) is None


@pytest.mark.parametrize(
    ("text", "label", "polarity"),
    [  # thumb up .7, heart eyes .9, party .9, plain face 0, thumb down -.9, tears -.7, smiley .6, frown -.6
        ("👍", "positive", 0.7),
        ("👍🏽 👍🏿", "positive", 0.7),
        ("😍🎉", "positive", 0.9),
        ("❤️", "positive", 0.9),
        ("👎😭", "negative", -0.8),
        ("👍👎", "neutral", -0.1),  # (.7 - .9) / 2
        ("😍😭", "neutral", 0.1),
        ("😐", "neutral", 0.0),
        ("🤷🏻‍♀️", "neutral", 0.0),
        (":-) :)", "positive", 0.6),
        (":D", "positive", 0.6),
        ("xD", "positive", 0.6),
        ("<3 <3", "positive", 0.9),
        ("</3", "negative", -0.7),
        (":-(", "negative", -0.6),
        (">:(", "negative", -0.8),
        (":-/", "negative", -0.4),
        ("(: ", "positive", 0.6),
        ("):", "negative", -0.6),
        ("^^", "positive", 0.6),
        ("-_-", "negative", -0.4),
        ("!!! 👏👏👏 !!!", "positive", 0.7),
    ],
)
def test_emoji_and_emoticons_alone_are_worth_their_mean(text, label, polarity):
    found = decision(text)
    assert (found.label, found.polarity, found.reason) == (label, polarity, None)


def test_each_emoji_that_leans_is_shown():
    assert decision("👍 😐 👎").evidence == ((0, 1, 0.7), (4, 5, -0.9))
    assert decision(" :-) ").evidence == ((1, 4, 0.6),)


@pytest.mark.parametrize("text", ["🇩🇪", "🗿", "🧾📎"])
def test_emoji_without_a_leaning_say_nothing(text):
    assert decision(text) == NOTHING_SAID


@pytest.mark.parametrize("text", ["👍 but slow", "Thanks :)", "😡 still waiting", "XL 👍", "P :)"])
def test_words_beside_emoji_are_for_the_model(text):
    assert decision(text) is None


@pytest.mark.parametrize(
    ("text", "label", "polarity"),
    [
        ("10/10", "positive", 1.0),
        (" 4 / 5! ", "positive", 0.6),
        ("7/10", "neutral", 0.4),
        ("5/10", "negative", 0.0),
        ("0/10.", "negative", -1.0),
        ("1/5", "negative", -0.6),
    ],
)
def test_a_mark_out_of_five_ten_or_a_hundred_is_read(text, label, polarity):
    assert (decision(text).label, decision(text).polarity) == (label, polarity)


@pytest.mark.parametrize("text", ["24/7", "1/2", "12/10", "50/50", "3/10/2026"])
def test_other_fractions_say_nothing(text):
    assert decision(text) == NOTHING_SAID


@pytest.mark.parametrize(
    "text",
    lines(
        """
        No complaints.
        I have no complaints at all
        We've no complaints about the service
        No problems so far
        Never had a problem
        There were no issues whatsoever
        Nothing to complain about
        can’t complain
        Nothing to improve
        Nothing that needs to be improved
        There is nothing you could do better
        I wouldn't change a thing
        Don't change anything
        Can't think of anything to improve
        Couldn't be better!
        It could not have been easier
        We couldn't be more satisfied
        Can't fault the staff
        Not bad at all
        None, all good
        No, everything was perfect
        Keep it up
        keep up the good work
        Keep it that way!
        Nothing wrong with it
        I could not ask for more
        no need to change anything
        """
    ),
)
def test_a_customer_without_a_wish_is_content(text):
    found = decision(text)
    assert (found.label, found.polarity, found.reason) == ("positive", 0.6, None)
    assert found.evidence == ((0, len(text), 0.6),)


@pytest.mark.parametrize(
    "text",
    lines(
        """
        No complaints are ever answered
        No complaint was taken seriously
        No complaints but the price
        No problem was solved
        No complaints, however it is slow
        Nothing improved
        Nothing has changed
        Nothing has been improved
        Nothing works
        Nothing to improve except the price
        Nothing good
        It couldn't be worse
        Couldn't be more disappointed
        I can't complain to anyone, nobody answers
        Not bad but not good
        Not good at all
        Can't find anything
        I cannot change anything in my profile
        No complaints about the food, the rest was awful
        Keep up or close down
        You keep it that way although I complained
        All good things end
        There was nothing wrong with it until you changed it
        Never had a good day here
        so bad
        """
    ),
)
def test_the_same_words_in_a_complaint_are_left_to_the_model(text):
    assert decision(text) is None


@pytest.mark.parametrize(
    "text",
    lines(
        """
        How do I cancel?
        Can I bring my dog?
        Do you deliver to Norway?
        Hi, where can I find my bill?
        Is there a student discount?
        WHICH PLAN INCLUDES THE CALENDAR?
        Can you add a French version?
        """
    ),
)
def test_a_question_for_a_fact_is_neutral(text):
    assert (decision(text).label, decision(text).polarity, decision(text).evidence) == ("neutral", 0.0, ())


@pytest.mark.parametrize(
    "text",
    lines(
        """
        Why is it so hard to cancel?
        Where is my refund?
        Can anyone answer me?
        Do you even read this?
        Can you fix the login?
        Is it too much to ask?
        How do I get my money back?
        What is wrong with you?
        How do I log in? It does not work.
        Will you ever reply?
        Can the staff be any better?
        """
    ),
)
def test_a_question_that_may_be_a_complaint_is_left_to_the_model(text):
    assert decision(text) is None


def test_a_long_comment_is_always_for_the_model():
    assert decision("No complaints. " + "The room was on the second floor. " * 5) is None


def test_the_rules_agree_with_the_sentences_that_the_tagger_learns_from():
    with OWN.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    decisions = [(row, decision(row["text"])) for row in rows]
    wrong = [row["text"] for row, found in decisions if found and found.label != row["label"]]
    assert wrong == []
    assert sum(found is not None for _, found in decisions) > 80
