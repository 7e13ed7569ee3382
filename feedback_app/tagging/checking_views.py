"""/tagging/check: comments to judge without sight of their tag, one at a time."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import NotFound
from feedback_app.responses.models import Response
from feedback_app.staff.models import Role
from feedback_app.staff.pages import workspace_zone
from feedback_app.surveys.models import Survey
from feedback_app.tagging.agreement import agreement_by_month
from feedback_app.tagging.checking import comment_to_check, last_blind_check
from feedback_app.tagging.correcting import LABELS, correct_sentiment
from feedback_app.tagging.marking import marked

bp = Blueprint("checking", __name__)


@bp.get("/tagging/check")
@staff(Role.CSM)
def show() -> str:
    """A comment drawn at random; another one with every visit, so that skipping is just that."""
    return render_template(
        "tagging/check.html", comment=comment_to_check(db.session()), labels=LABELS, this_month=_this_month()
    )


@bp.post("/tagging/check/<row:response_id>")
@staff(Role.CSM)
def judge(response_id: int) -> ResponseReturnValue:
    if last_blind_check(db.session(), response_id, current_user.id) is None:  # else the form was sent twice
        correct_sentiment(
            db.session(),
            response_id,
            request.form.get("label", ""),
            user_id=current_user.id,
            blind=True,
            now=now(),
        )
    return redirect(url_for("checking.judged", response_id=response_id), 303)


@bp.get("/tagging/check/<row:response_id>")
@staff(Role.CSM)
def judged(response_id: int) -> str:
    """What the tagger had said, for those who have judged the comment."""
    check = last_blind_check(db.session(), response_id, current_user.id)
    if check is None:
        raise NotFound("You have not judged this comment, so there is nothing to compare.")
    response = db.session.get_one(Response, response_id)
    survey = db.session.get_one(Survey, response.survey_id)
    return render_template(
        "tagging/judged.html",
        check=check,
        response=response,
        band=survey.metric.band_of(response.rating),
        pieces=marked(response.comment, response.evidence or []),
        this_month=_this_month(),
    )


def _this_month() -> tuple[int, int]:
    """How many blind checks agreed this month, of how many, all versions together."""
    zone = workspace_zone()
    month = now().astimezone(zone).date().replace(day=1)
    found = [one.blind for one in agreement_by_month(db.session.connection(), zone) if one.month == month]
    return sum(one.agreed for one in found), sum(one.judged for one in found)
