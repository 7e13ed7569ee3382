"""/campaigns: a survey to many people, once: drafted, looked at, started, watched, paused and stopped."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.campaigns import services
from feedback_app.campaigns.forms import CampaignForm
from feedback_app.campaigns.jobs import feed_campaigns
from feedback_app.campaigns.models import Campaign, CampaignState
from feedback_app.campaigns.preview import preview
from feedback_app.campaigns.queries import campaigns_with_surveys, plan_lines, progress
from feedback_app.db import db
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.windows import SendingWindow
from feedback_app.invitations.words import OUTCOMES, STATES
from feedback_app.people.filters import PeopleFilter, described
from feedback_app.people.lists import all_lists, all_saved_filters
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone, workspace_zone
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.surveys.queries import all_surveys

bp = Blueprint("campaigns", __name__)

CAMPAIGN = "/campaigns/<row:campaign_id>"
REFRESH_SECONDS = 5
STILL_GO_OUT = {0: "No mail is scheduled any more.", 1: "One mail is scheduled already and still goes out."}


@bp.app_template_filter("window_words")
def window_words(kept: Mapping[str, Any] | None) -> str:
    """The hours of a window as staff read them."""
    window = SendingWindow.of_json(kept)
    return window.words() if window else "at any time"


@bp.app_template_filter("outcome_words")
def outcome_words(outcome: str) -> str:
    """An outcome, or a state of an invitation, as staff read it everywhere."""
    return (OUTCOMES.get(outcome) or STATES[outcome]).text


@bp.get("/campaigns")
@staff(Role.VIEWER)
def index() -> str:
    rows = campaigns_with_surveys(db.session())
    lines = [(campaign, survey, progress(db.session(), campaign)) for campaign, survey in rows]
    return render_template("campaigns/index.html", lines=lines, plans=plan_lines(db.session()))


@bp.get("/campaigns/new")
@staff(Role.LEAD)
def new() -> str:
    form = campaign_form()
    if "list" in request.args or "filter" in request.args:
        kind = "list" if "list" in request.args else "filter"
        chosen = f"{kind}:{request.args[kind]}"
        form.audience.data = chosen if chosen in form.audience.choices else form.audience.data
    return edit_page(form)


@bp.post("/campaigns/new")
@staff(Role.LEAD)
def add() -> ResponseReturnValue:
    form = campaign_form()
    if not form.validate():
        return edit_page(form), 422
    try:
        campaign_id = services.add_campaign(
            db.session(), form.draft(reader_zone()), user_id=current_user.id, now=clock.now()
        )
    except Invalid as trouble:
        return edit_page(form, trouble.message), 422
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@bp.get(CAMPAIGN)
@staff(Role.VIEWER)
def show(campaign_id: int) -> str:
    campaign = campaign_of(campaign_id)
    survey = db.session().get_one(Survey, campaign.survey_id)
    audience = PeopleFilter.of_json(campaign.audience)
    made = None
    if campaign.state == CampaignState.DRAFT:
        made = preview(
            db.session(),
            survey.id,
            audience,
            at=max(clock.now(), campaign.starts_at or clock.now()),
            window=SendingWindow.of_json(campaign.window),
            vault=current_app.extensions["feedback_vault"],
            zone=workspace_zone(),
        )
    return render_template(
        "campaigns/campaign.html",
        campaign=campaign,
        survey=survey,
        audience=described(db.session(), audience),
        preview=made,
        progress=progress(db.session(), campaign),
        may_change=current_user.role >= Role.LEAD,
        refresh=REFRESH_SECONDS if campaign.state == CampaignState.RUNNING else None,
    )


@bp.get(f"{CAMPAIGN}/edit")
@staff(Role.LEAD)
def edit(campaign_id: int) -> str:
    campaign = campaign_of(campaign_id)
    form = campaign_form(campaign)
    form.show(campaign, reader_zone())
    return edit_page(form, campaign=campaign)


@bp.post(f"{CAMPAIGN}/edit")
@staff(Role.LEAD)
def change(campaign_id: int) -> ResponseReturnValue:
    campaign = campaign_of(campaign_id)
    form = campaign_form(campaign)
    if not form.validate():
        return edit_page(form, campaign=campaign), 422
    draft = form.draft(reader_zone(), PeopleFilter.of_json(campaign.audience))
    try:
        services.change_campaign(db.session(), campaign_id, draft, user_id=current_user.id, now=clock.now())
    except Invalid as trouble:
        return edit_page(form, trouble.message, campaign_of(campaign_id)), 422
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


@bp.post(f"{CAMPAIGN}/start")
@staff(Role.LEAD)
def start(campaign_id: int) -> ResponseReturnValue:
    return done(campaign_id, services.start_campaign, "The campaign has started.")


@bp.post(f"{CAMPAIGN}/pause")
@staff(Role.LEAD)
def pause(campaign_id: int) -> ResponseReturnValue:
    return done(
        campaign_id,
        services.pause_campaign,
        "The campaign is paused.",
        lambda still: STILL_GO_OUT.get(still, f"{still:,} mails are scheduled already and still go out."),
    )


@bp.post(f"{CAMPAIGN}/resume")
@staff(Role.LEAD)
def resume(campaign_id: int) -> ResponseReturnValue:
    return done(campaign_id, services.resume_campaign, "The campaign goes on.")


@bp.post(f"{CAMPAIGN}/stop")
@staff(Role.LEAD)
def stop(campaign_id: int) -> ResponseReturnValue:
    return done(campaign_id, services.stop_campaign, "The campaign is stopped. Nobody else is asked.")


@bp.post(f"{CAMPAIGN}/delete")
@staff(Role.LEAD)
def delete(campaign_id: int) -> ResponseReturnValue:
    services.delete_draft(db.session(), campaign_id, user_id=current_user.id, now=clock.now())
    flash("The draft is deleted.")
    return redirect(url_for("campaigns.index"), 303)


def done(
    campaign_id: int, service: Callable[..., Any], said: str, more: Callable[[Any], str] = lambda _: ""
) -> ResponseReturnValue:
    """Call the service for the campaign, wake a worker, and go back to the page with what was done.

    `more` says what its result means.
    """
    try:
        result = service(db.session(), campaign_id, user_id=current_user.id, now=clock.now())
        flash(f"{said} {more(result)}".strip())
        nudge(feed_campaigns)
    except Invalid as trouble:
        flash(trouble.message, "bad")
    return redirect(url_for("campaigns.show", campaign_id=campaign_id), 303)


def campaign_form(campaign: Campaign | None = None) -> CampaignForm:
    form = CampaignForm(request.form)
    form.offer_surveys(open_surveys())
    kept = described(db.session(), PeopleFilter.of_json(campaign.audience)) if campaign else ""
    form.audience.offer(all_lists(db.session()), all_saved_filters(db.session()), kept)
    return form


def open_surveys() -> list[Survey]:
    return [survey for survey in all_surveys(db.session()) if survey.state != SurveyState.CLOSED]


def campaign_of(campaign_id: int) -> Campaign:
    campaign = db.session().get(Campaign, campaign_id)
    if campaign is None:
        raise NotFound("There is no such campaign. It may have been a draft that was deleted.")
    return campaign


def edit_page(form: CampaignForm, problem: str = "", campaign: Campaign | None = None) -> str:
    return render_template(
        "campaigns/edit.html", form=form, problem=problem, campaign=campaign, zone=reader_zone().key
    )
