"""Goals: what a survey's score is to come to by a day, and where it stands."""

import math
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.responses.histogram import rating_counts
from feedback_app.scoreboard.models import Goal
from feedback_app.scoreboard.queries import counted_states, last_days
from feedback_app.scoring.metrics import Summary
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey

SCORE = "score"


class OutOfReach(Invalid):
    """No score can come to this target; `low` and `high` say what it can come to."""

    def __init__(self, low: int, high: int) -> None:
        super().__init__(f"The target must be from {low} to {high}, as this score is; nothing was saved.")
        self.low, self.high = low, high


@dataclass(frozen=True, slots=True)
class Standing:
    """A goal beside its score of the last 90 days. `is_met` is None while nobody has answered."""

    goal: Goal
    summary: Summary
    is_met: bool | None
    is_over: bool  # its day has passed


def add_goal(
    session: Session, survey_id: int, *, target: float, due_on: date, user_id: int | None, now: datetime
) -> int:
    """A new goal for the survey's score; return its id. Raises OutOfReach."""
    with transaction(session):
        _check(session, survey_id, target)
        goal = Goal(survey_id=survey_id, number=SCORE, target=target, due_on=due_on, created_at=now)
        session.add(goal)
        session.flush()
        detail = {"target": target, "due_on": due_on.isoformat()}
        record_audit(session, user_id, "goal.added", "goal", goal.id, detail, now)
        return goal.id


def change_goal(
    session: Session,
    survey_id: int,
    goal_id: int,
    *,
    target: float | None = None,
    due_on: date | None = None,
    user_id: int | None,
    now: datetime,
) -> None:
    """Change target or day; None leaves it. Raises NotFound or OutOfReach."""
    with transaction(session):
        goal = _goal(session, survey_id, goal_id)
        if target is not None:
            _check(session, survey_id, target)
            goal.target = target
        goal.due_on = due_on or goal.due_on
        detail = {"target": goal.target, "due_on": goal.due_on.isoformat()}
        record_audit(session, user_id, "goal.changed", "goal", goal_id, detail, now)


def remove_goal(
    session: Session, survey_id: int, goal_id: int, *, user_id: int | None, now: datetime
) -> None:
    """Take the goal away. Raises NotFound."""
    with transaction(session):
        session.delete(_goal(session, survey_id, goal_id))
        record_audit(session, user_id, "goal.removed", "goal", goal_id, {}, now)


def goals_after(session: Session, survey_id: int, after: int, limit: int) -> list[Goal]:
    """The survey's goals behind this id, in the order in which they were set."""
    wanted = select(Goal).where(Goal.survey_id == survey_id, Goal.id > after)
    return list(session.scalars(wanted.order_by(Goal.id).limit(limit)))


def goal_of(session: Session, survey_id: int, goal_id: int) -> Goal:
    """The survey's goal with this id; raises NotFound."""
    return _goal(session, survey_id, goal_id)


def standings(
    session: Session, survey_id: int, goals: list[Goal], *, now: datetime, zone: ZoneInfo
) -> list[Standing]:
    """Where these goals of a survey stand; the days are those of `zone`, the workspace's."""
    survey = session.get_one(Survey, survey_id)
    today = now.astimezone(zone).date()
    period = last_days(today)
    counts = rating_counts(
        session, survey_id, since=period.since, until=period.until, states=counted_states(survey)
    )
    summary = survey.metric.summary(counts)
    return [
        Standing(
            goal,
            summary,
            None if summary.score is None else summary.score >= goal.target,
            goal.due_on < today,
        )
        for goal in goals
    ]


def _check(session: Session, survey_id: int, target: float) -> None:
    low, high = session.get_one(Survey, survey_id).metric.score_range
    if not math.isfinite(target) or not low <= target <= high:
        raise OutOfReach(low, high)


def _goal(session: Session, survey_id: int, goal_id: int) -> Goal:
    goal = session.get(Goal, goal_id)
    if goal is None or goal.survey_id != survey_id:
        raise NotFound("There is no such goal, so nothing was changed.")
    return goal
