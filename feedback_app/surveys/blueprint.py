"""What the pages of /surveys have in common."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.clock import now
from feedback_app.config import Settings
from feedback_app.db import db
from feedback_app.errors import NotFound
from feedback_app.links import Links
from feedback_app.staff.models import Role
from feedback_app.surveys import services
from feedback_app.surveys.forms import LANGUAGE_NAMES, METRICS
from feedback_app.surveys.models import Survey
from feedback_app.surveys.queries import survey_by_id
from feedback_app.surveys.wording import LANGUAGES

bp = Blueprint("surveys", __name__)

SURVEY = "/surveys/<row:survey_id>"
EDITS = Role.LEAD


def the_survey(survey_id: int) -> Survey:
    """The survey of the address; raises NotFound."""
    survey = survey_by_id(db.session(), survey_id)
    if survey is None:
        raise NotFound("There is no such survey. It may have been another installation's.")
    return survey


def survey_page(template: str, survey: Survey, **context: Any) -> str:
    """One of a survey's pages, with what their common head shows."""
    return render_template(
        template,
        survey=survey,
        metric_words=METRICS[f"{survey.metric_key}{survey.points}"],
        languages=LANGUAGE_NAMES,
        open_link=links().open_survey(survey.slug),
        may_edit=current_user.role >= EDITS,
        **context,
    )


def saved(
    survey: Survey,
    endpoint: str,
    changes: dict[str, Any],
    *,
    told: str = "Saved. Mail that is sent from now on has it.",
    **address: Any,
) -> ResponseReturnValue:
    """Save the changes and show their page again."""
    services.change_survey(db.session(), survey.id, user_id=current_user.id, now=now(), **changes)
    flash(told)
    return redirect(url_for(endpoint, survey_id=survey.id, **address), 303)


def wants_preview() -> bool:
    """Whether the form was sent to see what it makes, and not to keep it."""
    return request.form.get("do") == "preview"


def known_language(language: str) -> str:
    """The language of the address; raises NotFound for one that has no wording."""
    if language not in LANGUAGES:
        raise NotFound(f"There is no wording in '{language[:12]}'. There is {', '.join(LANGUAGES)}.")
    return language


def links() -> Links:
    made: Links = current_app.extensions["feedback_links"]
    return made


def settings() -> Settings:
    told: Settings = current_app.extensions["feedback_settings"]
    return told
