"""/triggers/unread: what helpdesks sent and we could not read; after a fix it is read again."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import NotFound
from feedback_app.invitations.blueprint import bp
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Event
from feedback_app.invitations.overview import count_unreadable, unreadable_events
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.webhooks.helpdesks.registry import providers
from feedback_app.webhooks.replaying import read_again, read_all_again


@bp.get("/triggers/unread")
@staff(Role.LEAD)
def unread() -> str:
    return render_template(
        "triggers/unread.html",
        events=unreadable_events(db.session()),
        total=count_unreadable(db.session()),
        helpdesks=providers(),
        may_see_bodies=current_user.role >= Role.ADMIN,
    )


@bp.post("/triggers/unread/<row:event_id>")
@staff(Role.LEAD)
def read_one_again(event_id: int) -> ResponseReturnValue:
    if db.session().get(Event, event_id) is None:
        raise NotFound("There is no such event.")
    problem = read_again(db.session(), event_id, user_id=current_user.id, now=now())
    if problem:
        flash(f"Event {event_id} still cannot be read: {problem}", "bad")
    else:
        nudge(read_events)
        flash(f"Event {event_id} was read. The ledger says in a moment what became of it.")
    return redirect(url_for("triggers.unread"), 303)


@bp.post("/triggers/unread")
@staff(Role.LEAD)
def read_every_one_again() -> ResponseReturnValue:
    read, left = read_all_again(db.session(), user_id=current_user.id, now=now())
    if read:
        nudge(read_events)
    flash(f"{read:,} read, {left:,} still cannot be read.", "bad" if left else "message")
    return redirect(url_for("triggers.unread"), 303)
