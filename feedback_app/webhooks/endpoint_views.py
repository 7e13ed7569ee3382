"""/settings/webhooks: who hears of what happens here, how that goes, and what was sent."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.queue import nudge
from feedback_app.shown_once import show_once, shown_once
from feedback_app.staff.models import Role
from feedback_app.surveys.queries import all_surveys
from feedback_app.webhooks import endpoints
from feedback_app.webhooks.endpoint_forms import KIND_WORDS, SHAPE_WORDS, TONE_WORDS, EndpointForm
from feedback_app.webhooks.endpoint_queries import EndpointLine, endpoint_lines, log_of
from feedback_app.webhooks.endpoints import EndpointUnknown
from feedback_app.webhooks.jobs import KEPT_FOR, deliver_webhooks, reach_of
from feedback_app.webhooks.models import Endpoint
from feedback_app.webhooks.targets import Reach

bp = Blueprint("endpoints", __name__, url_prefix="/settings/webhooks")

PAGE = 50


@bp.get("/")
@staff(Role.ADMIN)
def index() -> str:
    """Every endpoint and how it does."""
    return render_template(
        "webhooks/index.html",
        lines=endpoint_lines(db.session(), clock.now()),
        kinds=KIND_WORDS,
        shapes=SHAPE_WORDS,
        days=KEPT_FOR.days,
    )


@bp.get("/add")
@staff(Role.ADMIN)
def add() -> str:
    """The form for a new endpoint."""
    return form_page(EndpointForm.about(all_surveys(db.session())))


@bp.post("/add")
@staff(Role.ADMIN)
def save() -> ResponseReturnValue:
    form = entered()
    try:
        if not form.validate():
            raise Invalid("Please check what is marked below; nothing was saved.")
        made, secret = endpoints.add_endpoint(
            db.session(), form.draft(), form.secret.data or "", reach=reach(), **acting()
        )
    except Invalid as problem:
        return form_page(form, problem=problem.message), 422
    return back_to(made, secret)


@bp.get("/<int:endpoint_id>")
@staff(Role.ADMIN)
def show(endpoint_id: int) -> str:
    """One endpoint: what it hears of, how it does, and the log of what was sent to it."""
    return page_of(endpoint_id, secret=shown_once(f"endpoint {endpoint_id}"))


@bp.get("/<int:endpoint_id>/edit")
@staff(Role.ADMIN)
def edit(endpoint_id: int) -> str:
    """The form, filled with what is kept."""
    line = line_of(endpoint_id)
    return form_page(EndpointForm.about(all_surveys(db.session()), line.endpoint), line.endpoint)


@bp.post("/<int:endpoint_id>/edit")
@staff(Role.ADMIN)
def change(endpoint_id: int) -> ResponseReturnValue:
    form = entered()
    try:
        if not form.validate():
            raise Invalid("Please check what is marked below; nothing was saved.")
        endpoints.change_endpoint(db.session(), endpoint_id, form.draft(), reach=reach(), **acting())
    except Invalid as problem:
        return form_page(form, line_of(endpoint_id).endpoint, problem=problem.message), 422
    flash("Saved.")
    return back_to(endpoint_id)


@bp.post("/<int:endpoint_id>/pause")
@staff(Role.ADMIN)
def pause(endpoint_id: int) -> ResponseReturnValue:
    endpoints.set_active(db.session(), endpoint_id, active=False, **who())
    flash("Paused: it hears of nothing from now on, and what waits for it waits for three days.")
    return back_to(endpoint_id)


@bp.post("/<int:endpoint_id>/resume")
@staff(Role.ADMIN)
def resume(endpoint_id: int) -> ResponseReturnValue:
    endpoints.set_active(db.session(), endpoint_id, active=True, **who())
    nudge(deliver_webhooks)
    flash("It goes on. What waits is sent now.")
    return back_to(endpoint_id)


@bp.post("/<int:endpoint_id>/delete")
@staff(Role.ADMIN)
def delete(endpoint_id: int) -> ResponseReturnValue:
    name = endpoints.delete_endpoint(db.session(), endpoint_id, **who())
    flash(f"{name} is deleted, with the log of what was sent to it.")
    return redirect(url_for("endpoints.index"), code=303)


@bp.post("/<int:endpoint_id>/secret")
@staff(Role.ADMIN)
def replace_secret(endpoint_id: int) -> ResponseReturnValue:
    given = request.form.get("secret", "")
    try:
        secret = endpoints.rotate_secret(db.session(), endpoint_id, given, **acting())
    except Invalid as problem:
        return page_of(endpoint_id, problem=problem.message), 422
    return back_to(endpoint_id, secret)


@bp.post("/<int:endpoint_id>/test")
@staff(Role.ADMIN)
def test(endpoint_id: int) -> ResponseReturnValue:
    endpoints.send_test(db.session(), endpoint_id, **who())
    nudge(deliver_webhooks)
    flash("A test message is on its way. Load this page again in a few seconds to see the answer.")
    return back_to(endpoint_id)


@bp.post("/<int:endpoint_id>/again")
@staff(Role.ADMIN)
def send_failed_again(endpoint_id: int) -> ResponseReturnValue:
    """Everything that failed is due again."""
    return sent_again(endpoint_id, None)


@bp.post("/<int:endpoint_id>/deliveries/<int:delivery_id>/again")
@staff(Role.ADMIN)
def send_one_again(endpoint_id: int, delivery_id: int) -> ResponseReturnValue:
    """One message is due again."""
    return sent_again(endpoint_id, delivery_id)


def sent_again(endpoint_id: int, delivery_id: int | None) -> ResponseReturnValue:
    count = endpoints.send_again(db.session(), endpoint_id, delivery_id, **who())
    nudge(deliver_webhooks)
    if count:
        flash(f"{count} {'message is' if count == 1 else 'messages are'} sent again, under the same ids.")
    else:
        flash("Nothing is sent again: it was deleted, or its person was erased.", "bad")
    return back_to(endpoint_id)


def page_of(endpoint_id: int, *, secret: str = "", problem: str = "") -> str:
    line = line_of(endpoint_id)
    before = request.args.get("before", type=int)
    listed = log_of(db.session(), endpoint_id, before, PAGE + 1)
    return render_template(
        "webhooks/endpoint.html",
        line=line,
        endpoint=line.endpoint,
        surveys={one.id: one.name for one in all_surveys(db.session())},
        kinds=KIND_WORDS,
        shapes=SHAPE_WORDS,
        tones=TONE_WORDS,
        secret=secret,
        problem=problem,
        listed=listed[:PAGE],
        older=listed[PAGE - 1].id if len(listed) > PAGE else None,
        is_first=before is None,
        days=KEPT_FOR.days,
    )


def form_page(form: EndpointForm, endpoint: Endpoint | None = None, *, problem: str = "") -> str:
    return render_template("webhooks/edit.html", form=form, endpoint=endpoint, problem=problem)


def entered() -> EndpointForm:
    form = EndpointForm(request.form)
    form.offer_surveys(all_surveys(db.session()))
    return form


def line_of(endpoint_id: int) -> EndpointLine:
    found = [line for line in endpoint_lines(db.session(), clock.now()) if line.endpoint.id == endpoint_id]
    if not found:
        raise EndpointUnknown
    return found[0]


def back_to(endpoint_id: int, secret: str = "") -> ResponseReturnValue:
    """On to the endpoint's page, which shows a new secret once."""
    if secret:
        show_once(f"endpoint {endpoint_id}", secret)
    return redirect(url_for("endpoints.show", endpoint_id=endpoint_id), code=303)


def reach() -> Reach:
    return reach_of(current_app.extensions["feedback_settings"])


def who() -> dict[str, Any]:
    """Who acts, and when."""
    return {"user_id": current_user.id, "now": clock.now()}


def acting() -> dict[str, Any]:
    return {"vault": current_app.extensions["feedback_vault"], **who()}
