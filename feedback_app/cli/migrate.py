"""feedback migrate: bring what was kept elsewhere."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from feedback_app.cli.context import with_database

if TYPE_CHECKING:
    from feedback_app.cli.import_files import RejectsWriter
    from feedback_app.imports.delighted.comparing import Month
    from feedback_app.imports.delighted.moving import Done, Move, Step
    from feedback_app.imports.delighted.tables import Source, Table
    from feedback_app.surveys.models import Survey


@click.group()
def migrate() -> None:
    """Move here from another service."""


@migrate.command("delighted")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--survey", "slug", metavar="SLUG", help="The survey that the responses are to; the only one if left out."
)
@click.option(
    "--answers",
    multiple=True,
    metavar="COLUMN",
    help="A column that holds answers to an additional question.",
)
@click.option("--dry-run", is_flag=True, help="Read, check and compare everything, store nothing.")
@with_database
def delighted(files: tuple[Path, ...], slug: str | None, answers: tuple[str, ...], *, dry_run: bool) -> None:
    """Import what was kept of Delighted from FILES: responses, people, unsubscribes and bounces.

    Takes CSV, JSON as the API wrote it, and what Singer, Airbyte, Fivetran and Stitch made of it, in any order: who
    must not be written to comes first. A second time changes nothing. Rows that do not fit go to FILE.rejected.csv with
    line and reason; mend them there and give that file. Exits with 1 if nothing fits.
    """
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.imports.delighted.moving import Move
    from feedback_app.imports.delighted.tables import all_tables

    session = db.session()
    survey = chosen_survey(slug)
    tables = all_tables([source_of(file) for file in files], answers)
    require_columns(tables, answers)
    for table in tables:
        show(table)
    click.echo(f"The responses are to the survey “{survey.name}”.")
    move = Move(session, survey, tables, zone(), now())
    done = run(move, files, dry_run=dry_run)
    finish(move, done, dry_run=dry_run)


def chosen_survey(slug: str | None) -> "Survey":
    """The survey with this slug, or the only one there is."""
    from sqlalchemy import select

    from feedback_app.db import db
    from feedback_app.surveys.models import Survey

    surveys = db.session().scalars(select(Survey).order_by(Survey.name)).all()
    found = [survey for survey in surveys if slug in (None, survey.slug)]
    if len(found) == 1:
        return found[0]
    if not surveys:
        raise click.ClickException(
            "There is no survey yet that the responses could be to. Add one first: feedback surveys add --metric nps "
            "--name NAME."
        )
    named = ", ".join(f"{survey.slug} ({survey.name})" for survey in surveys)
    what = f"There is no survey “{slug}”" if slug else "There are several surveys"
    raise click.UsageError(f"{what}; choose one with --survey: {named}.")


def source_of(file: Path) -> "Source":
    from feedback_app.imports.delighted.tables import Source

    def opened() -> BinaryIO:
        return file.open("rb")

    return Source(file.name, opened)


def require_columns(tables: Sequence["Table"], answers: Sequence[str]) -> None:
    there = {column for table in tables if not table.is_of_people for column in table.columns}
    if missing := [column for column in answers if column not in there]:
        raise click.UsageError(f"No file of responses has the column “{missing[0]}”; nothing was imported.")


def zone() -> Any:
    from flask import current_app

    return current_app.extensions["feedback_settings"].zone


def show(table: "Table") -> None:
    """What was recognised: the kind, and each column with an example."""
    from feedback_app.imports.delighted.words import meaning, recognised

    click.echo(recognised(table))
    width = min(max(map(len, table.columns)), 40)
    for column in table.columns:
        example = next(iter(table.sample.values(column)), "")
        click.echo(
            f"  {column:<{width}}  {meaning(table, column)}{f', e.g. {example[:40]}' if example else ''}"
        )


def run(move: "Move", files: Sequence[Path], *, dry_run: bool) -> "Done":
    """Store all rows, batch by batch; those that do not fit go to a file beside theirs."""
    from flask import current_app

    from feedback_app.cli.import_files import progress
    from feedback_app.clock import now
    from feedback_app.db import db, transaction
    from feedback_app.imports.delighted.moving import Done

    session, vault = db.session(), current_app.extensions["feedback_vault"]
    done = Done()
    with ExitStack() as stack:
        advance = stack.enter_context(progress(move.steps))
        writers = {id(table): stack.enter_context(rejects_of(table, files)) for table in move.tables}
        for step in move.batches():
            if dry_run:
                move.check(session, step, done)
            else:
                with transaction(session):
                    move.store(session, step, done, vault=vault, now=now())
            keep_rejects(step, writers[id(step.table)])
            advance(len(step.rows))
    return done


def rejects_of(table: "Table", files: Sequence[Path]) -> "RejectsWriter":
    """Writes beside the file; a file with several kinds of things gets one for each."""
    from feedback_app.cli.import_files import RejectsWriter
    from feedback_app.imports.files import Shape

    file = next(file for file in files if file.name == table.source.name)
    stem = file.name.removesuffix(file.suffix).removesuffix(f".{table.kind}.rejected")
    return RejectsWriter(
        Shape("utf-8", ",", table.columns), file.with_name(f"{stem}.{table.kind}.rejected.csv")
    )


def keep_rejects(step: "Step", writer: "RejectsWriter") -> None:
    for reject in step.rejects:
        writer.write(reject)


def finish(move: "Move", done: "Done", *, dry_run: bool) -> None:
    """Say what became of the rows and how both sides compare; exits with 1 if no row fits."""
    from flask import current_app

    from feedback_app.db import db, transaction
    from feedback_app.imports.delighted.comparing import compare
    from feedback_app.imports.delighted.moving import lift_overall_limit
    from feedback_app.imports.delighted.words import LIMIT_CHOSEN, LIMIT_LIFTED, summaries
    from feedback_app.queue import nudge
    from feedback_app.tagging.jobs import tag_new_comments

    session = db.session()
    if dry_run:
        fitting = done.rows - done.rejected
        click.echo(f"{done.rows:,} rows: {fitting:,} fit, {done.rejected:,} do not. Nothing was stored.")
    else:
        fitting = done.fitting
        for line in summaries(done):
            click.echo(line)
        with transaction(session):
            is_lifted = lift_overall_limit(session)
        click.echo(LIMIT_LIFTED if is_lifted else LIMIT_CHOSEN)
        nudge(tag_new_comments)
        vault = current_app.extensions["feedback_vault"]
        show_months(compare(session, move.notebook, move.target, move.metric, vault=vault))
    move.notebook.close()
    if not fitting:
        sys.exit(1)


def show_months(months: Sequence["Month"]) -> None:
    """The reconciliation as a table."""
    from feedback_app.imports.delighted.words import score_text, verdict

    if months:
        click.echo(f"{'Month':<8} {'in files':>9} {'stored':>9} {'score there':>12} {'score here':>11}")
    for month in months:
        scores = f"{score_text(month.score_in_file):>12} {score_text(month.score_stored):>11}"
        said = month.explanation or ("equal" if month.is_equal else "differs")
        click.echo(f"{month.month:<8} {month.in_file:>9,} {month.stored:>9,} {scores}  {said}")
    click.echo(verdict(months))
