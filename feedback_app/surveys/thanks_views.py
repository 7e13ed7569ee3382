"""A survey's thank-you page: what it links to, and how it looks after each kind of answer."""

from flask import request
from flask.typing import ResponseReturnValue

from feedback_app.access import staff
from feedback_app.scoring.bands import Tone
from feedback_app.staff.models import Role
from feedback_app.surveys.blueprint import SURVEY, bp, saved, survey_page, the_survey, wants_preview
from feedback_app.surveys.models import Survey
from feedback_app.surveys.pages import Look, page
from feedback_app.surveys.preview_views import PREVIEW_POLICY, filled
from feedback_app.surveys.thanks_form import ThanksForm
from feedback_app.surveys.wording import best_language, words_for


@bp.get(f"{SURVEY}/thanks")
@staff(Role.VIEWER)
def thanks(survey_id: int) -> ResponseReturnValue:
    survey = the_survey(survey_id)
    return thanks_page(survey, ThanksForm(survey))


@bp.post(f"{SURVEY}/thanks")
@staff(Role.LEAD)
def save_thanks(survey_id: int) -> ResponseReturnValue:
    survey = the_survey(survey_id)
    form = ThanksForm(survey, request.form)
    if not form.validate():
        return thanks_page(survey, form, status=422)
    if wants_preview():
        return thanks_page(survey, form, is_saved=False)
    return saved(
        survey,
        "surveys.thanks",
        {"thanks_links": form.links},
        told="Saved. The thank-you page has it from now on.",
    )


def thanks_page(
    survey: Survey, form: ThanksForm, *, is_saved: bool = True, status: int = 200
) -> ResponseReturnValue:
    """The form, and beside each of its bands the page that people of that band would see."""
    language = best_language(request.args.get("language"), survey.language)
    links = survey.thanks_links if form.errors else form.links
    shown = survey_page(
        "surveys/thanks.html",
        survey,
        groups=form.groups(words_for(survey, language)),
        pages={
            band.tone: drawn_thanks(survey, language, band.tone, links.get(band.tone))
            for band in survey.metric.bands
        },
        language=language,
        is_saved=is_saved,
    )
    return shown, status, {"Content-Security-Policy": PREVIEW_POLICY}


def drawn_thanks(survey: Survey, language: str, tone: Tone, link: dict[str, str] | None) -> str:
    """The thank-you page after an answer of this tone, for somebody made up."""
    words = words_for(survey, language)
    return page(
        "responses/thanks.html",
        Look(language, survey.brand, survey.accent),
        title=filled(words.thanks_title[tone], language),
        text=filled(words.thanks_text[tone], language),
        link=link,
    )
