"""Charts as geometry: where each bar, line and label goes. The templates draw it as SVG, and app.css colours it.

The page needs no script for them, prints them and turns them dark. Positions are in units of the chart's own box,
rounded to a tenth; every number that they show stands in a table beside them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import ceil, floor

from feedback_app.scoreboard.queries import Point
from feedback_app.scoring.metrics import Metric, Summary, Tone


@dataclass(frozen=True, slots=True)
class Box:
    """A chart's size, and the part of it that is left to the data."""

    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float

    def x(self, share: float) -> float:
        return round(self.left + share * (self.right - self.left), 1)

    def y(self, share: float) -> float:
        """From the bottom up."""
        return round(self.bottom - share * (self.bottom - self.top), 1)


TREND = Box(width=480, height=214, left=40, right=470, top=10, bottom=184)
BARS = Box(width=320, height=168, left=0, right=320, top=22, bottom=138)
BAR_GAP = 0.22  # of a bar's place
LONE_BAND = 10
LOWEST_BAR = 1.5  # a rating that somebody ticked is seen, however many ticked the others


@dataclass(frozen=True, slots=True)
class Tick:
    """A score beside its line across the chart."""

    y: float
    score: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A score, and how high its interval reaches above and below."""

    x: float
    y: float
    high: float
    low: float
    point: Point


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring dots, joined by a line; the band shows how far they may be off. Both are lists of corners."""

    dots: list[Dot]
    line: str
    band: str


@dataclass(frozen=True, slots=True)
class Trend:
    """A score over time. Where too few have answered there is no dot, and the line is broken."""

    box: Box
    ticks: list[Tick]
    runs: list[Run]


@dataclass(frozen=True, slots=True)
class Bar:
    """One rating of the scale, and how many ticked it."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    rating: int
    count: int
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bars:
    """How many ticked each rating, worst first."""

    box: Box
    bars: list[Bar]


def trend_chart(points: Sequence[Point], metric: Metric, box: Box = TREND) -> Trend | None:
    """The trend of a score; None if no point has enough answers."""
    if all(point.summary.is_small for point in points):
        return None
    axis = score_axis(points, metric)
    lowest, span = axis[0], axis[-1] - axis[0]

    def y(score: float) -> float:
        return box.y((score - lowest) / span)

    dots = [_dot(point, box.x((place + 0.5) / len(points)), y) for place, point in enumerate(points)]
    runs = [[dot for dot in run if dot] for has_dot, run in groupby(dots, key=bool) if has_dot]
    return Trend(box, [Tick(y(score), score) for score in axis], [_run(run) for run in runs])


def score_axis(points: Sequence[Point], metric: Metric) -> range:
    """Round scores, lowest first, between which all the intervals lie."""
    low, high = metric.score_range
    step = (high - low) // 4
    intervals = [i for point in points if not point.summary.is_small and (i := point.summary.interval)]
    lowest = floor(min(interval.low for interval in intervals) / step) * step
    highest = ceil(max(interval.high for interval in intervals) / step) * step
    return range(lowest, max(highest, lowest + step) + 1, step)


def bar_chart(summary: Summary, metric: Metric, box: Box = BARS) -> Bars:
    """The distribution of the ratings; the highest bar fills the chart."""
    most = max(summary.counts.values()) or 1
    place = (box.right - box.left) / metric.points
    return Bars(
        box,
        [
            _bar(rating, count, count / most, box.left + n * place, place, metric, box)
            for n, (rating, count) in enumerate(summary.counts.items())
        ],
    )


def _dot(point: Point, x: float, y: Callable[[float], float]) -> Dot | None:
    score, interval = point.summary.score, point.summary.interval
    if point.summary.is_small or score is None or interval is None:
        return None
    return Dot(x, y(score), y(interval.high), y(interval.low), point)


def _run(dots: Sequence[Dot]) -> Run:
    upper, lower = [(dot.x, dot.high) for dot in dots], [(dot.x, dot.low) for dot in dots]
    if len(dots) == 1:  # a band needs some width to be seen
        upper, lower = ([(x - LONE_BAND / 2, y), (x + LONE_BAND / 2, y)] for x, y in (upper[0], lower[0]))
    return Run(list(dots), _corners([(dot.x, dot.y) for dot in dots]), _corners(upper + lower[::-1]))


def _corners(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _bar(rating: int, count: int, share: float, left: float, place: float, metric: Metric, box: Box) -> Bar:
    height = round(share * (box.bottom - box.top), 1)
    if count:
        height = max(height, LOWEST_BAR)
    return Bar(
        x=round(left + place * BAR_GAP / 2, 1),
        y=round(box.bottom - height, 1),
        width=round(place * (1 - BAR_GAP), 1),
        height=height,
        middle=round(left + place / 2, 1),
        rating=rating,
        count=count,
        tone=metric.band_of(rating).tone,
    )
