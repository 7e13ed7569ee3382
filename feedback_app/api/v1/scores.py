"""A score as /v1 gives it: never without its n, its interval and what it means."""

from typing import Any

from feedback_app.api.v1.shapes import Shape, nullable, object_of
from feedback_app.scoreboard.words import metric_name, score_meaning
from feedback_app.scoring.metrics import Summary
from feedback_app.surveys.models import Survey

LEVEL = 95  # percent
NUMBER: Shape = {"type": ["number", "null", "object", "integer"]}
SCORE: Shape = {"type": "number"}
SCORED: dict[str, Shape] = {
    "n": {"type": "integer"},
    "score": nullable(SCORE | {"description": "Unrounded; null if nobody answered."}),
    "interval": nullable(
        object_of(low=SCORE, high=SCORE, level={"const": LEVEL})
        | {"description": "Between these the score of all customers lies; null for fewer than 5 answers."}
    ),
    "mean": nullable(SCORE | {"description": "Of the ratings, for metrics that are read with one."}),
}


def scored(summary: Summary) -> dict[str, Any]:
    """The score with its n and interval; no interval for so few answers that pages show none."""
    interval = None if summary.is_small else summary.interval
    return {
        "n": summary.n,
        "score": summary.score,
        "interval": interval and {"low": interval.low, "high": interval.high, "level": LEVEL},
        "mean": summary.mean,
    }


def defined(survey: Survey) -> dict[str, str]:
    """What the survey's score is."""
    metric = survey.metric
    return {"definition": f"{metric_name(metric)}: {score_meaning(metric)}", "unit": metric.unit}
