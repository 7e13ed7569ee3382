"""/settings/keys: what programs show instead of a password."""

from datetime import timedelta

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.api.forms import SCOPES, KeyForm, ReplaceForm, RevokeForm
from feedback_app.api.keys import create_key, replace_key, revoke_key
from feedback_app.api.models import Scope
from feedback_app.api.queries import key_lines, surveys_to_choose
from feedback_app.config import Settings
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.shown_once import show_once, shown_once
from feedback_app.staff.models import Role

bp = Blueprint("keys", __name__, url_prefix="/settings/keys")

NEW, REPLACEMENT = "new key", "replacement of a key"  # what the page shows once


@bp.get("/")
@staff(Role.ADMIN)
def index() -> str:
    """Every key, and the form for another; a key that was just made is shown, once."""
    replacement = shown_once(REPLACEMENT)
    key = replacement or shown_once(NEW)
    return page(KeyForm.of(surveys_to_choose(db.session())), key=key, is_replacement=bool(replacement))


@bp.post("/")
@staff(Role.ADMIN)
def make() -> ResponseReturnValue:
    """A new key, shown on the page that follows and never again."""
    form = KeyForm.of(surveys_to_choose(db.session()), request.form)
    if not form.validate():
        return page(form), 422
    key = create_key(
        db.session(),
        form.survey.data,
        scope=Scope(form.scope.data),
        name=form.name.data or "",
        per_minute=form.per_minute.data,
        user_id=current_user.id,
        now=clock.now(),
    )
    show_once(NEW, key)
    return redirect(url_for("keys.index"), code=303)


@bp.post("/<int:key_id>/replace")
@staff(Role.ADMIN)
def replace(key_id: int) -> ResponseReturnValue:
    """A new key like the old one, which stays good for a while."""
    form = ReplaceForm(request.form)
    if not form.validate():
        raise Invalid("Choose how long the old key stays good; nothing was changed.")
    key = replace_key(
        db.session(),
        key_id,
        overlap=timedelta(hours=form.hours.data),
        user_id=current_user.id,
        now=clock.now(),
    )
    show_once(REPLACEMENT, key)
    return redirect(url_for("keys.index"), code=303)


@bp.post("/<int:key_id>/revoke")
@staff(Role.ADMIN)
def revoke(key_id: int) -> ResponseReturnValue:
    """Take no more requests with the key."""
    if not RevokeForm(request.form).validate():
        flash("Nothing was revoked: tick the box that says what follows.", "bad")
        return redirect(url_for("keys.index"), code=303)
    revoke_key(db.session(), key_id, user_id=current_user.id, now=clock.now())
    flash("The key is revoked. Requests with it are refused from now on.")
    return redirect(url_for("keys.index"), code=303)


def page(form: KeyForm, *, key: str = "", is_replacement: bool = False) -> str:
    settings: Settings = current_app.extensions["feedback_settings"]
    lines = key_lines(db.session())
    now = clock.now()
    return render_template(
        "api/keys.html",
        form=form,
        key=key,
        is_replacement=is_replacement,
        good=[line for line in lines if line.is_good(now)],
        ended=[line for line in lines if not line.is_good(now)],
        scopes=dict(SCOPES),
        replace_form=ReplaceForm(),
        revoke_form=RevokeForm(),
        base_url=settings.base_url,
        host=settings.base_url.partition("://")[2],
        scheme=settings.base_url.partition("://")[0],
        rate=settings.api_rate,
    )
