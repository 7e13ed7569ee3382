"""What the pages of invitations and of open links have in common."""

from typing import Any

from flask import Blueprint, Response, current_app, request
from sqlalchemy import Row

from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.links import Links
from feedback_app.responses.forms import Intent
from feedback_app.responses.pages import PageKey, personal_text
from feedback_app.scoring.bands import Tone
from feedback_app.surveys.models import Survey
from feedback_app.surveys.pages import Look, handle_trouble, plain_page
from feedback_app.surveys.wording import words_for

bp = Blueprint("responses", __name__)
handle_trouble(bp)


def page_key(survey: Row[Any], language: str, rating: int | None, product: str = "") -> PageKey:
    return PageKey(survey.survey_id, survey.version, survey.updated_at, language, rating, product)


def read_intent() -> Intent:
    """What the script (or a form) sent to /intent; raises Invalid."""
    try:
        body = request.get_json(force=True, silent=True)
    except RecursionError:  # brackets in brackets without end
        body = None
    given = Intent.of(body if isinstance(body, dict) else request.form.to_dict())
    if given is None:
        raise Invalid("There is no rating in this, so nothing was saved.")
    return given


def thanks_page(survey: Row[Any], look: Look, tone: Tone, values: dict[str, str], **more: Any) -> Response:
    """The survey's thanks for an answer of this tone, with the link that was set for it."""
    row = db.session.get_one(Survey, survey.survey_id)
    words = words_for(row, look.language)
    return plain_page(
        "responses/thanks.html",
        look,
        title=personal_text(words.thanks_title[tone], values),
        text=personal_text(words.thanks_text[tone], values),
        link=row.thanks_links.get(tone),
        **more,
    )


def links() -> Links:
    made: Links = current_app.extensions["feedback_links"]
    return made
