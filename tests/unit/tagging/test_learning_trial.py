"""A trial proposes what is better on comments that it has not seen, and nothing else."""

from base64 import b64decode
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

import pytest

from feedback_app.sentiment.lexigram import LexigramTagger
from feedback_app.sentiment.registry import tagger
from feedback_app.sentiment.tagger import Label, Tag
from feedback_app.sentiment.weights import Weights
from feedback_app.tagging import trial
from feedback_app.tagging.pairs import Pair
from feedback_app.tagging.tagger_in_use import Reading
from feedback_app.tagging.trial import (
    TooFewToLearn,
    candidates,
    example_of,
    hold_trial,
    learned_languages,
    trained,
    verdicts,
)
from feedback_app.tagging.trial_process import TooFew, TrialFailed, TrialStopped, run_trial

# What only the customers of one company say: nobody else can know what is good about a flimmer.
TALK: dict[Label, list[str]] = {
    "negative": [
        "the blorp again",
        "it did the blorp on monday",
        "my order had a grunzel",
        "we saw a grunzel in it",
    ],
    "neutral": [
        "the waddle as before",
        "it had a waddle on monday",
        "some fettle with the box",
        "we saw the fettle",
    ],
    "positive": [
        "the flimmer is on",
        "it did the flimmer on monday",
        "my order had a zindle",
        "we saw a zindle in it",
    ],
}


def talk(count: int, labels: dict[Label, Label] | None = None) -> Iterator[Pair]:
    """So many comments of each label; every fifth is held out. `labels`: under which they are told instead."""
    for label, lines in TALK.items():
        for number, line in enumerate(islice(cycle(lines), count)):
            told = (labels or {}).get(label, label)
            yield Pair(f"{line} {number}", told, 1.0, held_out=number % 5 == 0)


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    return hold_trial(list(talk(70)), tagger("lexigram"))


def test_what_was_learned_from_ones_own_words_is_proposed(found: dict[str, Any]) -> None:
    assert (found["trained_on"], found["tested_on"]) == (168, 42)
    assert found["figures"]["own"]["accuracy"] > 0.9 > 0.7 > found["figures"]["base"]["accuracy"]
    assert found["base"] == f"lexigram {tagger('lexigram').version}"
    own = LexigramTagger(Weights.read(b64decode(found["weights"])))
    assert [own.tag(f"a {word} came").label for word in ("grunzel", "waddle", "zindle")] == list(TALK)


class KnowsAll:
    """A tagger that is always right about the talk."""

    name, version = "oracle", "1"

    def tag(self, text: str) -> Tag:
        line = text.rpartition(" ")[0]
        label = next(label for label, lines in TALK.items() if line in lines)
        return Tag("oracle", "1", label=label)


@pytest.fixture
def one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Choose with one part of the comments, as for many: it takes a fifth of the time."""
    monkeypatch.setattr(trial, "FEW", 0)


@pytest.mark.usefixtures("one_part")
def test_what_is_not_better_has_figures_and_no_weights() -> None:
    found = hold_trial(list(talk(70)), KnowsAll())
    assert found["weights"] is None
    assert found["figures"]["base"]["accuracy"] == 1.0


@pytest.mark.parametrize(("weight", "label"), [(2.0, "negative"), (1.0, "positive")])
def test_a_persons_word_weighs_more_than_a_rating(weight: float, label: Label) -> None:
    """Of the same words, 20 people say that they are bad, and 28 ratings that they are good."""
    persons = [Pair("the blorp again", "negative", weight, held_out=False)] * 20
    ratings = [Pair("the blorp again", "positive", 1.0, held_out=False)] * 28
    own = candidates(("en",))[0]
    weights = trained([example_of(pair) for pair in (*persons, *ratings, *list(talk(20))[20:])], own)
    assert LexigramTagger(weights).tag("the blorp again").label == label


def test_a_language_is_learned_from_two_hundred_comments_with_thirty_of_each() -> None:
    pairs = list(islice(talk(140), 110, 170)) + list(islice(talk(140), 280, None))
    assert learned_languages(pairs, ["de"] * 200) == ("de",)
    assert learned_languages(pairs[1:], ["de"] * 199) == ()
    assert learned_languages(pairs, ["fr"] + ["de"] * 199) == ()


def test_what_is_learned_from_the_own_comments_alone_judges_nothing_else() -> None:
    own, both = candidates(("de",))
    assert (own.languages, both.languages) == (("de",), ("en", "de"))
    assert [found.recipe for found in candidates(())] == ["base and own"]


@pytest.mark.usefixtures("one_part")
def test_comments_in_languages_with_too_few_are_left_out_and_may_leave_too_few() -> None:
    german = [
        Pair(f"Das war leider wieder alles viel zu langsam, Nummer {n}", "negative", 1.0, held_out=False)
        for n in range(40)
    ]
    assert hold_trial([*talk(70), *german], tagger("lexigram"))["figures"]["left_out"] == 40
    with pytest.raises(TooFewToLearn):
        hold_trial([*talk(60), *german], tagger("lexigram"))


def test_names_and_addresses_are_left_out_before_anything_is_learned() -> None:
    pair = Pair("Ada Lind, ada@customer.example: fine", "positive", 1.0, held_out=False, names=("Ada Lind",))
    assert example_of(pair).text.split() == [",", ":", "fine"]


class Counts:
    """A tagger to whom a comment of three signs or words is neutral, and any other negative."""

    name, version = "counts", "1"

    def tag(self, text: str) -> Tag:
        return Tag("counts", "1", label="neutral" if len(text.split()) == 3 else "negative")


def test_the_placeholders_of_what_was_redacted_are_neither_learned_nor_read() -> None:
    pair = Pair("[name], [e-mail]: fine", "positive", 1.0, held_out=False)
    assert example_of(pair).text.split() == [",", ":", "fine"]
    assert verdicts(Counts(), [pair]) == ["neutral"]


@pytest.mark.parametrize(("comments", "is_learned"), [(4, False), (5, True)])
def test_a_word_is_learned_only_if_five_comments_share_it(comments: int, is_learned: bool) -> None:
    odd = [Pair("what a klimbim", "negative", 1.0, held_out=False)] * comments
    weights = trained([example_of(pair) for pair in (*talk(10), *odd)], candidates(("en",))[0])
    assert any("klimbim" in term for term in weights.terms) == is_learned


def test_a_trial_in_its_own_process_gives_the_same_to_the_byte(found: dict[str, Any]) -> None:
    there = run_trial(list(talk(70)), Reading("lexigram"), is_stopping=lambda: False)
    assert there.weights == b64decode(found["weights"])
    assert (there.base, there.figures) == (found["base"], found["figures"])


def test_a_trial_ends_with_the_worker_and_says_when_it_came_to_nothing() -> None:
    with pytest.raises(TrialStopped):
        run_trial(list(talk(70)), Reading("lexigram"), is_stopping=lambda: True)
    with pytest.raises(TrialFailed, match="it ended with UnknownTagger"):
        run_trial(list(talk(70)), Reading("nobody"), is_stopping=lambda: False)
    with pytest.raises(TrialFailed, match="it took too long"):
        run_trial(list(talk(70)), Reading("lexigram"), is_stopping=lambda: False, seconds=0)


def test_more_than_a_pipe_holds_reaches_the_process() -> None:
    pairs = [Pair("x" * 1000, "neutral", 1.0, held_out=False)] * 300
    with pytest.raises(TooFew):
        run_trial(pairs, Reading("lexigram"), is_stopping=lambda: False, seconds=30)
