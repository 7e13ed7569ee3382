"""The labelled sentences that the shipped weights are learned from, each with its licence.

Only what may be given away with the product is here; README.md beside this file says where it comes from.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from feedback_app.sentiment.tagger import Label
from feedback_app.sentiment.training import Example

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of labelled sentences; those that are less like customers' comments weigh less."""

    file: str
    licence: str
    by: str
    weights: Mapping[str, float]  # of its sentences, by where they come from; "" stands for all

    @property
    def path(self) -> Path:
        return DATA / self.file


SOURCES = (
    Source("own.csv", "MIT", "the authors of this project", {"": 2.0}),
    Source("uci_amazon.csv", "CC BY 4.0", "D. Kotzias and others, Sentiment Labelled Sentences", {"": 1.0}),
    Source("huliu_products.csv", "CC BY 4.0", "M. Hu and B. Liu; X. Ding, B. Liu and P. S. Yu", {"": 1.0}),
    Source("vader_tweets.csv", "MIT", "C. J. Hutto, vaderSentiment", {"": 1.0}),
    Source(
        "general_permissive.csv",
        "CC BY 4.0 and MIT",
        "D. Kotzias and others; C. J. Hutto",
        {"uci/imdb": 0.4, "vader/movies": 0.4, "vader/editorials": 0.7},
    ),
)
CUT = 0.5  # of the mean of raters, where there is one: above it a sentence is called positive, below -CUT negative
CLOSE = 0.25  # to a cut: other raters might have moved it across
CLOSE_WEIGHT = 0.3
LEXICONS = ("opinion_lexicon.csv", "own_lexicon.csv")  # the later one has the last word


def examples() -> list[Example]:
    """Every sentence that has one of the three labels, in the order of the files."""
    return [example for _, example in examples_by_kind()]


def examples_by_kind() -> Iterator[tuple[str, Example]]:
    """The same, each with its kind: its file or, where that has several, its part of the file."""
    labels: dict[str, Label] = {"negative": "negative", "neutral": "neutral", "positive": "positive"}
    for source in SOURCES:
        for row in rows(source.path):
            if label := labels.get(row["label"]):
                part = row.get("source", "") if "" not in source.weights else ""
                weight = source.weights[part] * _certainty(row)
                yield part or source.path.stem, Example(row["text"], label, weight)


def _certainty(row: Mapping[str, str]) -> float:
    """What a label counts for, by how far the raters' mean is from where the next label begins."""
    score = row.get("score")
    return CLOSE_WEIGHT if score and abs(abs(float(score)) - CUT) < CLOSE else 1.0


def lexicon() -> dict[str, float]:
    """Words and phrases, and how far they lean, -2 to +2; 0 for one that must not count."""
    found = {row["word"]: float(row["polarity"]) for row in rows(DATA / LEXICONS[0])}
    found |= {row["term"]: float(row["value"]) for row in rows(DATA / LEXICONS[1])}
    return found


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
