"""feedback redact: take personal data out of what customers and staff wrote, for good."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

import click

from feedback_app.cli.context import with_database
from feedback_app.privacy.found import Kind

if TYPE_CHECKING:
    from feedback_app.directory.redacting import Scope, Tally

DAY = click.DateTime(formats=["%Y-%m-%d"])
QUESTION = (
    "Personal data in comments, notes, support cases and their history are replaced by placeholders, for everybody "
    "and for good.\nKeep a backup only as long as you must: it still has them. Begin?"
)


@click.command()
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in Kind]),
    help="Only this kind; may be given several times. Unless given, all of them.",
)
@click.option(
    "--since", type=DAY, metavar="YYYY-MM-DD", help="Only what came in or was changed since this day."
)
@click.option("--dry-run", is_flag=True, help="Say what would be replaced; nothing is changed.")
@click.option("--full", is_flag=True, help="PostgreSQL: rewrite the tables, which nobody can use meanwhile.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def redact(kinds: tuple[str, ...], since: datetime | None, dry_run: bool, full: bool, yes: bool) -> None:
    """Take personal data out of what customers and staff wrote, in every table, the search index and history.

    Who a row is about stays: people, addresses, whose support case it was. It may be stopped, and goes on when called
    again. The comments that change are tagged anew; what colleagues said of them stays.
    """
    from feedback_app.cli.responses import begin_of
    from feedback_app.directory.redacting import Scope, look_for, waiting_files

    scope = Scope(
        tuple(Kind(kind) for kind in kinds) or tuple(Kind), begin_of(since.date()) if since else None
    )
    if dry_run:
        with progress(scope) as advance:
            tally = look_for(scope, advance=advance)
        tell(tally, "would be replaced; nothing was changed")
        return
    if not yes and not click.confirm(QUESTION, err=True):
        click.echo("Nothing was changed.", err=True)
        sys.exit(1)
    tell(take_out(scope, full=full), "replaced")
    if waiting := waiting_files():
        click.echo(
            f"{waiting} uploaded files are not imported yet and were left; call this again afterwards."
        )


def take_out(scope: "Scope", *, full: bool) -> "Tally":
    """Redact, have what changed tagged anew, and write the database's files without what is gone."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.directory.purging import purge
    from feedback_app.directory.redacting import redact as redact_all
    from feedback_app.queue import nudge
    from feedback_app.responses.news import TAGGING

    with progress(scope) as advance:
        tally = redact_all(db.session(), scope, now=now(), advance=advance)
    nudge(TAGGING)
    db.session.remove()
    if not purge(db.engine, full=full):
        click.echo(
            "Others were using the database, so its log could not be emptied; call this again.", err=True
        )
    return tally


@contextmanager
def progress(scope: "Scope") -> Iterator[Callable[[int], None]]:
    """What counts rows read: a bar on a terminal, nothing else."""
    from rich.console import Console
    from rich.progress import Progress

    from feedback_app.directory.redacting import count_rows

    is_shown = sys.stderr.isatty()
    with Progress(console=Console(stderr=True), disable=not is_shown) as bar:
        task = bar.add_task("Reading", total=count_rows(scope) if is_shown else None)
        yield lambda rows: bar.advance(task, rows)


def tell(tally: "Tally", what: str) -> None:
    """How many stretches of which kind in which table, never the data."""
    for (table, kind), count in sorted(tally.items()):
        click.echo(f"{table}\t{kind}\t{count}")
    click.echo(f"{tally.total()} stretches {what}.")
