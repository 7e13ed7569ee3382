"""feedback triggers: which helpdesk's events ask which survey."""

import re
import sys
from datetime import timedelta

import click

from feedback_app.cli.context import with_database

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_delay(_ctx: click.Context, _param: click.Parameter, value: str) -> timedelta:
    """A span such as 10s, 30m, 24h or 2d."""
    parts = re.fullmatch(r"(\d{1,7})([smhd])", value.strip())
    if parts is None:
        raise click.BadParameter(f"'{value}' is not a delay; write it like 10s, 30m, 24h or 2d.")
    return timedelta(**{UNITS[parts[2]]: int(parts[1])})


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
@click.option("--name", default=None, help="What staff call the new source.")
@with_database
def add(source: str, survey: str, delay: timedelta, name: str | None) -> None:
    """Ask SURVEY (its slug) after each event of SOURCE; print the hook's URL and, on a second line, its secret.

    SOURCE is the kind of a helpdesk (generic, zendesk), which makes a new source, or the key of a source that is there
    already. The secret of a new source is shown here and never again.
    """
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.invitations.services import add_source_with_trigger, add_trigger
    from feedback_app.webhooks.helpdesks.registry import providers

    links = current_app.extensions["feedback_links"]
    helpdesk = providers().get(source)
    if helpdesk is None:
        made = add_trigger(db.session(), source, survey, delay=delay, now=now())
        click.echo(links.hook(made.kind, made.key))
        return
    made = add_source_with_trigger(
        db.session(),
        source,
        survey,
        name=name or helpdesk.title,
        secret=helpdesk.new_secret(),
        delay=delay,
        vault=current_app.extensions["feedback_vault"],
        now=now(),
    )
    click.echo(links.hook(made.kind, made.key))
    click.echo(made.secret)
    if helpdesk.makes_its_own_secret:
        click.echo(
            f"{helpdesk.title} signs with a secret of its own: copy it from there and keep it here with\n"
            f"  feedback triggers secret {made.key}",
            err=True,
        )


@triggers.command()
@click.argument("key")
@with_database
def secret(key: str) -> None:
    """Keep the signing secret of the source KEY: asked for on a terminal, else read from standard input."""
    from flask import current_app

    from feedback_app.db import db
    from feedback_app.invitations.services import set_source_secret

    given = click.prompt("Signing secret", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    set_source_secret(db.session(), key, given, vault=current_app.extensions["feedback_vault"])
    click.echo("The secret is kept.")


@triggers.command("list")
@with_database
def list_() -> None:
    """List the triggers: source, survey, delay in seconds, state and the hook's URL, separated by tabs."""
    from flask import current_app

    from feedback_app.db import db
    from feedback_app.invitations.queries import all_triggers

    links = current_app.extensions["feedback_links"]
    for trigger, source, survey in all_triggers(db.session()):
        state = "active" if trigger.active else "off"
        url = links.hook(source.kind, source.key)
        click.echo(f"{source.name}\t{survey.slug}\t{trigger.delay_seconds}\t{state}\t{url}")
