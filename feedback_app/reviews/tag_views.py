"""What a response's page lets people say about its tags."""

from flask import Blueprint, flash, request
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.reviews.forms import ThemeForm
from feedback_app.reviews.views import RESPONSE, back_to, require_known
from feedback_app.staff.models import Role
from feedback_app.tagging import looking
from feedback_app.tagging.correcting import correct_sentiment, set_theme, undo_sentiment
from feedback_app.themes.queries import all_themes

bp = Blueprint("tags", __name__)


@bp.post(f"{RESPONSE}/sentiment")
@staff(Role.CSM)
def correct(response_id: int) -> ResponseReturnValue:
    label = request.form.get("label", "")
    correct_sentiment(db.session(), response_id, label, user_id=current_user.id, now=now())
    flash(f"This comment is {label}: your word counts from now on.")
    return back_to(response_id, at="words")


@bp.post(f"{RESPONSE}/sentiment/undo")
@staff(Role.CSM)
def undo(response_id: int) -> ResponseReturnValue:
    undo_sentiment(db.session(), response_id, user_id=current_user.id, now=now())
    flash("The tagger’s word counts again.")
    return back_to(response_id, at="words")


@bp.post(f"{RESPONSE}/themes")
@staff(Role.CSM)
def change_theme(response_id: int) -> ResponseReturnValue:
    form = ThemeForm(request.form)
    form.offer_themes(all_themes(db.session()))
    require_known(form)
    present = form.present.data == "yes"
    set_theme(db.session(), response_id, form.theme.data, present, user_id=current_user.id, now=now())
    name = dict(form.theme.choices)[form.theme.data]
    flash(f"{name} is {'added' if present else 'taken away'}: your word counts from now on.")
    return back_to(response_id, at="themes")


@bp.post(f"{RESPONSE}/looked")
@staff(Role.CSM)
def settle(response_id: int) -> ResponseReturnValue:
    looking.settle(db.session(), response_id, user_id=current_user.id, now=now())
    flash("Off the list: it was looked at twice.")
    return back_to(response_id)
