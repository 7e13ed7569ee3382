import os
import signal
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

import pytest

from feedback_app.sentiment import Tag
from feedback_app.sentiment.guard import GuardedTagger, TaggerFailed
from feedback_app.sentiment.registry import tagger

pytestmark = pytest.mark.usefixtures("odd_taggers")


@pytest.fixture
def odd():
    with GuardedTagger("odd", seconds=2) as guarded:
        yield guarded


def outcomes(results: list[Tag | TaggerFailed]) -> list[str | None]:
    return [r.reason if isinstance(r, TaggerFailed) else r.label for r in results]


def test_the_guard_gives_the_same_tags_as_the_tagger_itself():
    texts = ["A good app", "Sehr gut, danke!", "n/a", "", "not\u00a0good 👍 \0 \ud800", "line\nbreak\r\nbad"]
    with GuardedTagger() as guarded:
        assert guarded.tag_many(texts) == [tagger().tag(text) for text in texts]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("raise", "the tagger 'odd' failed with ValueError"),
        ("hang", "no answer within 2 s"),
        ("exit", "its process ended with exit code 7"),
        ("crash", "its process ended with signal 9"),
        ("garble", "its answer cannot be understood"),
    ],
)
def test_a_comment_that_breaks_the_tagger_is_reported_and_its_neighbours_are_tagged(odd, text, reason):
    assert outcomes(odd.tag_many(["a", "b", text, "c", "d"])) == [
        "neutral",
        "neutral",
        reason,
        "neutral",
        "neutral",
    ]
    assert odd.tag("e").label == "neutral"


def test_several_breaking_comments_in_a_row_are_each_reported(odd):
    assert outcomes(odd.tag_many(["exit", "hang", "exit", "raise", "fine"])) == [
        "its process ended with exit code 7",
        "no answer within 2 s",
        "its process ended with exit code 7",
        "the tagger 'odd' failed with ValueError",
        "neutral",
    ]


def test_one_comment_raises_what_many_report(odd):
    with pytest.raises(TaggerFailed) as caught:
        odd.tag("exit")
    assert caught.value.reason == "its process ended with exit code 7"


def test_a_tagger_that_prints_is_no_failure(odd):
    assert outcomes(odd.tag_many(["print", "fine"])) == ["neutral", "neutral"]


def test_more_is_sent_than_a_pipe_holds_without_waiting_forever(odd):
    texts = ["x" * 10_000] * 60 + ["exit"] + ["y" * 10_000] * 60  # 1.2 MB, where a pipe holds 64 kB
    assert (
        outcomes(odd.tag_many(texts))
        == ["neutral"] * 60 + ["its process ended with exit code 7"] + ["neutral"] * 60
    )


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("broken", "the tagger did not start: its process ended with exit code 2"),
        ("nobody", "the tagger did not start: its process ended with exit code 2"),
        ("stuck", "the tagger did not start: no answer within 0.5 s"),
    ],
)
def test_a_tagger_that_cannot_start_fails_every_comment_at_once(name, reason):
    started = monotonic()
    with GuardedTagger(name, start_seconds=0.5 if name == "stuck" else 60) as guarded:
        assert outcomes(guarded.tag_many(["a"] * 100)) == [reason] * 100
    assert monotonic() - started < 30  # one attempt, not a hundred


def test_a_process_killed_between_two_calls_is_replaced_unnoticed(odd):
    odd.tag("a")
    os.kill(process_id(odd), signal.SIGKILL)
    odd._child._process.wait()
    assert odd.tag("b").label == "neutral"


def test_threads_share_one_process(odd):
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(odd.tag_many, [["a", "raise", "b"]] * 20))
    assert [outcomes(r) for r in results] == [
        ["neutral", "the tagger 'odd' failed with ValueError", "neutral"]
    ] * 20


def test_the_process_is_kept_from_call_to_call_and_ended_by_close(odd):
    odd.tag("a")
    first = process_id(odd)
    odd.tag("b")
    assert process_id(odd) == first
    odd.close()
    with pytest.raises(ProcessLookupError):
        os.kill(first, 0)


def test_an_interrupted_call_leaves_no_answers_for_the_next(odd, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("feedback_app.sentiment.guard._understand", interrupt)
        with pytest.raises(KeyboardInterrupt):
            odd.tag_many(["a", "raise", "c"])
    assert outcomes(odd.tag_many(["a", "b"])) == ["neutral", "neutral"]


def test_nothing_is_started_for_no_comments(odd):
    assert odd.tag_many([]) == []
    assert odd._child is None


def process_id(guarded: GuardedTagger) -> int:
    return guarded._child._process.pid
