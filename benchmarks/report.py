"""What was measured, as data: a spread of values, the goal it is held to, and a table of both."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Spread:
    """The least, the median and the greatest of several rounds. The median is what counts."""

    least: float
    middle: float
    greatest: float

    def __str__(self) -> str:
        if self.least == self.greatest:
            return number(self.middle)
        return f"{number(self.least)} / **{number(self.middle)}** / {number(self.greatest)}"


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    ordered = sorted(values)
    return Spread(ordered[0], median(ordered), ordered[-1])


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> Spread:
    """Round by round, ours to theirs: neighbours in time are compared, so a machine that slows down hurts both."""
    return spread(a / b for a, b in zip(ours, theirs, strict=True))


@dataclass(frozen=True)
class Goal:
    """What must hold and what we aim for. `sign` is ">=" for a ratio that should be high, "<=" for a limit."""

    sign: str
    must: float
    aim: float | None = None
    unit: str = ""

    def verdict(self, value: float) -> str:
        """ "MISSED", "must" or, where there is an aim, "aim"."""
        if not self._holds(value, self.must):
            return "MISSED"
        if self.aim is None:
            return "met"
        return "aim" if self._holds(value, self.aim) else "must"

    def _holds(self, value: float, limit: float) -> bool:
        return value >= limit if self.sign == ">=" else value <= limit

    def __str__(self) -> str:
        must = f"{self.sign} {number(self.must)}{self.unit}"
        return must if self.aim is None else f"{must}, aim {number(self.aim)}{self.unit}"


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured on which database, its goal, and what stands behind it."""

    what: str
    database: str
    measured: Spread
    goal: Goal | None
    detail: str = ""

    @property
    def verdict(self) -> str:
        return self.goal.verdict(self.measured.middle) if self.goal else "for comparison"

    def as_json(self) -> str:
        """The row as a line of JSON."""
        return json.dumps({**asdict(self), "verdict": self.verdict})


HEAD = ("what", "database", "measured", "goal", "verdict", "behind it")


def markdown(rows: Iterable[Row]) -> str:
    """The rows as a Markdown table; measured is least / **median** / greatest."""
    lines = [HEAD, tuple("---" for _ in HEAD), *(_cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    unit = row.goal.unit if row.goal else ""
    goal = str(row.goal) if row.goal else ""
    return (row.what, row.database, f"{row.measured}{unit}", goal, row.verdict, row.detail)


def number(value: Any) -> str:
    """Three digits that matter, and no exponent."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
