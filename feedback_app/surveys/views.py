"""/surveys: what each asks, how it looks in a mail, and its rules."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import Form

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.staff.models import Role
from feedback_app.surveys import preview_views, services, thanks_views
from feedback_app.surveys.blueprint import (
    EDITS,
    SURVEY,
    bp,
    known_language,
    links,
    saved,
    settings,
    survey_page,
    the_survey,
    wants_preview,
)
from feedback_app.surveys.forms import METRICS, LookForm, NewSurveyForm, RulesForm
from feedback_app.surveys.models import Survey
from feedback_app.surveys.preview_views import preview_page
from feedback_app.surveys.queries import all_surveys
from feedback_app.surveys.wording import best_language
from feedback_app.surveys.wording_form import NOTES, PLACEHOLDERS, WordingForm

__all__ = ["bp", "preview_views", "thanks_views"]

MOVES = {
    "pause": (services.pause_survey, "is paused: mail that is due waits until you open it again."),
    "close": (services.close_survey, "is closed: links say so, and mail that was due is cancelled."),
    "reopen": (services.reopen_survey, "is open."),
}


@bp.get("/surveys")
@staff(Role.VIEWER)
def index() -> str:
    return render_template(
        "surveys/list.html",
        surveys=all_surveys(db.session()),
        metrics=METRICS,
        link_of=links().open_survey,
        may_edit=current_user.role >= EDITS,
    )


@bp.get("/surveys/new")
@staff(Role.LEAD)
def new() -> str:
    others = all_surveys(db.session())
    return render_template("surveys/new.html", form=NewSurveyForm(brand=others[-1].brand if others else ""))


@bp.post("/surveys")
@staff(Role.LEAD)
def add() -> ResponseReturnValue:
    form = NewSurveyForm(request.form)
    if not form.validate():
        return render_template("surveys/new.html", form=form), 422
    survey = services.add_survey(
        db.session(),
        metric_key=form.metric_key,
        points=form.points,
        name=form.name.data,
        brand=form.brand.data,
        about=form.about.data,
        language=form.language.data,
        user_id=current_user.id,
        now=now(),
    )
    flash(f"{survey.name} is ready. Look at its mail, and send yourself a test.")
    return redirect(url_for("surveys.preview", survey_id=survey.id), 303)


@bp.get(SURVEY)
@staff(Role.VIEWER)
def show(survey_id: int) -> str:
    survey = the_survey(survey_id)
    return survey_page("surveys/rules.html", survey, form=RulesForm(obj=survey))


@bp.post(SURVEY)
@staff(Role.LEAD)
def save_rules(survey_id: int) -> ResponseReturnValue:
    survey, form = the_survey(survey_id), RulesForm(request.form)
    if not form.validate():
        return survey_page("surveys/rules.html", survey, form=form), 422
    return saved(survey, "surveys.show", form.data)


@bp.get(f"{SURVEY}/look")
@staff(Role.VIEWER)
def look(survey_id: int) -> str:
    survey = the_survey(survey_id)
    return look_page(survey, LookForm(obj=survey))


@bp.post(f"{SURVEY}/look")
@staff(Role.LEAD)
def save_look(survey_id: int) -> ResponseReturnValue:
    survey, form = the_survey(survey_id), LookForm(request.form)
    if not form.validate():
        return look_page(survey, form), 422
    if wants_preview():
        return preview_page(survey, form.data, language=survey.language)
    return saved(survey, "surveys.look", form.data)


@bp.get(f"{SURVEY}/wording")
@staff(Role.VIEWER)
def wording_in_its_language(survey_id: int) -> ResponseReturnValue:
    language = best_language(the_survey(survey_id).language)
    return redirect(url_for("surveys.wording", survey_id=survey_id, language=language))


@bp.get(f"{SURVEY}/wording/<language>")
@staff(Role.VIEWER)
def wording(survey_id: int, language: str) -> str:
    survey = the_survey(survey_id)
    return wording_page(survey, WordingForm(survey, known_language(language)), language)


@bp.post(f"{SURVEY}/wording/<language>")
@staff(Role.LEAD)
def save_wording(survey_id: int, language: str) -> ResponseReturnValue:
    survey = the_survey(survey_id)
    form = WordingForm(survey, known_language(language), request.form)
    if not form.validate():
        return wording_page(survey, form, language), 422
    words = {**survey.wording, language: form.texts}
    if wants_preview():
        return preview_page(survey, {"wording": words}, language=language)
    return saved(survey, "surveys.wording", {"wording": words}, language=language)


@bp.post(f"{SURVEY}/state")
@staff(Role.LEAD)
def move(survey_id: int) -> ResponseReturnValue:
    """Pause, close or open it again."""
    wanted = MOVES.get(request.form.get("move", ""))
    if wanted is None:
        raise Invalid("This can only be paused, closed or opened again; nothing was changed.")
    step, became = wanted
    survey = the_survey(survey_id)
    step(db.session(), survey.id, user_id=current_user.id, now=now())
    flash(f"{survey.name} {became}")
    return redirect(url_for("surveys.show", survey_id=survey_id), 303)


def look_page(survey: Survey, form: Form) -> str:
    return survey_page("surveys/look.html", survey, form=form, mail_from=settings().mail_from)


def wording_page(survey: Survey, form: WordingForm, language: str) -> str:
    return survey_page(
        "surveys/wording.html", survey, form=form, language=language, notes=NOTES, placeholders=PLACEHOLDERS
    )
