"""feedback triggers: which helpdesk's events ask which survey."""

import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from feedback_app.cli.context import with_database
from feedback_app.cli.trigger_options import read_conditions, read_delay, read_window

if TYPE_CHECKING:
    from feedback_app.invitations.drafts import TriggerDraft
    from feedback_app.invitations.trying import Tried
    from feedback_app.webhooks.helpdesks.provider import Provider

LATER = (
    "{title} signs with a secret of its own, and the hook refuses everything until it is kept here:\n"
    "  feedback triggers secret {key}"
)


@click.group()
def triggers() -> None:
    """Triggers: which helpdesk's events ask which survey."""


@triggers.command()
@click.argument("source")
@click.argument("survey")
@click.option(
    "--delay",
    callback=read_delay,
    default="24h",
    show_default=True,
    help="How long after the event to ask: 10s, 30m, 24h, 2d.",
)
@click.option(
    "--name", default=None, help="What staff call the new source, or the trigger of one that is there."
)
@click.option(
    "--sample",
    type=click.IntRange(0, 100),
    default=100,
    show_default=True,
    help="Percent of the people to ask.",
)
@click.option("--window", callback=read_window, help='When mail may arrive: "Mon-Fri 09:00-17:00".')
@click.option(
    "--when",
    "conditions",
    multiple=True,
    callback=read_conditions,
    help='Only events with: "tag is vip, gold", "subject does not contain test", "auto_closed is no". Repeatable.',
)
@with_database
def add(source: str, survey: str, name: str | None, delay: timedelta, sample: int, **more: Any) -> None:
    """Ask SURVEY (its slug) after each event of SOURCE; print the hook's URL and, on a second line, its secret.

    SOURCE is the kind of a helpdesk (generic, zendesk), which makes a new source, or the key of a source that is there
    already. A secret that we make is shown here and never again; one that the helpdesk makes is asked for.
    """
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.drafts import TriggerDraft
    from feedback_app.invitations.services import add_trigger, source_named, survey_named
    from feedback_app.webhooks.helpdesks.registry import providers

    links, session = current_app.extensions["feedback_links"], db.session()
    helpdesk = providers().get(source)
    there = None if helpdesk else source_named(session, source)
    given = {"delay": delay, "sample_percent": sample, **more}
    draft = TriggerDraft(survey_named(session, survey), (name or "") if there else "", **given)
    if there is not None:
        kind, key, source_id = there.kind, there.key, there.id
        add_trigger(session, source_id, draft, user_id=None, now=now())
        click.echo(links.hook(kind, key))
    elif helpdesk is not None:
        key, secret = new_source(helpdesk, name, draft)
        click.echo(links.hook(source, key))
        if not helpdesk.makes_its_own_secret:
            click.echo(secret)
        elif not secret:
            click.echo(LATER.format(title=helpdesk.title, key=key), err=True)


def new_source(helpdesk: "Provider", name: str | None, draft: "TriggerDraft") -> tuple[str, str]:
    """Make a source with its trigger; return its key and its secret, empty if the helpdesk's is still to be kept."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.drafts import SourceDraft
    from feedback_app.invitations.services import add_source

    if not helpdesk.makes_its_own_secret:
        secret = helpdesk.new_secret()
    elif sys.stdin.isatty():
        told = f"Signing secret of {helpdesk.title} (Enter: later)"
        secret = click.prompt(told, hide_input=True, default="", show_default=False)
    else:
        secret = ""
    source = SourceDraft(helpdesk.kind, name or helpdesk.title, secret)
    vault = current_app.extensions["feedback_vault"]
    made = add_source(db.session(), source, draft, vault=vault, user_id=None, now=now())
    return made.key, secret


@triggers.command()
@click.argument("key")
@with_database
def secret(key: str) -> None:
    """Keep the signing secret of the source KEY: asked for on a terminal, else read from standard input."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import change_source, source_named

    source_id = source_named(db.session(), key).id
    given = click.prompt("Signing secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    vault = current_app.extensions["feedback_vault"]
    change_source(db.session(), source_id, secret=given, vault=vault, user_id=None, now=now())
    click.echo("The secret is kept.")


@triggers.command()
@click.argument("number", type=int)
@click.option("--cancel", is_flag=True, help="Also cancel what is scheduled and not sent yet.")
@with_database
def pause(number: int, *, cancel: bool) -> None:
    """Let the trigger NUMBER (see: feedback triggers list) match nothing until it is resumed."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import pause_trigger

    cancelled = pause_trigger(db.session(), number, cancels=cancel, user_id=None, now=now())
    click.echo(f"Paused; {cancelled} scheduled invitations cancelled.")


@triggers.command()
@click.argument("number", type=int)
@with_database
def resume(number: int) -> None:
    """Let the trigger NUMBER match again, events from now on."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import resume_trigger

    resume_trigger(db.session(), number, user_id=None, now=now())
    click.echo("On again.")


@triggers.command()
@click.argument("number", type=int)
@click.option("--keep", is_flag=True, help="Send what is scheduled nevertheless.")
@with_database
def delete(number: int, *, keep: bool) -> None:
    """Take the trigger NUMBER away and cancel what it has scheduled; the ledger keeps its outcomes."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import delete_trigger

    cancelled = delete_trigger(db.session(), number, cancels=not keep, user_id=None, now=now())
    click.echo(f"Deleted; {cancelled} scheduled invitations cancelled.")


@triggers.command("list")
@with_database
def list_() -> None:
    """List the triggers, separated by tabs: number, name, source, survey, delay in seconds, state, conditions, URL."""
    from flask import current_app

    from feedback_app.db import db
    from feedback_app.invitations.conditions import of_json
    from feedback_app.invitations.queries import all_triggers

    links = current_app.extensions["feedback_links"]
    for trigger, source, survey in all_triggers(db.session()):
        if trigger.deleted_at is None:
            state = "active" if trigger.active else "paused"
            conditions = "; ".join(one.written() for one in of_json(trigger.conditions)) or "-"
            hook = links.hook(source.kind, source.key)
            facts = (trigger.id, trigger.name or survey.name, source.name, survey.slug, trigger.delay_seconds)
            click.echo("\t".join(map(str, (*facts, state, conditions, hook))))


@triggers.command()
@click.argument("key")
@click.argument("body", type=click.File("rb"), default="-")
@with_database
def test(key: str, body: Any) -> None:
    """Say what would become of a BODY (a file, or standard input) at the source KEY, and why. Nothing is stored."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import source_named
    from feedback_app.invitations.trying import try_event
    from feedback_app.webhooks.helpdesks.provider import Unreadable
    from feedback_app.webhooks.helpdesks.rereading import reread
    from feedback_app.webhooks.trying_views import HEADERS

    session, source = db.session(), source_named(db.session(), key)
    headers = HEADERS.get(source.kind, {})
    try:
        events = reread(source.kind, body.read(), headers, source.settings, received_at=now())
    except Unreadable as error:
        raise click.ClickException(f"We cannot read this: {error}") from error
    zone = current_app.extensions["feedback_settings"].zone
    vault = current_app.extensions["feedback_vault"]
    for event in events:
        show(try_event(session, source.id, event, vault=vault, zone=zone, now=now()))


def show(tried: "Tried") -> None:
    """Print what would become of one event."""
    event = tried.event
    click.echo(f"{event.type} {event.interaction_id} of {event.contact.email or 'nobody we could write to'}")
    if event.kind == "ignored":
        click.echo(f"Nothing for us: {event.reason}")
    elif not tried.trials:
        click.echo("Nobody is asked: the source has no trigger.")
    else:
        for trial in tried.trials:
            verdict = trial.verdict
            if verdict is None:
                told = f"does not match: {trial.why_not}"
            elif verdict.due_at is None:
                told = f"{verdict.outcome.replace('_', ' ')}: {verdict.reason}"
            else:
                due = verdict.due_at.astimezone(tried.whom.zone)
                told = f"would ask on {due:%a %-d %b %Y at %H:%M %Z}. {verdict.reason}".strip()
            click.echo(f"{trial.rule.name}: {told}")


@triggers.command()
@with_database
def unread() -> None:
    """List what could not be read, newest first: number, source, time, problem, separated by tabs."""
    from feedback_app.db import db
    from feedback_app.invitations.overview import unreadable_events

    for event, source in unreadable_events(db.session()):
        click.echo(f"{event.id}\t{source.name}\t{event.received_at:%Y-%m-%d %H:%M} UTC\t{event.problem}")


@triggers.command()
@with_database
def reread() -> None:
    """Read again, after a fix, what could not be read; exit code 1 if something still cannot be."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.jobs import read_events
    from feedback_app.queue import nudge
    from feedback_app.webhooks.replaying import read_all_again

    read, left = read_all_again(db.session(), user_id=None, now=now())
    if read:
        nudge(read_events)
    click.echo(f"{read} read, {left} still cannot be read.")
    if left:
        raise click.exceptions.Exit(1)
