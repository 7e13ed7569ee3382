"""The pages of an invitation's link. No GET stores an answer: mail scanners and previews open every link."""

from datetime import datetime
from typing import Any

from babel.dates import format_timedelta
from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from feedback_app.access import anyone
from feedback_app.clock import now
from feedback_app.db import db, reading
from feedback_app.errors import LinkExpired, LinkUnknown
from feedback_app.responses import open_views
from feedback_app.responses.blueprint import bp, links, page_key, read_intent, thanks_page
from feedback_app.responses.errors import SurveyClosed
from feedback_app.responses.forms import AnswerForm, preselected
from feedback_app.responses.pages import corrected_page, personal_values, question_page
from feedback_app.responses.queries import find_asked
from feedback_app.responses.rules import link_ends, time_left
from feedback_app.responses.services import note_visit, record_response
from feedback_app.scoring.metrics import metric
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.pages import Look, browser_language, kind_page, look_is
from feedback_app.surveys.special import special_of
from feedback_app.surveys.wording import page_texts

__all__ = ["bp", "open_views"]

SIGNED = "the signed token in the address is the permission"


@bp.get("/a/<token>")
@anyone(SIGNED)
def show(token: str) -> ResponseReturnValue:
    """The question; `?rating=9` chooses an answer beforehand. Stores nothing."""
    asked, look = asked_by(token)
    moment = now()
    if asked.confirmed_at and time_left(asked.confirmed_at, asked.edit_hours, moment).total_seconds() <= 0:
        return kind_page("already")
    refuse_late(asked, moment)
    rating = preselected(request.args.get("rating"), metric(asked.metric_key, asked.points).scale)
    earlier = asked.comment if asked.confirmed_at else ""
    if rating is None and asked.confirmed_at:
        rating = asked.rating
    product = special_of(asked.properties).product
    return question_page(page_key(asked, look.language, rating, product)).response(
        values_of(asked, moment, earlier, shown=bool(earlier))
    )


@bp.post("/a/<token>")
@anyone(SIGNED)
def submit(token: str) -> ResponseReturnValue:
    """Store the answer and show thanks."""
    invitation_id = links().read_answer_token(token)
    form = AnswerForm.of(request.form)
    look = look_is(Look(browser_language(form.language)))
    if problems := form.problems:
        asked, _ = asked_by(token)
        refuse_late(asked, now())
        survey = db.session.get_one(Survey, asked.survey_id)
        values = values_of(asked, now(), form.comment, shown=form.shown)
        product = special_of(asked.properties).product
        return corrected_page(survey, look.language, form, problems, product).response(values, 422)
    record_response(
        db.session(), invitation_id, form.given_rating, form.given_comment, locale=look.language, now=now()
    )
    return redirect(url_for("responses.thanks", token=token), code=303)


@bp.post("/a/<token>/intent")
@anyone(SIGNED)
def intent(token: str) -> ResponseReturnValue:
    """Store the rating alone, as the page's script sends it: confirmed if a person gave a sign, else unconfirmed."""
    invitation_id = links().read_answer_token(token)
    given = read_intent()
    record_response(
        db.session(),
        invitation_id,
        given.rating,
        state=given.state,
        locale=browser_language(given.language),
        now=now(),
    )
    return {"saved": True}


@bp.get("/a/<token>/thanks")
@anyone(SIGNED)
def thanks(token: str) -> ResponseReturnValue:
    """Thanks that fit the answer, while it may still be changed; after that only that there is one."""
    asked, look = asked_by(token)
    if asked.confirmed_at is None:
        return redirect(url_for("responses.show", token=token), code=303)
    left = time_left(asked.confirmed_at, asked.edit_hours, now())
    if left.total_seconds() <= 0:
        return kind_page("already")
    is_open = asked.survey_state != SurveyState.CLOSED
    until = page_texts(look.language)["until"].format(time=format_timedelta(left, locale=look.language))
    return thanks_page(
        asked,
        look,
        metric(asked.metric_key, asked.points).band_of(asked.rating).tone,
        personal_values(asked.name, asked.context),
        change_url=url_for("responses.show", token=token) if is_open else None,
        until=until,
    )


@bp.get("/a/<token>/more")
@anyone(SIGNED)
def more(token: str) -> ResponseReturnValue:
    """The link that no person can see. Who opens it is noted, in a row of its own; nothing else changes."""
    invitation_id = links().read_answer_token(token)
    note_visit(db.session(), invitation_id, now=now())
    return kind_page("check")


def asked_by(token: str) -> tuple[Row[Any], Look]:
    """What the link's person was asked, and how their page looks; raises LinkUnknown."""
    invitation_id = links().read_answer_token(token)
    with reading() as connection:
        asked = find_asked(connection, invitation_id)
    if asked is None:
        raise LinkUnknown
    language = browser_language(special_of(asked.properties).locale, asked.locale, default=asked.language)
    return asked, look_is(Look(language, asked.brand, asked.accent))


def refuse_late(asked: Row[Any], moment: datetime) -> None:
    """Raise SurveyClosed or LinkExpired if the link takes no answers any more."""
    if asked.survey_state == SurveyState.CLOSED:
        raise SurveyClosed(asked.closed_at)
    if (ends := link_ends(asked.sent_at, asked.link_days)) <= moment:
        raise LinkExpired(ends)


def values_of(asked: Row[Any], moment: datetime, comment: str, *, shown: bool) -> dict[str, str]:
    """What the question page is filled with for this person; `shown` says that the comment is an earlier one."""
    return personal_values(asked.name, asked.context) | {
        "age": str(max(0, int((moment - asked.sent_at).total_seconds()))),
        "comment": comment,
        "shown": "1" if shown else "",
    }
