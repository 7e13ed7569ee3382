"""feedback people: import them from a file."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from feedback_app.cli.context import with_database

if TYPE_CHECKING:
    from feedback_app.imports.columns import Field, Plan, Sample
    from feedback_app.imports.files import Shape
    from feedback_app.imports.people import PeopleFile, Reject, Tally

SHOWN_REJECTS = 5
ROWS_BETWEEN_LINES = 50_000


@click.group()
def people() -> None:
    """People who can be asked."""


@people.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column is; see the reference."
)
@click.option("--ignore", "ignored", multiple=True, metavar="COLUMN", help="Leave this column out.")
@click.option("--list", "list_name", default="", metavar="NAME", help="Put everybody on this list.")
@click.option(
    "--dates", type=click.Choice(["day", "month"]), help="Which is first in dates such as 03/04/2026."
)
@click.option("--decimals", type=click.Choice([",", "."]), help="The mark before the cents.")
@click.option(
    "--encoding", default=None, help="The file's encoding, if it is found wrongly; for example cp1252."
)
@click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go.")
@click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
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

    rejects = rejects or file.with_suffix(".rejected.csv")
    if rejects.resolve() == file.resolve():
        raise click.UsageError(
            "--rejects is the file itself, which would be overwritten; choose another name."
        )

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
    from feedback_app.imports.columns import LABELS, Field, plan_for
    from feedback_app.imports.values import DateOrder

    changes = {known_column(sample, column): Field.IGNORE for column in ignored}
    for pair in maps:
        column, _, wanted = pair.rpartition("=")
        changes[known_column(sample, column)] = known_field(wanted, LABELS)
    dates = DateOrder(chosen["dates"]) if chosen["dates"] else None
    list_name = " ".join(chosen["list_name"].split())
    return plan_for(sample, changes, dates=dates, decimals=chosen["decimals"], list_name=list_name)


def known_column(sample: "Sample", column: str) -> str:
    if column not in sample.columns:
        raise click.UsageError(f"The file has no column “{column}”; it has: {', '.join(sample.columns)}.")
    return column


def known_field(wanted: str, fields: Iterable["Field"]) -> "Field":
    for field in fields:
        if field == wanted.strip().lower():
            return field
    raise click.UsageError(f"“{wanted}” is no field; there are: {', '.join(fields)}.")


def known_encoding(name: str | None) -> str | None:
    import codecs

    try:
        return codecs.lookup(name).name if name else None
    except LookupError:
        raise click.UsageError(
            f"There is no encoding “{name}”; common ones are utf-8, utf-16 and cp1252."
        ) from None


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


class RejectsWriter:
    """Writes rejected rows to a file that is made with the first of them, and names the first few on stderr."""

    def __init__(self, shape: "Shape", path: Path) -> None:
        from feedback_app.imports.files import RejectsFile

        self._file, self._path = RejectsFile(shape), path
        self._stream: Any = None
        self._written = 0

    def __enter__(self) -> "RejectsWriter":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream:
            self._stream.close()

    def write(self, reject: "Reject") -> None:
        if self._stream is None:
            self._stream = self._path.open("wb")
            self._stream.write(self._file.head())
        self._stream.write(self._file.row(*reject))
        self._written += 1
        if self._written <= SHOWN_REJECTS:
            told = reject.reason.replace("\n", "\n  ")
            click.echo(f"Line {reject.line}: {told}", err=True)
        elif self._written == SHOWN_REJECTS + 1:
            click.echo(f"More of them are in {self._path}.", err=True)


@contextmanager
def progress(rows: int) -> Iterator[Any]:
    """What counts rows done: a bar on a terminal, else a line now and then."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task("Importing", total=rows)
            yield partial(bar.advance, task)
        return
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        if done // ROWS_BETWEEN_LINES > (done - count) // ROWS_BETWEEN_LINES:
            click.echo(f"{done} of {rows} rows", err=True)

    yield advance


def finish(done: "Tally", rejects: Path, *, dry_run: bool) -> None:
    """Say what became of the rows; exits with 1 if none of them fits."""
    from feedback_app.imports.words import summary

    if dry_run:
        fitting = done.rows - done.rejected - done.repeated
        click.echo(f"{done.rows} rows: {fitting} fit, {done.rejected} do not. Nothing was stored.")
    else:
        fitting = done.stored
        click.echo(summary(done))
    if done.rejected or done.erased:
        click.echo(f"Rejected rows, to be mended and imported again: {rejects}")
    if not fitting:
        sys.exit(1)
