"""`make evaluate DATA=folder`: how right the default tagger is, beside TextBlob and VADER.

The folder holds labelled comments, a CSV file for each set, with the columns text and label. A fifth of each set,
chosen by its text, is kept apart: what was chosen by looking at comments was chosen on the other four fifths. The
figures replace those in docs/reference/tagger.md.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import click

from feedback_app.sentiment.comparing import LABELS, Confusion, macro_f1
from feedback_app.sentiment.registry import DEFAULT, tagger
from feedback_app.sentiment.tagger import Label, Reason, Tag
from training.datasets import rows
from training.evaluate_themes import theme_section
from training.measures import accuracy, binary_f1, calibration, interval, negative_f1, scores_of

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "tagger.md"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
FIFTHS = 5

Verdict = Callable[[str], str | None]  # a comment's label, or None if it was left unread


@dataclass(frozen=True)
class Set:
    """Labelled comments of one kind."""

    name: str
    about: str


SETS = (
    Set("fabsa", "customers' feedback in ten industries (FABSA)"),
    Set("airline", "tweets to airlines (Crowdflower)"),
    Set("semeval_restaurants", "sentences about restaurants (SemEval 2014)"),
    Set("appstore_scores", "reviews of a streaming app, labelled by their stars, not by people"),
)


@dataclass(frozen=True)
class Comment:
    text: str
    label: Label


def is_held_out(text: str) -> bool:
    """Whether a comment is in the fifth that nothing was chosen by."""
    normal = " ".join(re.findall(r"\w+", text.lower()))
    return crc32(normal.encode()) % FIFTHS == 0


def read(folder: Path, name: str) -> list[Comment]:
    """The comments of a set that have one of the three labels; those called "mixed" have none."""
    return [
        Comment(row["text"], label)
        for row in rows(folder / f"{name}.csv")
        for label in LABELS
        if row["label"] == label
    ]


def judges() -> dict[str, Verdict]:
    """The taggers that are compared, by the names they have on the page."""
    return {
        "lexigram": _registered(DEFAULT),
        "textblob": _registered("textblob"),
        "bare TextBlob": _bare(),
        "VADER": _vader(),
    }


def confusion(comments: Sequence[Comment], verdict: Verdict) -> Confusion:
    return Counter((comment.label, verdict(comment.text)) for comment in comments)


def label_of(tag: Tag) -> Label | None:
    """What a tag says; a comment without content is neutral, one in a language that was not read is missed."""
    return "neutral" if tag.reason is Reason.NO_CONTENT else tag.label


def report(folder: Path, missing: Callable[[str], None]) -> str:
    """The figures as Markdown."""
    found = {one: read(folder, one.name) for one in SETS if (folder / f"{one.name}.csv").is_file()}
    for one in SETS:
        if one not in found:
            missing(one.name)
    parts = {
        "Held out": {one: [c for c in comments if is_held_out(c.text)] for one, comments in found.items()},
        "Development": {
            one: [c for c in comments if not is_held_out(c.text)] for one, comments in found.items()
        },
    }
    verdicts = judges()
    pages = [_part(title, sets, verdicts) for title, sets in parts.items()]
    pages.append("\n".join(_calibration([c for comments in parts["Held out"].values() for c in comments])))
    return "\n\n".join(pages)


def _part(title: str, sets: Mapping[Set, Sequence[Comment]], verdicts: Mapping[str, Verdict]) -> str:
    seen = {
        one: {name: confusion(comments, say) for name, say in verdicts.items()}
        for one, comments in sets.items()
    }
    lines = [f"### {title}", "", *_overview(seen)]
    for one, by_tagger in seen.items():
        lines += ["", f"#### {title}: {one.name}", "", f"{one.about[0].upper()}{one.about[1:]}.", ""]
        lines += _per_label(by_tagger)
        lines += ["", *_confusion_table(by_tagger["lexigram"])]
    return "\n".join(lines)


def _overview(seen: Mapping[Set, Mapping[str, Confusion]]) -> Iterator[str]:
    yield from head("set", "comments", "tagger", "accuracy", "macro-F1", "binary F1", "F1 of negative")
    for one, by_tagger in seen.items():
        for name, cells in by_tagger.items():
            figures = " | ".join(
                _with_interval(cells, measure) for measure in (macro_f1, binary_f1, negative_f1)
            )
            yield f"| {one.name} | {sum(cells.values()):,} | {name} | {accuracy(cells):.3f} | {figures} |"


def _with_interval(cells: Confusion, measure: Callable[[Confusion], float]) -> str:
    low, high = interval(cells, measure)
    return f"{measure(cells):.3f} ({low:.3f}–{high:.3f})"


def _per_label(by_tagger: Mapping[str, Confusion]) -> Iterator[str]:
    yield from head("tagger", *(f"{label}: precision, recall, F1" for label in LABELS))
    for name, cells in by_tagger.items():
        shown = (", ".join(f"{value:.2f}" for value in scores_of(cells, label)) for label in LABELS)
        yield f"| {name} | {' | '.join(shown)} |"


def _confusion_table(cells: Confusion) -> Iterator[str]:
    yield from head("lexigram: is … said …", *LABELS, "unread")
    for label in LABELS:
        counts = (str(cells.get((label, said), 0)) for said in (*LABELS, None))
        yield f"| {label} | {' | '.join(counts)} |"


def _calibration(comments: Sequence[Comment]) -> Iterator[str]:
    yield from ("### Confidence, on all held-out comments", "")
    yield from head("confidence", "comments", "mean confidence", "right")
    tags = [(tagger(DEFAULT).tag(comment.text), comment.label) for comment in comments]
    judged = [(tag.confidence, tag.label == label) for tag, label in tags if tag.confidence is not None]
    for one in calibration(judged):
        yield f"| {one.low:.1f}–{one.high:.1f} | {one.count:,} | {one.confidence:.2f} | {one.right:.2f} |"


def head(*columns: str) -> Iterator[str]:
    """The first two lines of a table in Markdown."""
    yield f"| {' | '.join(columns)} |"
    yield f"|{' --- |' * len(columns)}"


def _registered(name: str) -> Verdict:
    reader = tagger(name)
    return lambda text: label_of(reader.tag(text))


def _bare() -> Verdict:
    from textblob import TextBlob

    return lambda text: _sign(TextBlob(text).sentiment.polarity, 0.0)


def _vader() -> Verdict:
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader: Any = SentimentIntensityAnalyzer()
    return lambda text: _sign(vader.polarity_scores(text)["compound"], 0.05)  # the cut its authors advise


def _sign(polarity: float, cut: float) -> Label:
    if abs(polarity) <= cut and (cut == 0 or abs(polarity) < cut):
        return "neutral"
    return "positive" if polarity > 0 else "negative"


def put(page: str, figures: str, begin: str = BEGIN, end: str = END) -> str:
    """The page with these figures in the place of the old ones."""
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    return f"{before}{begin}\n\n{figures}\n\n{end}{after}"


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    missing: list[str] = []
    figures = report(folder, missing.append)
    if {"fabsa", "airline"}.isdisjoint(missing):
        figures += "\n\n" + theme_section(folder).rstrip()
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    click.echo(f"{PAGE.name} was written.")
    if missing:
        click.echo(
            f"LEFT OUT, for {folder} has no such file: {', '.join(f'{name}.csv' for name in missing)}",
            err=True,
        )


if __name__ == "__main__":
    main()
