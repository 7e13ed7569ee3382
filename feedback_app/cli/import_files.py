"""What the commands have in common that import a file: options, what they say of columns, progress, rejected rows."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from feedback_app.imports.columns import Field, Sample
    from feedback_app.imports.files import Shape
    from feedback_app.imports.people import Reject, Tally

Command = TypeVar("Command", bound=Callable[..., Any])

SHOWN_REJECTS = 5
ROWS_BETWEEN_LINES = 50_000

dates_option = click.option(
    "--dates", type=click.Choice(["day", "month"]), help="Which is first in dates such as 03/04/2026."
)


def column_options(command: Command) -> Command:
    """--map and --ignore, for `changes_by_hand`."""
    ignore = click.option(
        "--ignore", "ignored", multiple=True, metavar="COLUMN", help="Leave this column out."
    )
    maps = click.option(
        "--map", "maps", multiple=True, metavar="COLUMN=FIELD", help="What a column is; see the reference."
    )
    return maps(ignore(command))


def file_options(command: Command) -> Command:
    """--encoding, for `known_encoding`, --rejects, for `rejects_of`, and --dry-run."""
    encoding = click.option(
        "--encoding", default=None, help="The file's encoding, if it is found wrongly; for example cp1252."
    )
    rejects = click.option(
        "--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Where rejected rows go."
    )
    dry_run = click.option("--dry-run", is_flag=True, help="Read and check everything, store nothing.")
    return encoding(rejects(dry_run(command)))


def rejects_of(file: Path, chosen: Path | None) -> Path:
    """Where the rejected rows of a file go: beside it, unless another file was chosen."""
    rejects = chosen or file.with_suffix(".rejected.csv")
    if rejects.resolve() == file.resolve():
        raise click.UsageError(
            "--rejects is the file itself, which would be overwritten; choose another name."
        )
    return rejects


def changes_by_hand(
    sample: "Sample", maps: Sequence[str], ignored: Sequence[str], fields: Iterable["Field"]
) -> dict[str, "Field"]:
    """What --map and --ignore make of columns; `fields`: those that a column can be."""
    from feedback_app.imports.columns import Field

    changes = {known_column(sample, column): Field.IGNORE for column in ignored}
    for pair in maps:
        column, _, wanted = pair.rpartition("=")
        changes[known_column(sample, column)] = known_field(wanted, fields)
    return changes


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
