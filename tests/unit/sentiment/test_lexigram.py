import json
import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.sentiment import Reason, Tag
from feedback_app.sentiment.evidence import SHOWN
from feedback_app.sentiment.features import SIGNALS
from feedback_app.sentiment.lexigram import REVISION, LexigramTagger
from feedback_app.sentiment.weights import Weights, shipped

TAGGER = LexigramTagger()
PLAIN = [  # what any release must get right
    ("I love it!", "positive"),
    ("The support team was friendly and solved my problem quickly.", "positive"),
    ("Great service, will definitely order again", "positive"),
    ("The worst company I have ever dealt with", "negative"),
    ("Still waiting for my refund after three weeks", "negative"),
    ("I was charged twice and nobody answers the phone", "negative"),
    ("The app keeps crashing since the last update", "negative"),
    ("Not good at all", "negative"),
    ("GREAT SERVICE", "positive"),
    ("Sofía went out of her way to help us", "positive"),
    ("We had to jump through hoops to get a refund", "negative"),
    ("awsome app, realy love it, definitly the best", "positive"),
]
COMMENTS = [text for text, _ in PLAIN] + ["n/a", "👍", "Sehr gut, danke! Der Support war super.", "", "(x)"]


@pytest.mark.parametrize(("text", "label"), PLAIN)
def test_what_is_plain_is_read_right(text, label):
    assert TAGGER.tag(text).label == label


def test_a_verdict_says_how_sure_it_is_and_why():
    tag = TAGGER.tag("I love it, excellent support")
    assert (tag.tagger, tag.language, tag.reason) == ("lexigram", "en", None)
    assert tag.confidence > 0.9
    assert tag.polarity > 0.9
    assert tag.subjectivity > 0.9
    assert {"love", "excellent"} <= {evidence.word for evidence in tag.evidence}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("<b>Support</b> &amp; delivery were terrible", "terrible"),
        ("👩‍👩‍👧👍🏽 it is “terrible”", "terrible"),
        ("Cafe\u0301 terrible\r\n", "terrible"),
        ("ter\0rible", "ter\0rible"),
    ],
)
def test_the_evidence_is_marked_in_the_text_as_the_customer_wrote_it(text, word):
    found = [e for e in TAGGER.tag(text).evidence if e.word == word]
    assert [text[e.start : e.end] for e in found] == [word]
    assert found[0].weight < -0.3


def words_of(text):
    return [evidence.word for evidence in TAGGER.tag(text).evidence]


def test_a_good_word_after_a_negation_is_shown_with_it_as_bad():
    (good,) = [e for e in TAGGER.tag("The new app is not good").evidence if e.word == "not good"]
    assert good.weight < 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I love it", ["love"]),
        ("It is not a very good thing", ["not a very good"]),
        ("They never arrived", ["never arrived"]),
        ("Never again!", ["Never again"]),
        ("What a nightmare", ["nightmare"]),
        ("Much too slow", ["too slow"]),
    ],
)
def test_the_words_shown_say_something(text, words):
    assert words_of(text) == words


@pytest.mark.parametrize(
    ("text", "word", "is_praise"),
    [
        ("It used to be a nightmare to reconcile.", "used to be a nightmare", True),
        ("Communication could be clearer.", "could be clearer", False),
        ("The food isn't very good", "isn't very good", False),
        ("I have never been disappointed here", "never been disappointed", True),
    ],
)
def test_a_word_is_shown_with_what_turns_it(text, word, is_praise):
    (found,) = [e for e in TAGGER.tag(text).evidence if e.word == word]
    assert (found.weight > 0) is is_praise


def test_words_that_hold_a_sentence_together_are_not_shown():
    shown = words_of("Fast and friendly help with my invoice, or with your app")
    assert {"Fast", "friendly"} <= set(shown)
    assert {"and", "with", "my", "or", "your"}.isdisjoint(shown)


def test_what_a_pair_weighs_goes_to_the_word_of_it_that_says_something():
    pairs = {"help with": (0.0, 2.0), "^ with": (0.0, 2.0), "big help": (0.0, 2.0)}
    tagger = LexigramTagger(Weights(("en",), pairs, [(0.0, 0.0)] * len(SIGNALS), (0.0, 0.0), {}))
    (help_,) = tagger.tag("They help with invoices").evidence
    # tanh of half of what it added: 2, by 2 / sqrt(2 * 4 + 1) = 2 / 3
    assert (help_.word, help_.weight) == ("help", 0.583)
    assert [e.word for e in tagger.tag("A big help came").evidence] == ["big", "help"]
    assert tagger.tag("With invoices they came").evidence == ()


@pytest.mark.parametrize("text", ["", " ", ".", "12345", "n/a", "None", "<br>", "&nbsp;"])
def test_what_has_no_content_is_neutral_with_its_reason(text):
    tag = TAGGER.tag(text)
    assert (tag.label, tag.polarity, tag.reason, tag.evidence) == ("neutral", 0.0, Reason.NO_CONTENT, ())


def test_another_language_is_named_and_not_judged():
    assert TAGGER.tag("Leider warte ich seit drei Wochen auf eine Antwort.") == Tag(
        tagger="lexigram", version=TAGGER.version, language="de", reason=Reason.LANGUAGE
    )


def test_weights_of_ones_own_say_which_languages_are_judged():
    mine = Weights(("de",), {"super": (0.0, 3.0)}, [(0.0, 0.0)] * len(SIGNALS), (0.0, 0.0), {})
    tagger = LexigramTagger(mine)
    assert tagger.tag("Der Support war super und sehr schnell").label == "positive"
    assert tagger.tag("The support was super and very quick").reason is Reason.LANGUAGE
    assert tagger.version != TAGGER.version


def test_the_version_names_all_that_a_tag_depends_on():
    assert TAGGER.version.startswith(f"{REVISION}-{shipped().fingerprint}-")
    assert len(TAGGER.version) <= 40


@given(st.text() | st.text(st.sampled_from("good bad not very!? .:)-('\"&;<>amp/e\u0301\0\ud800👍\n")))
def test_any_text_gets_a_sound_tag(text):
    tag = TAGGER.tag(text)
    if tag.reason is Reason.LANGUAGE:
        assert (tag.label, tag.polarity, tag.evidence) == (None, None, ())
        return
    assert tag.label in {"negative", "neutral", "positive"}
    assert -1 <= tag.polarity <= 1
    assert 0 <= tag.subjectivity <= 1
    assert 0 <= tag.confidence <= 1
    done = 0
    for evidence in tag.evidence:
        assert done <= evidence.start < evidence.end <= len(text)
        assert text[evidence.start : evidence.end] == evidence.word
        assert -1 <= evidence.weight <= 1
        done = evidence.end


def test_only_the_few_words_that_weighed_most_are_shown():
    assert len(TAGGER.tag("good bad awful nice great terrible lovely ugly. " * 20).evidence) == SHOWN


def test_the_same_text_gives_the_same_bytes_from_any_thread_and_tagger():
    with ThreadPoolExecutor(8) as pool:
        tags = list(pool.map(TAGGER.tag, COMMENTS * 20))
    again = [LexigramTagger().tag(text) for text in COMMENTS] * 20
    assert [json.dumps(tag.as_dict()) for tag in tags] == [json.dumps(tag.as_dict()) for tag in again]


def test_the_same_text_gives_the_same_bytes_whatever_python_hashes_by():
    lines = "".join(json.dumps({"text": text}) + "\n" for text in COMMENTS).encode()
    answers = {
        subprocess.run(
            [sys.executable, "-m", "feedback_app.sentiment"],
            input=lines,
            capture_output=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    "piece", ["The app is not very good. ", "!", "not ", ": ) ", "a\u0301", "<b>good</b> ", "but "]
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


def test_nothing_calls_the_network(monkeypatch):
    def no_network(*args, **kwargs):
        raise AssertionError("a tagger called the network")

    monkeypatch.setattr(socket, "socket", no_network)
    monkeypatch.setattr(socket, "getaddrinfo", no_network)
    assert LexigramTagger().tag("The support was very good.").label == "positive"


def test_neither_numpy_nor_textblob_is_loaded():
    code = (
        "import sys; from feedback_app.sentiment.registry import tagger; tagger().tag('It works, thanks');"
        "print(sorted({'numpy', 'nltk', 'textblob', 'flask', 'sqlalchemy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
