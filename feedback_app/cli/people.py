"""feedback people: import them from a file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from feedback_app.cli.context import with_database
from feedback_app.cli.import_files import (
    RejectsWriter,
    changes_by_hand,
    column_options,
    dates_option,
    file_options,
    finish,
    known_encoding,
    progress,
    rejects_of,
)

if TYPE_CHECKING:
    from feedback_app.imports.columns import Plan, Sample
    from feedback_app.imports.files import Shape
    from feedback_app.imports.people import PeopleFile, Tally


@click.group()
def people() -> None:
    """People who can be asked."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@column_options
@click.option("--list", "list_name", default="", metavar="NAME", help="Put everybody on this list.")
@dates_option
@click.option("--decimals", type=click.Choice([",", "."]), help="The mark before the cents.")
@file_options
@with_database
def import_(
    file: Path,
    maps: tuple[str, ...],
    ignored: tuple[str, ...],
    rejects: Path | None,
    dry_run: bool,
    **chosen: Any,
) -> None:
    """Import people and their companies from FILE, a CSV with headings.

    A second time changes nothing. Rows that do not fit go to FILE.rejected.csv with line and reason; mend them
    there and import that file. Exits with 1 if nothing went in.
    """
    from feedback_app.db import db
    from feedback_app.imports.columns import problems
    from feedback_app.imports.files import look_at
    from feedback_app.imports.people import PeopleFile, sample_of

    rejects = rejects_of(file, rejects)

    def opened() -> BinaryIO:
        return file.open("rb")

    shape = look_at(opened, known_encoding(chosen.pop("encoding")))
    sample = sample_of(opened, shape)
    plan = planned(sample, maps, ignored, chosen)
    show_columns(shape, plan)
    if found := problems(plan, sample):
        raise click.ClickException(f"{' '.join(found)} Nothing was imported; --map and --ignore change it.")
    people_file = PeopleFile.scanned(db.session(), opened, shape, plan)
    finish(run(people_file, rejects, dry_run=dry_run), rejects, dry_run=dry_run)


def planned(
    sample: "Sample", maps: tuple[str, ...], ignored: tuple[str, ...], chosen: dict[str, Any]
) -> "Plan":
    """The plan, with what the options say."""
    from feedback_app.imports.columns import LABELS, plan_for
    from feedback_app.imports.values import DateOrder

    changes = changes_by_hand(sample, maps, ignored, LABELS)
    dates = DateOrder(chosen["dates"]) if chosen["dates"] else None
    list_name = " ".join(chosen["list_name"].split())
    return plan_for(sample, changes, dates=dates, decimals=chosen["decimals"], list_name=list_name)


def show_columns(shape: "Shape", plan: "Plan") -> None:
    """What each column was matched with."""
    from feedback_app.imports.columns import LABELS

    width = max(map(len, shape.columns))
    for column in shape.columns:
        click.echo(f"  {column:<{width}}  {LABELS[plan.meaning[column]]}")


def run(file: "PeopleFile", rejects: Path, *, dry_run: bool) -> "Tally":
    """Import all rows; those that do not fit go to the file `rejects`, which is made when there is one."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db, transaction
    from feedback_app.imports.people import Tally, store

    session, vault = db.session(), current_app.extensions["feedback_vault"]
    done = Tally()
    with progress(file.rows) as advance, RejectsWriter(file.shape, rejects) as writer:
        for batch in file.batches():
            if dry_run:
                done += batch.tally
            else:
                with transaction(session):
                    tally = store(session, batch, file.plan, vault=vault, now=now())
                done += tally
            for reject in batch.rejects:
                writer.write(reject)
            advance(batch.tally.rows)
    return done
