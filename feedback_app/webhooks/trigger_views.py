"""/triggers: which helpdesk's events ask which survey; made, changed, paused and deleted."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations import sending_views, services
from feedback_app.invitations.blueprint import bp
from feedback_app.invitations.conditions import of_json
from feedback_app.invitations.drafts import TriggerDraft
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.overview import count_scheduled, count_unreadable, sources_overview
from feedback_app.staff.models import Role
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.queries import all_surveys
from feedback_app.webhooks import source_views, trying_views, unread_views
from feedback_app.webhooks.helpdesks.registry import providers
from feedback_app.webhooks.source_views import SOURCE, the_source
from feedback_app.webhooks.trigger_forms import TriggerForm, other_choices, trigger_form

__all__ = ["bp", "sending_views", "source_views", "trying_views", "unread_views"]

TRIGGER = "/triggers/<row:trigger_id>"


@bp.get("/triggers")
@staff(Role.VIEWER)
def index() -> str:
    return render_template(
        "triggers/index.html",
        sources=sources_overview(db.session(), now=now()),
        helpdesks=providers(),
        unread=count_unreadable(db.session()),
        delay_words=delay_words,
        condition_words=condition_words,
        may_edit=current_user.role >= Role.LEAD,
        may_connect=current_user.role >= Role.ADMIN,
    )


@bp.get(f"{SOURCE}/triggers/new")
@staff(Role.LEAD)
def new_trigger(source_id: int) -> str:
    source = the_source(source_id)
    surveys = [one for one in all_surveys(db.session()) if one.state != SurveyState.CLOSED]
    form = trigger_form(TriggerDraft(surveys[0].id if surveys else 0))
    form.not_auto_closed.data = form.not_own_case.data = True
    return form_page(form, source)


@bp.post(f"{SOURCE}/triggers")
@staff(Role.LEAD)
def add_trigger(source_id: int) -> ResponseReturnValue:
    source, form = the_source(source_id), TriggerForm(request.form)
    offer(form)
    if not form.validate():
        return form_page(form, source), 422
    try:
        services.add_trigger(db.session(), source_id, form.draft(), user_id=current_user.id, now=now())
    except Invalid as error:
        return form_page(form, source, problem=error.message), 422
    flash("The trigger is on. Try it with an event before the first one comes.")
    return redirect(url_for("triggers.try_out", source_id=source_id), 303)


@bp.get(TRIGGER)
@staff(Role.LEAD)
def edit(trigger_id: int) -> str:
    trigger = the_trigger(trigger_id)
    draft = TriggerDraft.of_trigger(trigger)
    return form_page(trigger_form(draft), the_source(trigger.source_id), trigger)


@bp.post(TRIGGER)
@staff(Role.LEAD)
def save(trigger_id: int) -> ResponseReturnValue:
    trigger, form = the_trigger(trigger_id), TriggerForm(request.form)
    source, before = the_source(trigger.source_id), TriggerDraft.of_trigger(trigger)
    offer(form, trigger.survey_id)
    if not form.validate():
        return form_page(form, source, trigger), 422
    try:
        draft = form.draft(more=other_choices(before))
        services.change_trigger(db.session(), trigger_id, draft, user_id=current_user.id, now=now())
    except Invalid as error:
        return form_page(form, source, trigger, problem=error.message), 422
    flash("The trigger is saved. It counts for events that are read from now on.")
    return redirect(url_for("triggers.index"), 303)


@bp.get(f"{TRIGGER}/pause")
@staff(Role.LEAD)
def ask_pause(trigger_id: int) -> str:
    return confirm_page(trigger_id, "pause")


@bp.post(f"{TRIGGER}/pause")
@staff(Role.LEAD)
def pause(trigger_id: int) -> ResponseReturnValue:
    cancels = "cancels" in request.form
    cancelled = services.pause_trigger(
        db.session(), trigger_id, cancels=cancels, user_id=current_user.id, now=now()
    )
    flash(f"The trigger is paused.{cancelled_words(cancelled)}")
    return redirect(url_for("triggers.index"), 303)


@bp.post(f"{TRIGGER}/resume")
@staff(Role.LEAD)
def resume(trigger_id: int) -> ResponseReturnValue:
    services.resume_trigger(db.session(), trigger_id, user_id=current_user.id, now=now())
    flash("The trigger is on again, for events from now on.")
    return redirect(url_for("triggers.index"), 303)


@bp.get(f"{TRIGGER}/delete")
@staff(Role.LEAD)
def ask_delete(trigger_id: int) -> str:
    return confirm_page(trigger_id, "delete")


@bp.post(f"{TRIGGER}/delete")
@staff(Role.LEAD)
def delete(trigger_id: int) -> ResponseReturnValue:
    cancels = "cancels" in request.form
    cancelled = services.delete_trigger(
        db.session(), trigger_id, cancels=cancels, user_id=current_user.id, now=now()
    )
    flash(f"The trigger is deleted; the ledger keeps its outcomes.{cancelled_words(cancelled)}")
    return redirect(url_for("triggers.index"), 303)


def the_trigger(trigger_id: int) -> Trigger:
    trigger = db.session().get(Trigger, trigger_id)
    if trigger is None or trigger.deleted_at is not None:
        raise NotFound("There is no such trigger, or it was deleted.")
    return trigger


def offer(form: TriggerForm, chosen: int | None = None) -> None:
    form.offer(all_surveys(db.session()), chosen)


def form_page(form: TriggerForm, source: Source, trigger: Trigger | None = None, *, problem: str = "") -> str:
    offer(form, trigger.survey_id if trigger else None)
    kept = other_choices(TriggerDraft.of_trigger(trigger)) if trigger else []
    return render_template(
        "triggers/edit.html", form=form, source=source, trigger=trigger, kept=kept, problem=problem
    )


def confirm_page(trigger_id: int, action: str) -> str:
    trigger = the_trigger(trigger_id)
    survey = db.session().get_one(Survey, trigger.survey_id)
    scheduled = count_scheduled(db.session(), trigger_id)
    return render_template(
        "triggers/confirm.html", trigger=trigger, survey=survey, scheduled=scheduled, action=action
    )


def cancelled_words(count: int) -> str:
    if not count:
        return ""
    return f" {count:,} scheduled invitation{' was' if count == 1 else 's were'} cancelled."


def delay_words(seconds: int) -> str:
    """For example at once, 30 minutes, 1 day."""
    if not seconds:
        return "at once"
    for word, size in (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {word}{'' if count == 1 else 's'}"
    raise AssertionError("unreachable: every second is one")


def condition_words(trigger: Trigger) -> list[str]:
    return [one.words() for one in of_json(trigger.conditions)]
