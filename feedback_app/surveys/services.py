"""Surveys: made, changed, paused, closed and opened again; each change is noted in the audit trail."""

import secrets
import string
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.scoring.metrics import UnknownMetric, metric
from feedback_app.staff.services import record_audit
from feedback_app.surveys import checks
from feedback_app.surveys.models import Survey, SurveyState

SLUG_LETTERS = string.ascii_lowercase + string.digits
SLUG_LENGTH = 8
LONGEST_DAYS = 3_650

_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "name": lambda text: _required("name", text, 120),
    "brand": lambda text: _required("brand", text, 80),
    "accent": checks.checked_accent,
    "language": checks.checked_language,
    "thanks_links": checks.checked_thanks_links,
    "about": checks.checked_about,
    "sender_name": lambda text: checks.checked_line("sender's name", text, checks.LONGEST_SENDER_NAME),
    "sender_address": lambda address: checks.checked_address("sender's address", address),
    "reply_to": lambda address: checks.checked_address("address for replies", address),
    "postal_address": checks.checked_postal_address,
    "throttle_days": lambda days: _whole("throttle", days, 0),
    "reserves_turn": bool,
    "reminder_days": lambda days: None if days is None else _whole("time before a reminder", days, 1),
    "edit_hours": lambda hours: _whole("time for changes", hours, 0),
    "link_days": lambda days: _whole("life of a link", days, 1),
    "counts_unconfirmed": bool,
    "properties": dict,
}


def add_survey(
    session: Session,
    *,
    metric_key: str,
    points: int | None = None,
    name: str,
    brand: str,
    now: datetime,
    slug: str | None = None,
    wording: Mapping[str, Mapping[str, str]] | None = None,
    user_id: int | None = None,
    **more: Any,
) -> Survey:
    """A new, open survey with the standard wording; `more` as for `change_survey`. Raises Invalid."""
    try:
        measure = metric(metric_key, points)
    except UnknownMetric as error:
        raise Invalid(f"{error} No survey was made.") from error
    given = _checked({"name": name, "brand": brand, **more})
    survey = Survey(
        slug=checks.checked_slug(slug) if slug is not None else random_slug(),
        metric_key=measure.key,
        points=measure.points,
        wording=checks.checked_wording(measure.key, measure.points, wording or {}),
        created_at=now,
        updated_at=now,
        **given,
    )
    try:
        with transaction(session):
            session.add(survey)
            session.flush()
            detail = {"metric": measure.key, "points": measure.points}
            record_audit(session, user_id, "survey.added", "survey", survey.id, detail, now)
    except IntegrityError as error:
        raise Invalid(f"Another survey already has the address '{slug}'; no survey was made.") from error
    return survey


def change_survey(
    session: Session, survey_id: int, *, now: datetime, user_id: int | None = None, **changes: Any
) -> Survey:
    """Change wording, look, sender or rules of a survey; return it. Raises Invalid or NotFound.

    The audit trail names what was changed, and for the rules (numbers, yes or no) the new value.
    """
    wording = changes.pop("wording", None)
    given = _checked(changes)
    with transaction(session):
        survey = _survey(session, survey_id)
        if wording is not None:
            given["wording"] = checks.checked_wording(survey.metric_key, survey.points, wording)
        changed = {name: value for name, value in given.items() if getattr(survey, name) != value}
        for name, value in changed.items():
            setattr(survey, name, value)
        if changed:
            _touch(survey, now)
            shown = {name: value if isinstance(value, int) else True for name, value in changed.items()}
            record_audit(session, user_id, "survey.changed", "survey", survey.id, shown, now)
    return survey


def pause_survey(session: Session, survey_id: int, *, now: datetime, user_id: int | None = None) -> None:
    """Let queued mail wait; links still take answers."""
    _move(session, survey_id, SurveyState.PAUSED, now, user_id)


def close_survey(session: Session, survey_id: int, *, now: datetime, user_id: int | None = None) -> None:
    """Take no more answers: links say so, and the sender cancels the mail that is queued."""
    _move(session, survey_id, SurveyState.CLOSED, now, user_id)


def reopen_survey(session: Session, survey_id: int, *, now: datetime, user_id: int | None = None) -> None:
    """Open a paused or closed survey again."""
    _move(session, survey_id, SurveyState.OPEN, now, user_id)


def random_slug() -> str:
    """Eight random letters and digits."""
    return "".join(secrets.choice(SLUG_LETTERS) for _ in range(SLUG_LENGTH))


def _move(session: Session, survey_id: int, state: SurveyState, now: datetime, user_id: int | None) -> None:
    with transaction(session):
        survey = _survey(session, survey_id)
        if survey.state == state:
            return
        survey.state = state
        survey.closed_at = now if state is SurveyState.CLOSED else None
        _touch(survey, now)
        record_audit(session, user_id, f"survey.{state}", "survey", survey.id, {}, now)


def _touch(survey: Survey, now: datetime) -> None:
    survey.version += 1
    survey.updated_at = now


def _survey(session: Session, survey_id: int) -> Survey:
    survey = session.get(Survey, survey_id, with_for_update=True)
    if survey is None:
        raise NotFound("There is no such survey, so nothing was changed.")
    return survey


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    unknown = set(given) - set(_CHECKS)
    if unknown:
        raise TypeError(f"A survey has no {', '.join(sorted(unknown))} to set.")
    return {name: _CHECKS[name](value) for name, value in given.items()}


def _required(name: str, text: str, longest: int) -> str:
    line = checks.checked_line(name, text, longest)
    if not line:
        raise Invalid(f"A survey needs a {name}; nothing was saved.")
    return line


def _whole(name: str, value: int, least: int) -> int:
    if type(value) is not int or not least <= value <= LONGEST_DAYS:
        raise Invalid(f"The {name} must be a whole number from {least} to {LONGEST_DAYS}; nothing was saved.")
    return value
