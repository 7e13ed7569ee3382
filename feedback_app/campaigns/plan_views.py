"""/campaigns/recurring: surveys that ask everybody on them again and again (Autopilot)."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.campaigns.forms import JoinForm, PlanForm
from feedback_app.campaigns.jobs import take_due_turns
from feedback_app.campaigns.models import Plan
from feedback_app.campaigns.plans import activate_plan, deactivate_plan, join_audience, leave_plan, set_plan
from feedback_app.campaigns.queries import plan_lines, turns_by_day
from feedback_app.campaigns.views import open_surveys
from feedback_app.db import db
from feedback_app.errors import FeedbackError, NotFound
from feedback_app.people.lists import all_lists, all_saved_filters
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone, workspace_zone

bp = Blueprint("plans", __name__)

PLAN = "/campaigns/recurring/<row:plan_id>"
DAYS_SHOWN = 28


@bp.get("/campaigns/recurring/new")
@staff(Role.LEAD)
def new() -> str:
    form = plan_form()
    form.show(None, workspace_zone())
    return edit_page(form)


@bp.post("/campaigns/recurring/new")
@staff(Role.LEAD)
def add() -> ResponseReturnValue:
    return save(plan_form(), None)


@bp.get(PLAN)
@staff(Role.VIEWER)
def show(plan_id: int) -> str:
    line = next((line for line in plan_lines(db.session()) if line.plan.id == plan_id), None)
    if line is None:
        raise NotFound("There is no such recurring survey. Look for it among the campaigns.")
    turns = turns_by_day(db.session(), plan_id, workspace_zone(), since=clock.now(), days=DAYS_SHOWN)
    return render_template(
        "campaigns/plan.html",
        line=line,
        turns=turns,
        most=max(turns.values(), default=0),
        join_form=join_form(),
        may_change=current_user.role >= Role.LEAD,
        days=DAYS_SHOWN,
    )


@bp.get(f"{PLAN}/edit")
@staff(Role.LEAD)
def edit(plan_id: int) -> str:
    plan = plan_of(plan_id)
    form = plan_form(plan)
    form.show(plan, workspace_zone())
    return edit_page(form, plan=plan)


@bp.post(f"{PLAN}/edit")
@staff(Role.LEAD)
def change(plan_id: int) -> ResponseReturnValue:
    plan = plan_of(plan_id)
    return save(plan_form(plan), plan)


@bp.post(f"{PLAN}/active")
@staff(Role.LEAD)
def switch(plan_id: int) -> ResponseReturnValue:
    """Let turns come, or no more."""
    if request.form.get("active") == "yes":
        activate_plan(db.session(), plan_id, zone=workspace_zone(), user_id=current_user.id, now=clock.now())
        flash("The plan is active. Turns come as shown below.")
        nudge(take_due_turns)
    else:
        deactivate_plan(db.session(), plan_id, user_id=current_user.id, now=clock.now())
        flash("The plan is off. No turn comes until it is active again; everybody stays on it.")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@bp.post(f"{PLAN}/people")
@staff(Role.LEAD)
def join(plan_id: int) -> ResponseReturnValue:
    form = join_form()
    if form.validate():
        audience = form.audience.audience()
        added = join_audience(
            db.session(),
            plan_id,
            audience,
            zone=workspace_zone(),
            user_id=current_user.id,
            now=clock.now(),
        )
        flash("One person is new on the plan." if added == 1 else f"{added:,} people are new on the plan.")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@bp.post(f"{PLAN}/people/<row:person_id>/leave")
@staff(Role.LEAD)
def leave(plan_id: int, person_id: int) -> ResponseReturnValue:
    leave_plan(db.session(), plan_id, [person_id], user_id=current_user.id, now=clock.now())
    flash("Taken off the plan.")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


def save(form: PlanForm, plan: Plan | None) -> ResponseReturnValue:
    """Keep what the form says, or show it again with what is wrong."""
    if not form.validate():
        return edit_page(form, plan=plan), 422
    survey_id = plan.survey_id if plan else int(form.survey.data)
    try:
        plan_id = set_plan(
            db.session(),
            survey_id,
            form.terms(workspace_zone()),
            zone=workspace_zone(),
            user_id=current_user.id,
            now=clock.now(),
        )
    except FeedbackError as trouble:
        return edit_page(form, trouble.message, plan), trouble.status
    flash("Saved.")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


def plan_form(plan: Plan | None = None) -> PlanForm:
    """The form, offering the surveys that have no plan yet; the plan's own survey stays."""
    form = PlanForm(request.form)
    taken = set(db.session().scalars(select(Plan.survey_id)))
    mine = plan.survey_id if plan else None
    offered = [survey for survey in open_surveys() if survey.id == mine or survey.id not in taken]
    form.offer_surveys([survey for survey in offered if mine in (None, survey.id)])
    return form


def join_form() -> JoinForm:
    form = JoinForm(request.form)
    form.audience.offer(all_lists(db.session()), all_saved_filters(db.session()))
    return form


def plan_of(plan_id: int) -> Plan:
    plan = db.session().get(Plan, plan_id)
    if plan is None:
        raise NotFound("There is no such recurring survey. Look for it among the campaigns.")
    return plan


def edit_page(form: PlanForm, problem: str = "", plan: Plan | None = None) -> str:
    return render_template(
        "campaigns/plan_edit.html", form=form, problem=problem, plan=plan, zone=reader_zone().key
    )
