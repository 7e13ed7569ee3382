"""The pages of an open link: /t/<slug> serves a survey to anyone. The form's nonce stands for the person."""

import unicodedata
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from feedback_app.access import anyone
from feedback_app.clock import now
from feedback_app.db import db, reading
from feedback_app.errors import Invalid, LinkUnknown
from feedback_app.responses.blueprint import bp, page_key, read_intent, thanks_page
from feedback_app.responses.errors import SurveyClosed
from feedback_app.responses.forms import AnswerForm, is_nonce, new_nonce, preselected
from feedback_app.responses.pages import corrected_page, personal_values, question_page
from feedback_app.responses.queries import find_open
from feedback_app.responses.services import record_open_response
from feedback_app.scoring.bands import Tone
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.pages import Look, browser_language, look_is
from feedback_app.surveys.wording import TONES

OPEN = "an open survey takes answers from anyone who has its link"
NOT_PROPERTIES = frozenset({"rating", "lang", "email"})
MOST_PROPERTIES = 20
LONGEST_PROPERTY_NAME = 60
LONGEST_PROPERTY = 500
LONGEST_EMAIL = 254


@bp.get("/t/<slug>")
@anyone(OPEN)
def show_open(slug: str) -> ResponseReturnValue:
    """The question, with a fresh nonce; `?email=`, `?name=` and other parameters are kept with the answer."""
    survey, look = open_survey(slug)
    rating = preselected(request.args.get("rating"), metric(survey.metric_key, survey.points).scale)
    values = personal_values(request.args.get("name", ""), {}) | {"nonce": new_nonce()}
    return question_page(page_key(survey, look.language, rating)).response(values)


@bp.post("/t/<slug>")
@anyone(OPEN)
def submit_open(slug: str) -> ResponseReturnValue:
    """Store the answer and show thanks; the same form sent again is the same answer."""
    survey, look = open_survey(slug)
    form = AnswerForm.of(request.form)
    nonce = checked_nonce(form.nonce)
    if problems := form.problems:
        values = personal_values(request.args.get("name", ""), {}) | {
            "nonce": nonce,
            "comment": form.comment,
        }
        row = db.session.get_one(Survey, survey.survey_id)
        return corrected_page(row, look.language, form, problems).response(values, 422)
    record_open_response(
        db.session(),
        slug,
        nonce,
        form.given_rating,
        form.given_comment,
        locale=look.language,
        claimed_email=claimed_email(),
        properties=properties(),
        now=now(),
    )
    tone = metric(survey.metric_key, survey.points).band_of(form.given_rating).tone
    return redirect(url_for("responses.thanks_open", slug=slug, tone=tone, lang=look.language), code=303)


@bp.post("/t/<slug>/intent")
@anyone(OPEN)
def open_intent(slug: str) -> ResponseReturnValue:
    """Store the rating alone, as the page's script sends it."""
    given = read_intent()
    record_open_response(
        db.session(),
        slug,
        checked_nonce(given.nonce),
        given.rating,
        state=given.state,
        locale=browser_language(given.language),
        claimed_email=claimed_email(),
        properties=properties(),
        now=now(),
    )
    return {"saved": True}


@bp.get("/t/<slug>/thanks")
@anyone(OPEN)
def thanks_open(slug: str) -> ResponseReturnValue:
    """Thanks by tone. It reads no answer, so it can show nobody what somebody else wrote."""
    survey, look = open_survey(slug)
    tone: Tone = next((known for known in TONES if known == request.args.get("tone")), "middle")
    return thanks_page(survey, look, tone, personal_values("", {}))


def open_survey(slug: str) -> tuple[Row[Any], Look]:
    """The survey of the link and how its page looks; raises LinkUnknown or SurveyClosed."""
    with reading() as connection:
        survey = find_open(connection, slug)
    if survey is None:
        raise LinkUnknown
    language = browser_language(request.form.get("language"), default=survey.language)
    look = look_is(Look(language, survey.brand, survey.accent))
    if survey.survey_state == SurveyState.CLOSED:
        raise SurveyClosed(survey.closed_at)
    return survey, look


def checked_nonce(nonce: str | None) -> str:
    if nonce is None or not is_nonce(nonce):
        raise Invalid("The form was not complete, so nothing was saved. Please open the link again.")
    return nonce


def claimed_email() -> str | None:
    """What the link says about the address of whoever answers: a claim, kept as one."""
    email = printable(request.args.get("email", "")).strip()
    return email[:LONGEST_EMAIL] or None


def properties() -> dict[str, str]:
    """The link's other parameters, as many and as long as is sensible."""
    given = [(name, text) for name, text in request.args.items() if name not in NOT_PROPERTIES and text]
    return {
        printable(name)[:LONGEST_PROPERTY_NAME]: printable(text)[:LONGEST_PROPERTY]
        for name, text in given[:MOST_PROPERTIES]
    }


def printable(text: str) -> str:
    """The text without control characters."""
    return "".join(letter for letter in text if unicodedata.category(letter) != "Cc")
