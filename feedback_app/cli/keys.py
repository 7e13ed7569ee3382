"""feedback keys: what programs show instead of a password."""

from datetime import timedelta

import click

from feedback_app.cli.context import with_database
from feedback_app.cli.trigger_options import read_delay


@click.group()
def keys() -> None:
    """API keys: each belongs to one survey and selects it."""


@keys.command()
@click.argument("survey")
@click.option(
    "--scope",
    type=click.Choice(["full", "ingest", "read"]),
    default="full",
    show_default=True,
    help="Everything, send in only, or read only.",
)
@click.option("--name", default="", help="What the program is.")
@click.option(
    "--per-minute",
    type=click.IntRange(0, 1_000_000),
    default=None,
    help="How often it may ask; 0 is no limit. Unless given, as FEEDBACK_API_RATE says.",
)
@with_database
def create(survey: str, scope: str, name: str, per_minute: int | None) -> None:
    """Make a key for SURVEY (its slug) and print it, alone. It is shown here and never again."""
    from feedback_app.api.keys import create_key
    from feedback_app.api.models import Scope
    from feedback_app.clock import now
    from feedback_app.db import db

    click.echo(
        create_key(db.session(), survey, scope=Scope(scope), name=name, per_minute=per_minute, now=now())
    )


@keys.command("list")
@with_database
def list_() -> None:
    """List the keys: id, first letters, survey, scope, last use, end and name, separated by tabs."""
    from feedback_app.api.queries import key_lines
    from feedback_app.clock import now
    from feedback_app.db import db

    for line in key_lines(db.session()):
        used = f"{line.last_used_at:%Y-%m-%dT%H:%MZ}" if line.last_used_at else "never used"
        if not line.is_good(now()):
            end = "ended"
        else:
            end = f"until {line.ends_at:%Y-%m-%dT%H:%MZ}" if line.ends_at else "in use"
        click.echo("\t".join((str(line.id), line.start, line.survey_slug, line.scope, used, end, line.name)))


@keys.command()
@click.argument("key_id", metavar="ID", type=int)
@click.option(
    "--overlap",
    callback=read_delay,
    default="24h",
    show_default=True,
    help="How long the old key stays good: 0h, 24h, 7d; at most 30d.",
)
@with_database
def replace(key_id: int, overlap: timedelta) -> None:
    """Make a key like the one with this ID (see: feedback keys list) and print it, alone."""
    from feedback_app.api.keys import replace_key
    from feedback_app.clock import now
    from feedback_app.db import db

    click.echo(replace_key(db.session(), key_id, overlap=overlap, user_id=None, now=now()))


@keys.command()
@click.argument("key_id", metavar="ID", type=int)
@with_database
def revoke(key_id: int) -> None:
    """Refuse the key with this ID (see: feedback keys list) from now on."""
    from feedback_app.api.keys import revoke_key
    from feedback_app.clock import now
    from feedback_app.db import db

    revoke_key(db.session(), key_id, user_id=None, now=now())
    click.echo("Revoked. Requests with it are refused from now on.")
