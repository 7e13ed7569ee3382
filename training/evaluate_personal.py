"""How well personal data are found, on snippets labelled by hand: precision and recall per kind, with intervals.

    python -m training.evaluate_personal

`data/personal.csv` marks what is personal as ⟦kind:text⟧; half of its snippets have nothing and only look like it.
"""

import csv
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from feedback_app.privacy.personal import Found, Kind, find
from feedback_app.scoring.intervals import wilson

DATA = Path(__file__).parent / "data" / "personal.csv"
_MARK = re.compile(r"⟦(\w+):([^⟧]*)⟧")


class Snippet(NamedTuple):
    """A text, the names that are known with it, and what is personal in it."""

    language: str
    names: tuple[str, ...]
    text: str
    labels: tuple[Found, ...]


class Counts(NamedTuple):
    """For one kind: what is labelled, how much of it was found whole, what was found, how much of that is labelled."""

    labelled: int
    covered: int
    found: int
    right: int


def snippets(path: Path = DATA) -> list[Snippet]:
    """The labelled set."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_snippet(row) for row in csv.DictReader(file)]


def _snippet(row: dict[str, str]) -> Snippet:
    text, labels, at = "", [], 0
    for mark in _MARK.finditer(row["text"]):
        text += row["text"][at : mark.start()]
        labels.append(Found(Kind(mark[1]), len(text), len(text) + len(mark[2])))
        text, at = text + mark[2], mark.end()
    names = tuple(name for name in row["names"].split("|") if name)
    return Snippet(row["language"], names, text + row["text"][at:], tuple(labels))


def measured(items: Iterable[Snippet]) -> dict[Kind, Counts]:
    """Per kind. A label counts as found if a stretch of its kind covers all of it: a half-masked number is a leak."""
    sums = {kind: [0, 0, 0, 0] for kind in Kind}
    for item in items:
        found = find(item.text, item.names)
        for label in item.labels:
            sums[label.kind][0] += 1
            sums[label.kind][1] += any(_covers(one, label) for one in found)
        for one in found:
            sums[one.kind][2] += 1
            sums[one.kind][3] += any(_touches(one, label) for label in item.labels)
    return {kind: Counts(*counts) for kind, counts in sums.items()}


def _covers(one: Found, label: Found) -> bool:
    return one.kind == label.kind and one.start <= label.start and label.end <= one.end


def _touches(one: Found, label: Found) -> bool:
    return one.kind == label.kind and one.start < label.end and label.start < one.end


def mistakes(items: Iterable[Snippet]) -> list[str]:
    """Each snippet that is not found exactly as labelled: its text, and what was found."""
    told = []
    for item in items:
        found = find(item.text, item.names)
        if [*item.labels] != found:
            spans = [f"{one.kind}: {item.text[one.start : one.end]!r}" for one in found]
            told.append(f"{item.text!r} -> {', '.join(spans) or 'nothing'}")
    return told


def section() -> str:
    """The figures as a table in Markdown."""
    items = snippets()
    without = sum(not item.labels for item in items)
    lines = [
        f"{len(items)} snippets, {without} of them without personal data; intervals of 95 %.",
        "",
        "| kind | labelled | recall | found | precision |",
        "| --- | ---: | --- | ---: | --- |",
    ]
    for kind, counts in measured(items).items():
        recall, precision = _share(counts.covered, counts.labelled), _share(counts.right, counts.found)
        lines.append(f"| {kind} | {counts.labelled} | {recall} | {counts.found} | {precision} |")
    return "\n".join(lines) + "\n"


def _share(part: int, whole: int) -> str:
    interval = wilson(part, whole)
    return f"{part / whole:.3f} ({interval.low:.0f} to {interval.high:.0f} %)" if interval else "none"


if __name__ == "__main__":
    sys.stdout.write("\n".join([section(), *mistakes(snippets()), ""]))
