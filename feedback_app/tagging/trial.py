"""One training and its test, without the database: `python -m feedback_app.tagging.trial`, JSON in and out.

Two ways of learning are tried: from the own comments and the shipped dictionary alone, and on top of what the shipped
model knows. The one that does better on training comments that are left out in turn is then trained on all of them.
What it comes to is measured on the held-out fifth, which neither has seen, beside the tagger in use.
"""

import json
import os
import resource
import sys
from base64 import b64encode
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from pathlib import Path
from threading import Thread
from time import sleep
from typing import Any, BinaryIO, NamedTuple
from zlib import crc32

from feedback_app.privacy.masking import masked, without_placeholders
from feedback_app.sentiment.comparing import Said, compare, macro_f1
from feedback_app.sentiment.filter import with_weights
from feedback_app.sentiment.language import detect
from feedback_app.sentiment.lexigram import LexigramTagger
from feedback_app.sentiment.registry import tagger
from feedback_app.sentiment.tagger import Label, Tagger
from feedback_app.sentiment.text import clean
from feedback_app.sentiment.training import Example, train
from feedback_app.sentiment.weights import Weights, shipped
from feedback_app.tagging.pairs import TOO_FEW, Pair, Standing

UNKNOWN = "en"  # what a comment is taken for whose language cannot be told
OWN, BASE_AND_OWN = "own", "base and own"
SHARED_BY = (
    5  # comments at least have a term in common that is learned: what fewer say could tell of one person
)
PARTS = 5  # of the training comments, to choose between the two
FEW = 2_000  # training comments; up to these every part is checked with

MEMORY = 2_000_000_000  # bytes of address space
CPU_SECONDS = 40 * 60
LOOKS_EVERY = 2.0  # seconds between two looks at whether the worker is still there


class TooFewToLearn(Exception):
    """Of no language that can be learned are there enough comments."""


class Candidate(NamedTuple):
    """One way of learning, and the languages that its model may judge."""

    recipe: str
    base: Weights | None
    languages: tuple[str, ...]


def hold_trial(pairs: Sequence[Pair], rival: Tagger) -> dict[str, Any]:
    """What a training on these pairs comes to, as JSON has it; with weights only if they beat the rival.

    Raises TooFewToLearn.
    """
    languages = [language_of(pair.text) for pair in pairs]
    learned = learned_languages(pairs, languages)
    known = {*learned, *shipped().languages}
    usable = [pair for pair, language in zip(pairs, languages, strict=True) if language in known]
    training = [pair for pair in usable if not pair.held_out]
    tested = [pair for pair in usable if pair.held_out]
    if not (Standing.of(pair.label for pair in usable).is_enough and training and tested):
        raise TooFewToLearn
    recipe, weights = best_weights(training, candidates(learned))
    comparison = compare(
        [pair.label for pair in tested],
        verdicts(rival, tested),
        verdicts(LexigramTagger(weights), tested),
    )
    return {
        "weights": b64encode(weights.write()).decode() if comparison.is_better else None,
        "trained_on": len(training),
        "tested_on": len(tested),
        "base": f"{rival.name} {rival.version}",
        "figures": {
            "classes": Standing.of(pair.label for pair in tested).counts,
            "trained": Standing.of(pair.label for pair in training).counts,
            "own": comparison.after.as_dict(),
            "base": comparison.before.as_dict(),
            "wins": comparison.wins,
            "recipe": recipe,
            "languages": list(weights.languages),
            "left_out": len(pairs) - len(usable),
        },
    }


def language_of(text: str) -> str:
    """The comment's language, as far as it can be told."""
    found = detect(clean(without_placeholders(text)).text)
    return found.code if found else UNKNOWN


def learned_languages(pairs: Sequence[Pair], languages: Sequence[str]) -> tuple[str, ...]:
    """The languages of which there are enough comments of each label, the most frequent first."""
    labels: dict[str, list[Label]] = defaultdict(list)
    for pair, language in zip(pairs, languages, strict=True):
        labels[language].append(pair.label)
    frequent = Counter(languages).most_common()
    return tuple(language for language, _ in frequent if Standing.of(labels[language]).is_enough)


def candidates(learned: tuple[str, ...]) -> list[Candidate]:
    """The ways to try. From the own comments alone, nothing is judged but what they are full of."""
    base = shipped()
    both = tuple(dict.fromkeys((*base.languages, *learned)))
    found = [Candidate(BASE_AND_OWN, base, both)]
    return [Candidate(OWN, None, learned), *found] if learned else found


def best_weights(training: Sequence[Pair], found: Sequence[Candidate]) -> tuple[str, Weights]:
    """The candidate that does better on comments it was not trained with, trained on all of them."""
    best = (
        max(found, key=lambda candidate: cross_checked(training, candidate)) if len(found) > 1 else found[0]
    )
    return best.recipe, trained([example_of(pair) for pair in training], best)


def cross_checked(training: Sequence[Pair], candidate: Candidate) -> float:
    """The macro-F1 of models that are each trained without a part of the comments, on this part.

    Of many comments one part says enough.
    """
    part_of = [crc32(pair.text.encode(errors="replace")) % PARTS for pair in training]
    confusion: Counter[tuple[Label, Said]] = Counter()
    for part in range(PARTS) if len(training) <= FEW else (0,):
        checked = [pair for pair, own in zip(training, part_of, strict=True) if own == part]
        rest = [example_of(pair) for pair, own in zip(training, part_of, strict=True) if own != part]
        if checked and rest:
            said = verdicts(LexigramTagger(trained(rest, candidate)), checked)
            confusion.update(zip((pair.label for pair in checked), said, strict=True))
    return macro_f1(confusion) if confusion else 0.0


def example_of(pair: Pair) -> Example:
    """What is learned from a pair: its words without what names or reaches a person, and without "[name]" for it."""
    return Example(without_placeholders(masked(pair.text, pair.names)), pair.label, pair.weight)


def trained(examples: Sequence[Example], candidate: Candidate) -> Weights:
    return train(
        examples,
        base=candidate.base,
        lexicon=shipped().lexicon,
        languages=candidate.languages,
        fewest=SHARED_BY,
        about={"recipe": candidate.recipe},
    )


def verdicts(reader: Tagger, pairs: Collection[Pair]) -> list[Said]:
    return [reader.tag(without_placeholders(pair.text)).label for pair in pairs]


def answer(lines: Iterator[bytes]) -> dict[str, Any]:
    """The answer to a request: a line that names the rival, then a line for each pair."""
    try:
        wanted = json.loads(next(lines))
        pairs = [Pair(**json.loads(line)) for line in lines]
        return hold_trial(pairs, rival_of(**wanted))
    except TooFewToLearn:
        return {"error": TOO_FEW}
    except Exception as error:  # its message may quote a comment, its name does not
        return {"error": f"it ended with {type(error).__name__}"}


def rival_of(name: str, weights: str | None, called: str) -> Tagger:
    """The tagger in use."""
    return with_weights(Path(weights), called) if weights else tagger(name)


def main(stdin: BinaryIO) -> None:
    """Answer one request, nicely, within bounds, and not without the worker that asked."""
    os.nice(10)
    for what, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, CPU_SECONDS)):
        with suppress(ValueError, OSError):  # macOS does not limit address space; a stricter limit stays
            resource.setrlimit(what, (most, most))
    Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    with redirect_stdout(sys.stderr):  # a tagger that prints must not get into the answer
        found = answer(iter(stdin))
    sys.stdout.write(json.dumps(found))


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        sleep(LOOKS_EVERY)
    os._exit(1)


if __name__ == "__main__":
    main(sys.stdin.buffer)
