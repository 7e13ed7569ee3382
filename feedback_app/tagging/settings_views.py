"""/settings/tagging: who reads comments, what it leaves unread, and the models that learned from one's own."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.db import db, reading
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.staff.pages import workspace_zone
from feedback_app.tagging import again, learning, own_models
from feedback_app.tagging.agreement import agreement_by_month, agreement_chart
from feedback_app.tagging.batches import untagged_count
from feedback_app.tagging.forms import ForgetForm
from feedback_app.tagging.jobs import learn_at_home, tag_everything_again
from feedback_app.tagging.learning_data import standing
from feedback_app.tagging.pairs import FEWEST, FEWEST_OF_A_LABEL
from feedback_app.tagging.settings_queries import newest_comments
from feedback_app.tagging.tagger_in_use import weights_problem

bp = Blueprint("learning", __name__, url_prefix="/settings/tagging")

BACK = (
    "The next comments are read by it. Those that are read already keep their tags until you read all again."
)


@bp.get("/")
@staff(Role.LEAD)
def index() -> str:
    """Everything about the reading of comments on one page."""
    return page(ForgetForm())


@bp.post("/learning")
@staff(Role.ADMIN)
def switch() -> ResponseReturnValue:
    """Switch learning at home on or off."""
    on = request.form.get("on") == "yes"
    learning.switch_learning(db.session(), on, **who())
    if on:
        nudge(learn_at_home)
        flash(
            "Learning is on. The first training begins as soon as there are enough comments, then each night."
        )
    else:
        flash("Learning is off. The model that is in use stays in use until you choose another one.")
    return back()


@bp.post("/train")
@staff(Role.ADMIN)
def train() -> ResponseReturnValue:
    """Ask for a training now."""
    learning.ask_for_training(db.session(), **who())
    nudge(learn_at_home)
    flash("A training begins within a minute. Load this page again to see what it came to.")
    return back()


@bp.post("/models/<row:model_id>/use")
@staff(Role.LEAD)
def use(model_id: int) -> ResponseReturnValue:
    """Switch to an own model: a proposal, or one that was in use before."""
    own_models.use_model(db.session(), model_id, **who())
    flash(f"Model own-{model_id} is in use. {BACK}")
    return back()


@bp.post("/models/<row:model_id>/decline")
@staff(Role.LEAD)
def decline(model_id: int) -> ResponseReturnValue:
    """Let a proposal go."""
    own_models.decline_model(db.session(), model_id, **who())
    flash(f"Model own-{model_id} is not used. Its figures stay in the list below; its weights are deleted.")
    return back()


@bp.post("/shipped")
@staff(Role.LEAD)
def shipped() -> ResponseReturnValue:
    """Back to the tagger of the settings."""
    own_models.use_shipped(db.session(), **who())
    flash(f"The tagger of the settings is in use again. {BACK}")
    return back()


@bp.post("/again")
@staff(Role.LEAD)
def read_again() -> ResponseReturnValue:
    """Have every comment read again by the tagger in use."""
    again.ask_to_tag_again(db.session(), **who())
    nudge(tag_everything_again)
    flash(
        "All comments are being read again. Each keeps its tag until it has the new one; people’s corrections stay."
    )
    return back()


@bp.post("/forget")
@staff(Role.ADMIN)
def forget() -> ResponseReturnValue:
    """Delete every own model."""
    form = ForgetForm(request.form)
    if not form.validate():
        return page(form), 422
    count = own_models.forget_models(db.session(), **who())
    flash(
        f"{count} own {'model is' if count == 1 else 'models are'} deleted. The tagger of the settings reads."
    )
    return back()


def page(form: ForgetForm) -> str:
    session = db.session()
    state = learning.learning(session)
    in_use = own_models.model_in_use(session)
    listed = own_models.models(session)
    zone = workspace_zone()
    with reading() as connection:
        newest, months = newest_comments(connection), agreement_by_month(connection, zone)
    return render_template(
        "tagging/settings.html",
        state=state,
        is_due=state.is_due(clock.now(), zone),
        standing=standing(session) if state.on else None,
        fewest=FEWEST,
        fewest_of_a_label=FEWEST_OF_A_LABEL,
        in_use=in_use,
        problem=weights_problem(session, in_use) if in_use else "",
        shipped=current_app.extensions["feedback_settings"].tagger,
        newest=newest,
        waiting=untagged_count(session),
        is_reading_again=again.is_asked_to_tag_again(session),
        listed=listed,
        proposal=next((model for model in listed if model.state == "proposed"), None),
        usable=own_models.usable_ids(session),
        months=months,
        chart=agreement_chart(months),
        forget_form=form,
        is_admin=current_user.role >= Role.ADMIN,
    )


def back() -> ResponseReturnValue:
    return redirect(url_for("learning.index"), code=303)


def who() -> dict[str, Any]:
    """Who acts, and when."""
    return {"user_id": current_user.id, "now": clock.now()}
