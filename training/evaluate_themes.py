"""How well the starter sets' themes are found in labelled comments, and whether their sentiment is right.

The comments are not ours to give away: the folder that has them is named on the command line. A fifth of them, chosen
by their text, is kept apart: patterns were written by reading the other four fifths alone.

    python -m training.evaluate_themes FOLDER [--developing]
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zlib import crc32

from feedback_app.scoring.intervals import wilson
from feedback_app.sentiment.registry import DEFAULT, tagger
from feedback_app.sentiment.tagger import Tagger
from feedback_app.sentiment.themes import ThemeHit, ThemeMatcher, ThemeRule, clauses_about, theme_sentiment
from feedback_app.themes.starters import starter_set

# Which themes of ours say what each label of theirs does.
ASPECTS = {
    "online-experience.app-website": ("Website and app",),
    "company-brand.general-satisfaction": ("Overall impression",),
    "purchase-booking-experience.ease-of-use": ("Ease of use",),
    "value.price-value-for-money": ("Price and value",),
    "staff-support.attitude-of-staff": ("Staff and support",),
    "logistics-rides.speed": ("Delivery and speed",),
    "company-brand.competitor": ("Competitors",),
    "value.discounts-promotions": ("Discounts and rewards",),
    "account-management.account-access": ("Login and account",),
    "staff-support.phone": ("Phone",),
    "company-brand.reviews": ("Ratings and reviews",),
    "staff-support.email": ("E-mail",),
}
REASONS = {
    "customer service issue or flight attendant complaints": ("Staff and support", "Phone"),
    "late flight or longlines": ("Waiting and punctuality",),
    "cancelled flight": ("Cancellations",),
    "lost luggage or damaged luggage": ("Belongings and damage",),
    "bad flight": ("Rooms and comfort",),
    "flight booking problems": ("Booking and appointments",),
}
LABELS = {"+": "positive", "-": "negative", "0": "neutral"}


@dataclass(frozen=True)
class Comment:
    """A labelled comment: its labels, and of each the sentiment where they say one."""

    text: str
    labels: Mapping[str, str | None]

    @property
    def is_mixed(self) -> bool:
        """Whether it speaks well of one thing and not of another."""
        return len(set(self.labels.values())) > 1


@dataclass
class Found:
    """How often a label was found, missed and found where it is not."""

    right: int = 0
    missed: int = 0
    wrong: int = 0

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.wrong)


@dataclass
class Measured:
    """What was found of each label, and in how many comments nothing was."""

    comments: int = 0
    without: int = 0
    labels: dict[str, Found] = field(default_factory=dict)

    @property
    def micro(self) -> float:
        every = self.labels.values()
        total = Found(*(sum(getattr(one, name) for one in every) for name in ("right", "missed", "wrong")))
        return total.f1

    @property
    def macro(self) -> float:
        return sum(one.f1 for one in self.labels.values()) / len(self.labels)


class Themes:
    """A starter set's themes, found under the labels that they stand for."""

    def __init__(self, key: str, names: Mapping[str, Sequence[str]]) -> None:
        starters = starter_set(key)
        assert starters
        patterns = {theme.name: theme.patterns for theme in starters.themes}
        self.labels = list(names)
        self._matcher = ThemeMatcher(
            ThemeRule(number, patterns[name])
            for number, label in enumerate(self.labels)
            for name in names[label]
        )

    def find(self, text: str) -> dict[str, ThemeHit]:
        return {self.labels[hit.theme_id]: hit for hit in self._matcher.find(text)}


def is_kept_apart(text: str) -> bool:
    """Whether a comment belongs to the fifth that nobody has looked at while developing."""
    return crc32(" ".join(re.findall(r"\w+", text.lower())).encode()) % 5 == 0


def feedback(folder: Path) -> list[Comment]:
    """Customers' feedback on ten industries with its aspects."""
    found = []
    for row in _rows(folder / "fabsa.csv"):
        labels: dict[str, set[str]] = {}
        for part in row["themes"].split("|"):
            aspect, _, sign = part.rpartition(":")
            labels.setdefault(aspect, set()).add(LABELS[sign])
        # An aspect that is praised and blamed in one comment has no sentiment to be right about.
        found.append(
            Comment(row["text"], {key: min(said) if len(said) == 1 else None for key, said in labels.items()})
        )
    return found


def complaints(folder: Path) -> list[Comment]:
    """Tweets to airlines with the one reason of each complaint."""
    group = {reason: label for label in REASONS for reason in label.split(" or ")}
    rows = _rows(folder / "airline.csv")
    return [Comment(row["text"], {group[row["theme"]]: None}) for row in rows if row["theme"] in group]


def measure(comments: Iterable[Comment], themes: Themes) -> Measured:
    """How well the themes are found."""
    measured = Measured(labels={label: Found() for label in themes.labels})
    for comment in comments:
        found = themes.find(comment.text)
        measured.comments += 1
        measured.without += not found
        for label, counted in measured.labels.items():
            counted.right += label in found and label in comment.labels
            counted.missed += label not in found and label in comment.labels
            counted.wrong += label in found and label not in comment.labels
    return measured


Reads = Callable[[str, ThemeHit | None], str | None]


def by_clause(reader: Tagger) -> Reads:
    """The sentiment of a theme as the product gives it, see themes/applying.py."""

    def read(text: str, hit: ThemeHit | None) -> str | None:
        whole = reader.tag(text)
        about = [reader.tag(clause) for clause in clauses_about(text, hit)] if hit else []
        leans = [tag.polarity or 0.0 for tag in about if tag.label and not tag.reason]
        if not leans or not whole.label:
            return whole.label
        return theme_sentiment(leans, whole.label, whole.polarity or 0.0)[0]

    return read


def by_comment(reader: Tagger) -> Reads:
    """The same without looking at clauses, to compare with."""
    return lambda text, _: reader.tag(text).label


def polarity(
    comments: Iterable[Comment], themes: Themes, read: Reads, *, mixed: bool, only_found: bool = False
) -> tuple[int, int]:
    """How many of the labels' sentiments are right, among how many; a theme that is not found has the comment's."""
    counted: Counter[bool] = Counter()
    for comment in comments:
        if comment.is_mixed == mixed:
            found = themes.find(comment.text)
            for label, said in comment.labels.items():
                if said and (label in found or not only_found):
                    counted[read(comment.text, found.get(label)) == said] += 1
    return counted[True], counted.total()


def theme_section(folder: Path, *, developing: bool = False) -> str:
    """The figures as a section in Markdown, of the comments kept apart (or those developed with)."""
    shop, services = Themes("shop", ASPECTS), Themes("services", REASONS)
    of_shops = [one for one in feedback(folder) if is_kept_apart(one.text) != developing]
    of_airlines = [one for one in complaints(folder) if is_kept_apart(one.text) != developing]
    parts = [
        "## Themes",
        "The starter sets' themes, by their patterns alone, in comments that nobody looked at while writing them.",
        f"### Customers' feedback on ten industries (set “Shops”), {len(of_shops):,} comments",
        _table(measure(of_shops, shop)),
        f"### Complaints to airlines (set “Services”), one reason each, {len(of_airlines):,} comments",
        _table(measure(of_airlines, services)),
        "### Sentiment of each theme, customers' feedback",
        _polarity_table(of_shops, shop),
    ]
    return "\n\n".join(parts) + "\n"


def _table(measured: Measured) -> str:
    lines = ["| theme is | comments | precision | recall | F1 |", "|---|---:|---:|---:|---:|"]
    for label, one in sorted(measured.labels.items(), key=lambda item: -item[1].right - item[1].missed):
        name = label.rpartition(".")[2].replace("-", " ")
        figures = f"{one.precision:.2f} | {one.recall:.2f} | {one.f1:.2f}"
        lines.append(f"| {name} | {one.right + one.missed:,} | {figures} |")
    lines.append(
        f"\nF1 over all (micro) **{measured.micro:.3f}**, mean of the themes (macro) **{measured.macro:.3f}**. "
        f"No pattern is found in {100 * measured.without / measured.comments:.0f} % of the comments."
    )
    return "\n".join(lines)


def _polarity_table(comments: Sequence[Comment], themes: Themes) -> str:
    lines = [
        "Mixed comments speak well of one thing and not of another.",
        "",
        "| tagger, read | comments | right | of | share | interval |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for name in (DEFAULT, "textblob"):
        reader = tagger(name)
        for how, read in (("by clause", by_clause(reader)), ("as a whole", by_comment(reader))):
            for mixed in (True, False):
                right, of = polarity(comments, themes, read, mixed=mixed)
                interval = wilson(right, of)
                assert interval
                bounds = f"{interval.low / 100:.2f} to {interval.high / 100:.2f}"
                kind = "mixed" if mixed else "others"
                lines.append(f"| {name}, {how} | {kind} | {right:,} | {of:,} | {right / of:.3f} | {bounds} |")
    return "\n".join(lines)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    arguments.add_argument("folder", type=Path, help="where fabsa.csv and airline.csv are")
    arguments.add_argument(
        "--developing", action="store_true", help="on the comments that patterns were written by"
    )
    given = arguments.parse_args()
    print(theme_section(given.folder, developing=given.developing))  # noqa: T201 - a command's answer
