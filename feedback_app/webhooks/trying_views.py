"""Trying out: paste what a helpdesk sends, and see what would happen and why. Nothing is stored."""

from dataclasses import replace
from importlib import resources

from flask import render_template, request
from flask.typing import ResponseReturnValue

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.invitations.blueprint import bp, vault, workspace_zone
from feedback_app.invitations.events import ParsedEvent
from feedback_app.invitations.models import Source
from feedback_app.invitations.overview import last_event
from feedback_app.invitations.trying import Tried, try_event
from feedback_app.staff.models import Role
from feedback_app.webhooks.helpdesks.provider import Unreadable
from feedback_app.webhooks.helpdesks.registry import provider
from feedback_app.webhooks.helpdesks.rereading import reread
from feedback_app.webhooks.source_views import SOURCE, the_source
from feedback_app.webhooks.trigger_forms import TryForm

# What a helpdesk says beside the body, where its meaning depends on it.
HEADERS = {"helpscout": {"x-helpscout-event": "convo.status"}}


@bp.get(f"{SOURCE}/try")
@staff(Role.LEAD)
def try_out(source_id: int) -> str:
    """A form for a body: empty, with the helpdesk's sample, or with the last one that came."""
    source = the_source(source_id)
    match request.args.get("use"):
        case "sample":
            body = sample_of(source.kind)
        case "last":
            last = last_event(db.session(), source_id)
            body = last.body.decode("utf-8", "replace") if last else ""
        case _:
            body = ""
    return try_page(source, TryForm(body=body))


@bp.post(f"{SOURCE}/try")
@staff(Role.LEAD)
def show_what_would_happen(source_id: int) -> ResponseReturnValue:
    source, form = the_source(source_id), TryForm(request.form)
    if not form.validate():
        return try_page(source, form), 422
    body = form.body.data.replace("\r\n", "\n")
    try:
        events = understood(source, body)
    except Unreadable as error:
        return try_page(source, form, problem=str(error)), 422
    session, zone = db.session(), workspace_zone()
    tried = [try_event(session, source_id, event, vault=vault(), zone=zone, now=now()) for event in events]
    return try_page(source, form, tried=tried)


def understood(source: Source, body: str) -> list[ParsedEvent]:
    """The events in the body; those of our sample have happened just now, whenever it was written."""
    moment = now().replace(microsecond=0)
    events = reread(
        source.kind, body.encode(), HEADERS.get(source.kind, {}), source.settings, received_at=moment
    )
    if body.strip() == sample_of(source.kind).strip():
        return [replace(event, occurred_at=event.occurred_at and moment) for event in events]
    return events


def sample_of(kind: str) -> str:
    """A body as this kind of helpdesk sends it; empty if we have none."""
    file = resources.files("feedback_app.webhooks") / "samples" / f"{provider(kind).kind}.json"
    return file.read_text() if file.is_file() else ""


def try_page(source: Source, form: TryForm, *, tried: list[Tried] | None = None, problem: str = "") -> str:
    return render_template(
        "triggers/try.html",
        source=source,
        helpdesk=provider(source.kind),
        form=form,
        tried=tried,
        problem=problem,
        has_sample=bool(sample_of(source.kind)),
        last=last_event(db.session(), source.id),
    )
