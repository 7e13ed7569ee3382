"""/ledger: every event with its outcome and its reason, and what an operator has to decide."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.access import staff
from feedback_app.campaigns.models import Campaign
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.invitations import uncertain
from feedback_app.invitations.jobs import send_due_invitations
from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Source
from feedback_app.invitations.queries import all_triggers
from feedback_app.invitations.words import EVENT_STATES, OUTCOMES, STATES
from feedback_app.ledger.attention import attention
from feedback_app.ledger.balance import balance
from feedback_app.ledger.cursor import Place
from feedback_app.ledger.details import event_details, invitation_details
from feedback_app.ledger.export import ledger_csv
from feedback_app.ledger.forms import DecisionForm, EventsForm, LedgerForm
from feedback_app.ledger.queries import ledger_page
from feedback_app.ledger.received import events_page
from feedback_app.people.models import Person
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.staff.pages import is_offered, reader_zone
from feedback_app.surveys.queries import all_surveys

bp = Blueprint("ledger", __name__)

EVENT = "/ledger/events/<row:event_id>"
INVITATION = "/ledger/invitations/<row:invitation_id>"


@bp.app_template_global("page_if_there")
def page_if_there(endpoint: str, **which: Any) -> str:
    """The address of a page of another part; empty if this reader cannot open it."""
    return url_for(endpoint, **which) if is_offered(endpoint) else ""


@bp.get("/ledger")
@staff(Role.VIEWER)
def index() -> str:
    form, ignored = ledger_form()
    after, before = places()
    connection = db.session.connection()  # the one that the request has already
    page = ledger_page(connection, form.filter(reader_zone()), after=after, before=before)
    period = form.period(now().astimezone(reader_zone()).date())
    shows_balance = not (form.is_narrow or after or before)
    query = form.query()
    return render_template(
        "ledger/index.html",
        form=form,
        ignored=ignored,
        page=page,
        query=query,
        period=period,
        balance=balance(connection, *period.moments(reader_zone())) if shows_balance else None,
        triggers=dict(form.trigger.choices),
        person=db.session.get(Person, form.person.data) if form.person.data else None,
        attention=attention(db.session(), now()),
        outcomes=OUTCOMES,
        states=STATES,
        event_states=EVENT_STATES,
    )


@bp.get("/ledger.csv")
@staff(Role.CSM)
def download() -> Response:
    """The filtered ledger as a file; what the address says and we do not know refuses it."""
    form, ignored = ledger_form()
    if ignored:
        raise Invalid(f"Not understood: {', '.join(ignored)}. No file was made; correct the address.")
    wanted = form.filter(reader_zone())
    db.session.rollback()  # a slow download holds no snapshot
    name = f"ledger-{now():%Y-%m-%d}.csv"
    return Response(
        stream_with_context(ledger_csv(wanted)),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


@bp.get("/ledger/events")
@staff(Role.VIEWER)
def events() -> str:
    form = EventsForm(request.args)
    form.offer_sources(sources(db.session()))
    ignored = form.take_what_fits()
    after, before = places()
    page = events_page(db.session.connection(), form.filter(reader_zone()), after=after, before=before)
    return render_template("ledger/events.html", form=form, ignored=ignored, page=page, query=form.query())


@bp.get(EVENT)
@staff(Role.VIEWER)
def show_event(event_id: int) -> str:
    return render_template("ledger/event.html", details=event_details(db.session(), event_id))


@bp.get(INVITATION)
@staff(Role.VIEWER)
def show_invitation(invitation_id: int) -> str:
    details = invitation_details(db.session(), invitation_id)
    return render_template("ledger/invitation.html", details=details)


@bp.post(f"{INVITATION}/resend")
@staff(Role.LEAD)
def resend(invitation_id: int) -> ResponseReturnValue:
    back = decide(uncertain.resend, invitation_id, "It is scheduled again and goes out within a minute.")
    nudge(send_due_invitations)
    return back


@bp.post(f"{INVITATION}/count-as-sent")
@staff(Role.LEAD)
def count_as_sent(invitation_id: int) -> ResponseReturnValue:
    return decide(uncertain.count_as_sent, invitation_id, "It counts as sent.")


@bp.post(f"{INVITATION}/cancel")
@staff(Role.LEAD)
def cancel(invitation_id: int) -> ResponseReturnValue:
    return decide(uncertain.cancel, invitation_id, "It will not be sent.")


def decide(service: Callable[..., None], invitation_id: int, done: str) -> ResponseReturnValue:
    """Do it to the invitation or, if the form says so, to its reminder."""
    form = DecisionForm(request.form)
    if not form.validate():
        raise Invalid("This mail is not known, so nothing was changed. Open the invitation again.")
    kind = Kind(form.mail.data)
    details = invitation_details(db.session(), invitation_id)
    row_id = invitation_id
    if kind is Kind.REMINDER:
        if details.reminder is None:
            raise Invalid("This invitation has no reminder, so nothing was changed.")
        row_id = details.reminder.id
    service(db.session(), row_id, user_id=current_user.id, now=now(), kind=kind)
    flash(done)
    return redirect(url_for("ledger.show_invitation", invitation_id=invitation_id), 303)


def ledger_form() -> tuple[LedgerForm, list[str]]:
    """The filters in the address, and the labels of those that were not understood."""
    session = db.session()
    form = LedgerForm(request.args)
    form.offer_sources(sources(session))
    campaigns = session.scalars(select(Campaign).order_by(Campaign.id.desc()))
    form.offer(all_triggers(session), all_surveys(session), campaigns)
    return form, form.take_what_fits()


def sources(session: Session) -> list[Source]:
    return list(session.scalars(select(Source).order_by(Source.id)))


def places() -> tuple[Place | None, Place | None]:
    """Where the page begins or ends, as its address says."""
    after, before = (Place.read(request.args.get(name, "")) for name in ("after", "before"))
    return after, before
