"""Scores that fell: the last thirty days of each survey beside the thirty before, once a day."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.happenings import Kind, is_listened_to, note_happening
from feedback_app.scoreboard.queries import ONE_DAY, Cell, Period, cells_of, counted_states, last_days
from feedback_app.surveys.models import Survey
from feedback_app.surveys.queries import all_surveys
from feedback_app.workspace import fact, keep_fact

DAYS = 30
WATCHED_FACT = "scores_watched_on"  # the day, in the workspace's zone, that the scores were last looked at


def note_falls(session: Session, *, zone: ZoneInfo, now: datetime) -> int:
    """Leave a happening for each survey whose score fell by more than chance; how many. Once a day.

    The days end with yesterday, so that every run of a day sees the same. Nothing is looked at while nobody listens.
    """
    today = now.astimezone(zone).date()
    session.rollback()
    if not is_listened_to(session, Kind.SCORE_FELL) or fact(session, WATCHED_FACT) == today.isoformat():
        return 0
    fallen = falls(session, today - ONE_DAY)
    with transaction(session):
        keep_fact(session, WATCHED_FACT, today.isoformat())
        for survey_id, detail in fallen:
            note_happening(session, Kind.SCORE_FELL, survey_id=survey_id, detail=detail, now=now)
    return len(fallen)


def falls(session: Session, last_day: date) -> list[tuple[int, dict[str, Any]]]:
    """The surveys whose score of the thirty days up to `last_day` is lower than before by more than chance."""
    period = last_days(last_day, DAYS)
    surveys = all_surveys(session)
    cells = cells_of(session, [survey.id for survey in surveys], [period.before, period])
    found = ((survey.id, fall_of(survey, cells[survey.id], period)) for survey in surveys)
    return [(survey_id, detail) for survey_id, detail in found if detail is not None]


def fall_of(survey: Survey, cells: Sequence[Cell], period: Period) -> dict[str, Any] | None:
    """What is told of a survey's fall; None if its score did not fall, or not by more than chance."""
    before: Counter[int] = Counter()
    after: Counter[int] = Counter()
    for cell in cells:
        if cell.state in counted_states(survey):
            (after if cell.part else before)[cell.rating] += cell.n
    metric = survey.metric
    if metric.change(before, after).direction != "down":
        return None
    now, then = metric.summary(after), metric.summary(before)
    return {
        "metric": survey.metric_key,
        "score": _rounded(now.score),
        "n": now.n,
        "interval": [_rounded(now.interval.low), _rounded(now.interval.high)] if now.interval else None,
        "previous_score": _rounded(then.score),
        "previous_n": then.n,
        "since": period.since.isoformat(),
        "until": period.last.isoformat(),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
