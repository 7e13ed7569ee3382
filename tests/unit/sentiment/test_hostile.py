"""Texts that nobody writes in good faith: each gets a sound tag, soon, and the same one again."""

import json
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment import Tag
from feedback_app.sentiment.registry import tagger
from feedback_app.sentiment.rules import decided
from feedback_app.sentiment.text import LIMIT, clean

READER = tagger("lexigram")
LONG = 200_000  # characters

# Each is repeated up to the length.
PIECES = {
    "tags never closed": "<",
    "tags of tags": "<a<b",
    "comments never closed": "<!--",
    "scripts never closed": "<script>",
    "entities": "&amp;",
    "half entities": "&#x",
    "brackets": "(((",
    "one letter": "a",
    "a letter and a blank": "a ",
    "combining marks": "\u0301\u0316",
    "a letter with marks": "e\u0301\u0323",
    "right to left": "\u202e\u200f",
    "invisible blanks": "\u200b\u2060\ufeff",
    "halves of characters": "\ud800",
    "NUL": "\0",
    "line breaks": "\r\n",
    "emoji": "👍🏽",
    "families": "👨‍👩‍👧‍👦",
    "emoticons": ":-) ",
    "half emoticons": ">:",
    "underscores": "-_",
    "carets": "^_",
    "dashes": "-",
    "quotes": "'",
    "apostrophes": "n't ",
    "question marks": "?",
    "fractions": "10/",
    "no complaints, again": "no complaints at all ",
    "a question, again": "can you can you ",
    "nothing, again": "nothing to nothing to ",
    "not": "not ",
    "not not good": "not not not good ",
    "but": "but ",
    "very": "very ",
    "a bomb for patterns": "aaaaaaaaaaaaaaaaaaaaaaaaaaaa!",
    "shouting": "BAD!!! ",
    "fancy letters": "𝐛𝐚𝐝 ",
    "Korean in parts": "\u1112\u1161\u11ab",
    "Thai": "ดี",
    "Chinese": "好",
    "one word with everything": "a.b-c_d'e@f/g:h",
    "links": "https://example.org/?q=bad&x=good ",
    "JSON": '{"text": "bad", "label": ["good"]}',
    "SQL": "'; DROP TABLE response; -- ",
    "a template": "{{ 7*7 }}{% if bad %}",
    "many different words": "".join(chr(97 + n % 26) * (n % 9 + 1) + " " for n in range(999)),
}


def repeated(kind: str, length: int) -> str:
    piece = PIECES[kind]
    return (piece * (length // len(piece) + 1))[:length]


@pytest.mark.parametrize("kind", PIECES)
def test_a_hostile_text_gets_a_sound_tag_at_once(kind):
    text = repeated(kind, LONG)
    begun = process_time()
    tag = READER.tag(text)
    assert (
        process_time() - begun < 1.0
    )  # several times what a slow machine needs, a hundredth of a quadratic step
    assert_sound(tag, text)


@pytest.mark.parametrize("kind", PIECES)
def test_no_rule_steps_through_a_text_for_each_of_its_characters(kind):
    cleaned = clean(repeated(kind, LIMIT))
    begun = process_time()
    decided(cleaned)
    assert (
        process_time() - begun < 0.2
    )  # one step a character takes a thousandth; 25 million would take seconds


def test_a_million_letters_are_read_as_the_first_five_thousand():
    assert READER.tag("a" * 1_000_000) == READER.tag("a" * LIMIT)


def test_a_sentence_before_the_noise_still_counts():
    assert READER.tag("This is terrible, I want my money back. " + "\u0301" * 50_000).label == "negative"
    assert READER.tag("\0\0 Great and friendly service, thank you \ud83d\n").label == "positive"


@given(
    st.text(
        st.sampled_from("not good bad!?.,;:()<>&'\"-_/^@#0159 \n\0\ud800\u0301\u202e👍😡éßあ好"), max_size=80
    )
)
def test_any_mixture_gets_a_sound_tag_and_the_same_again(text):
    tag = READER.tag(text)
    assert_sound(tag, text)
    assert json.dumps(READER.tag(text).as_dict()) == json.dumps(tag.as_dict())


@given(st.text(max_size=200))
def test_any_text_at_all_gets_a_sound_tag(text):
    assert_sound(READER.tag(text), text)


def assert_sound(tag: Tag, text: str) -> None:
    if tag.label is None:
        assert tag.reason is not None
        return
    assert tag.label in {"negative", "neutral", "positive"}
    assert -1 <= tag.polarity <= 1
    assert 0 <= tag.confidence <= 1
    assert 0 <= tag.subjectivity <= 1
    end = 0
    for evidence in tag.evidence:
        assert end <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.word
        assert -1 <= evidence.weight <= 1
        end = evidence.end
