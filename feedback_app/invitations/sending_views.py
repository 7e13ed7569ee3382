"""/settings/sending: the limit across all surveys, and whether the sender has had to pause."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from wtforms import Form, IntegerField
from wtforms.validators import InputRequired, NumberRange

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.invitations.blueprint import bp
from feedback_app.invitations.jobs import send_due_invitations
from feedback_app.invitations.limits import MOST_OVERALL_DAYS, set_overall_days, try_again
from feedback_app.invitations.pausing import pause_of
from feedback_app.invitations.throttle import overall_days
from feedback_app.queue import nudge
from feedback_app.staff.models import Role

_TOLD = f"Enter a whole number of days from 0 to {MOST_OVERALL_DAYS}."


class LimitForm(Form):
    """How often anybody is asked at most, whatever the survey."""

    days = IntegerField(
        "Days between any two surveys",
        [InputRequired(_TOLD), NumberRange(0, MOST_OVERALL_DAYS, _TOLD)],
        render_kw={"inputmode": "numeric"},
    )


@bp.get("/settings/sending")
@staff(Role.CSM)
def sending_settings() -> str:
    return sending_page(LimitForm(days=overall_days(db.session())))


@bp.post("/settings/sending")
@staff(Role.ADMIN)
def save_limit() -> ResponseReturnValue:
    form = LimitForm(request.form)
    if not form.validate():
        return sending_page(form), 422
    set_overall_days(db.session(), form.days.data, user_id=current_user.id, now=now())
    flash("The limit is saved. It counts for everybody who is asked from now on.")
    return redirect(url_for("triggers.sending_settings"), 303)


@bp.post("/settings/sending/again")
@staff(Role.LEAD)
def send_again() -> ResponseReturnValue:
    """End the pause now instead of when it would end by itself."""
    try_again(db.session(), user_id=current_user.id, now=now())
    nudge(send_due_invitations)
    flash("Sending is being tried again. If the trouble is not over, it will be told here within a minute.")
    return redirect(url_for("triggers.sending_settings"), 303)


def sending_page(form: LimitForm) -> str:
    pause = pause_of(db.session())
    return render_template(
        "triggers/sending.html",
        form=form,
        pause=pause,
        is_over=pause is not None and pause.until <= now(),
        may_edit=current_user.role >= Role.ADMIN,
        may_try=current_user.role >= Role.LEAD,
    )
