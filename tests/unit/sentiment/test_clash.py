"""Where words and rating contradict each other, and why."""

from time import perf_counter

import pytest

from feedback_app.sentiment.clash import Clash, Tone, clash
from feedback_app.sentiment.tagger import Label, Reason, Tag
from feedback_app.sentiment.text import LIMIT


def read(label: Label, polarity: float) -> Tag:
    return Tag("words", "1", label, polarity, language="en")


HAPPY, GLAD = read("positive", 0.95), read("positive", 0.4)
ANGRY, UNGLAD = read("negative", -0.95), read("negative", -0.4)
FLAT = read("neutral", 0.0)


@pytest.mark.parametrize(
    ("tag", "tone", "why"),
    [
        (HAPPY, "bad", Clash.WORDS_BETTER),
        (HAPPY, "middle", None),
        (HAPPY, "good", None),
        (GLAD, "bad", None),  # not clear enough
        (ANGRY, "good", Clash.WORDS_WORSE),
        (ANGRY, "middle", None),
        (ANGRY, "bad", None),
        (UNGLAD, "good", None),
        (FLAT, "bad", None),
        (FLAT, "good", None),
    ],
)
def test_only_clear_words_on_the_other_side_contradict(tag: Tag, tone: Tone, why: Clash | None) -> None:
    assert clash(tag, tone, "So it was.") == why


@pytest.mark.parametrize(
    ("tag", "tone", "text"),
    [
        (GLAD, "bad", "10/10, would buy again"),
        (GLAD, "bad", "Five stars for Priya"),
        (GLAD, "bad", "A perfect ten"),
        (ANGRY, "bad", "Excellent service, 1 = best I assume"),
        (FLAT, "bad", "Sorry, I tapped the wrong number"),
        (FLAT, "bad", "I misread the scale"),
        (UNGLAD, "good", "0/10"),
        (UNGLAD, "good", "One star, never again"),
    ],
)
def test_a_scale_that_was_misread_says_so_itself(tag: Tag, tone: Tone, text: str) -> None:
    assert clash(tag, tone, text) == Clash.SCALE_MISREAD


@pytest.mark.parametrize(
    "text",
    [
        "I clicked 10 by accident, should be 1.",
        "Oops, I meant to press ten!",
        "Gave you a 1 by mistake",
        "I accidentally tapped the lowest score",
    ],
)
@pytest.mark.parametrize("tone", ["bad", "middle", "good"])
def test_who_says_that_the_finger_slipped_is_believed_whatever_the_rating(tone: Tone, text: str) -> None:
    assert clash(FLAT, tone, text) == Clash.SCALE_MISREAD


@pytest.mark.parametrize(
    "text",
    [
        "I was charged twice by mistake",
        "You sent me two parcels by accident",
        "They put us on the wrong floor by mistake",
        "I meant to give it to my wife",
        "You gave me two bags by mistake",
        "I selected two nights by mistake and cannot change it",
        "I meant to choose one size up",
    ],
)
def test_other_mistakes_are_no_slip_of_the_finger(text: str) -> None:
    assert clash(UNGLAD, "bad", text) is None


@pytest.mark.parametrize(
    ("tag", "tone", "text"),
    [
        (GLAD, "bad", "I would give five stars if it worked"),
        (GLAD, "bad", "I rated it 5 stars last year"),
        (GLAD, "bad", "Nice, this one is the best"),
        (GLAD, "bad", "4 / 5 stars"),
        (UNGLAD, "bad", "How does this have 10/10?"),
        (GLAD, "good", "10/10"),
        (GLAD, "good", "Wanted one star less"),
    ],
)
def test_marks_that_are_not_given_now_are_no_misreading(tag: Tag, tone: Tone, text: str) -> None:
    assert clash(tag, tone, text) is None


@pytest.mark.parametrize(
    "text",
    [
        "You have the wrong person.",
        "Hi, that wasn't me",
        "I have never contacted your support",
        "I’m not a customer of yours",
        "I no longer work there, please take me off",
        "No idea why I got this",
        "I didn't open any ticket",
        "I never opened a ticket, this must be a mistake",
        "You sent this survey to the wrong address",
        "This mail was meant for my colleague",
        "You must have mistaken me for somebody else",
    ],
)
@pytest.mark.parametrize("tone", ["bad", "good"])
def test_a_wrong_person_says_so_whatever_the_rating(tone: Tone, text: str) -> None:
    assert clash(FLAT, tone, text) == Clash.WRONG_PERSON


@pytest.mark.parametrize(
    "text",
    [
        "You never contacted me",
        "It keeps saying it's not my account",
        "The app does not work with my phone",
        "It went to the wrong address",
        "I have never used a faster tool",
        "You sent the parcel to the wrong address",
        "The shirt was meant for my son and it is too small",
        "The menu confused me with its many options",
        "I never opened the box, it arrived broken",
    ],
)
def test_a_complaint_is_no_wrong_person(text: str) -> None:
    assert clash(UNGLAD, "bad", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Thanks for nothing",
        "Great job breaking the export",
        "Well done on losing my data",
        'Your "great" support',
        "Great, just great.",
        "Wonderful product /s",
        "Love waiting for an hour 🙄",
        "Oh great, another outage",
        "So called support",
    ],
)
def test_praise_with_a_sign_of_mockery_is_sarcasm_beside_a_bad_rating(text: str) -> None:
    assert clash(GLAD, "bad", text) == Clash.SARCASM
    assert clash(UNGLAD, "bad", text) is None  # the tagger heard it


@pytest.mark.parametrize(
    "text",
    [
        "Great job losing all my data. Well done, really.",
        "Thanks for nothing",
        "Thank you so much for wasting our time!",
        "Congratulations, you managed to break it, ruining my day",
        "Bravo for making things worse",
    ],
)
def test_thanks_for_harm_are_sarcasm_beside_a_good_rating_too(text: str) -> None:
    assert clash(GLAD, "good", text) == Clash.SARCASM
    assert clash(ANGRY, "good", text) == Clash.SARCASM
    assert clash(GLAD, "middle", text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Oh great, another outage. Just what I needed.",
        "Well done, you lost my parcel for the second time.",
        "Wonderful, three hours on hold and then you hang up on me.",
        "Bravo: the third invoice that is wrong",
        "You will call me back? Yeah right.",
    ],
)
def test_a_complaint_that_begins_like_praise_is_sarcasm_beside_a_good_rating(text: str) -> None:
    assert clash(UNGLAD, "good", text) == Clash.SARCASM
    assert clash(UNGLAD, "bad", text) is None
    assert clash(read("negative", -0.2), "good", text) is None  # the tagger is not sure that it heard one
    assert clash(UNGLAD, "good", f"{text} But Ann was kind.") is None


@pytest.mark.parametrize(
    "text",
    [
        "Great, just great.",
        "Oh great, it works again",
        "The way to go",
        "Thanks for removing the ads",
        "Great job breaking the record",
        "Well done for not wasting our time",
        "Thank you for nothing but kindness",
        "Thanks for not ruining my day",
    ],
)
def test_praise_beside_a_good_rating_is_mostly_meant(text: str) -> None:
    assert clash(GLAD, "good", text) is None


def test_who_weighs_two_sides_contradicts_nothing() -> None:
    assert clash(HAPPY, "bad", "I love it, but it crashes") is None
    assert clash(ANGRY, "good", "Still great, although the last update was awful") is None


def test_what_was_not_read_contradicts_nothing() -> None:
    unread = Tag("words", "1", reason=Reason.LANGUAGE)
    assert clash(unread, "bad", "10/10") is None


@pytest.mark.parametrize(
    "piece",
    ["great ", "5 stars if ", "it is ", '"', "thanks for ", "congratulations ", "! ", "gave a 1 ", "oh "],
)
def test_no_text_is_slow(piece: str) -> None:
    text = piece * (LIMIT // len(piece))
    begin = perf_counter()
    clash(GLAD, "bad", text)
    assert perf_counter() - begin < 0.5
