"""The metrics that a survey can be made of, found by key and points."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from feedback_app import scoring
from feedback_app.scales import RatingOffScale, Scale
from feedback_app.scoring.bands import Band, Tone
from feedback_app.scoring.change import Change
from feedback_app.scoring.counts import Counts, merge
from feedback_app.scoring.definition import BandCount, Metric, Summary
from feedback_app.scoring.intervals import FEWEST_FOR_INTERVAL, Interval

__all__ = [
    "FEWEST_FOR_INTERVAL",
    "METRICS",
    "Band",
    "BandCount",
    "Change",
    "Counts",
    "Interval",
    "Metric",
    "RatingOffScale",
    "Scale",
    "Summary",
    "Tone",
    "UnknownMetric",
    "merge",
    "metric",
]


class UnknownMetric(LookupError):
    """No such metric is offered; `key` and `points` say what was asked for."""

    def __init__(self, key: str, points: int | None = None) -> None:
        asked = repr(key) if points is None else f"{key!r} with {points} points"
        offered = ", ".join(f"{one.key} ({one.points} points)" for one in METRICS)
        super().__init__(f"There is no metric {asked}; choose one of {offered}.")
        self.key = key
        self.points = points


def metric(key: str, points: int | None = None) -> Metric:
    """The metric of that key, with its usual scale unless `points` names another; raises UnknownMetric.

    >>> metric("ces").scale, metric("ces", points=5).scale
    (Scale(low=1, high=7), Scale(low=1, high=5))
    """
    for one in METRICS:
        if one.key == key and points in (None, one.points):
            return one
    raise UnknownMetric(key, points)


def _offered() -> tuple[Metric, ...]:
    """What the modules of this package list in their OFFERED; of one key, the usual scale comes first."""
    names = sorted(f"{scoring.__name__}.{module.name}" for module in iter_modules(scoring.__path__))
    modules = [import_module(name) for name in names if name != __name__]
    return tuple(one for module in modules for one in getattr(module, "OFFERED", ()))


METRICS = _offered()
"""Every metric on every scale that can be chosen."""
