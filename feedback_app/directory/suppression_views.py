"""/people/suppressions: addresses that get no mail, and why."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.directory import services
from feedback_app.directory.blueprint import bp, vault
from feedback_app.directory.forms import REASON_WORDS, AddressForm, ReasonForm, StopForm
from feedback_app.directory.pages import row_id
from feedback_app.directory.person import SuppressionLine, suppressions_of
from feedback_app.directory.suppressed import counts_by_reason, suppressions_page
from feedback_app.people.addresses import normalised_address
from feedback_app.people.services import lift_suppression
from feedback_app.staff.models import Role
from feedback_app.surveys.queries import all_surveys


@bp.get("/people/suppressions")
@staff(Role.VIEWER)
def suppressions() -> str:
    return suppressions_list(AddressForm(), stop_form())


@bp.post("/people/suppressions/look-up")
@staff(Role.CSM)
def look_up() -> ResponseReturnValue:
    """Say whether a typed address gets mail; a POST, so that the address stands in no log."""
    form = AddressForm(request.form)
    if not form.validate():
        return suppressions_list(form, stop_form()), 422
    found = suppressions_of(db.session(), vault().address_hash(normalised_address(form.email.data)))
    return suppressions_list(form, stop_form(), found=found)


@bp.post("/people/suppressions")
@staff(Role.CSM)
def stop() -> ResponseReturnValue:
    form = StopForm(request.form)
    form.offer_surveys(all_surveys(db.session()))
    if not form.validate():
        return suppressions_list(AddressForm(), form), 422
    services.stop_mail(
        db.session(),
        form.email.data,
        reason=form.reason.data,
        survey_id=form.survey_id,
        user_id=current_user.id,
        vault=vault(),
        now=now(),
    )
    flash("Nothing more is sent to this address, and what was scheduled is cancelled.")
    return redirect(url_for("people.suppressions"), 303)


@bp.post("/people/suppressions/<row:suppression_id>/lift")
@staff(Role.LEAD)
def lift(suppression_id: int) -> ResponseReturnValue:
    form = ReasonForm(request.form)
    form.validate()
    lift_suppression(
        db.session(),
        suppression_id,
        reason=form.reason.data or "",
        user_id=current_user.id,
        may_lift_erased=current_user.role >= Role.ADMIN,
        now=now(),
    )
    flash("Lifted. Mail may go to this address again; nothing that was cancelled comes back by itself.")
    person_id = request.args.get("person", type=row_id)
    if person_id is not None:
        return redirect(url_for("people.show", person_id=person_id), 303)
    return redirect(url_for("people.suppressions"), 303)


def stop_form() -> StopForm:
    form = StopForm()
    form.offer_surveys(all_surveys(db.session()))
    return form


def suppressions_list(
    look_up_form: AddressForm, form: StopForm, *, found: list[SuppressionLine] | None = None
) -> str:
    """The page; `found`: what is known about the address that was looked up."""
    reason = request.args.get("reason", "")
    counts = counts_by_reason(db.session())
    page = suppressions_page(
        db.session.connection(),
        reason if reason in counts else "",
        after=request.args.get("after", type=row_id),
        before=request.args.get("before", type=row_id),
    )
    return render_template(
        "directory/suppressions.html",
        page=page,
        counts=counts,
        reason=reason if reason in counts else "",
        reason_words=REASON_WORDS,
        look_up_form=look_up_form,
        form=form,
        lift_form=ReasonForm(),
        found=found,
        role=current_user.role,
    )
