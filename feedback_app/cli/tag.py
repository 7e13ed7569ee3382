"""feedback tag: tag what is untagged, everything anew, or lines of JSON."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedback_app.tagging.batches import Tally


@click.command()
@click.option(
    "--jsonl",
    is_flag=True,
    help='Filter: lines {"text": ...} in, lines {"label", "polarity", ...} out. Needs no database.',
)
@click.option(
    "--all", "everything", is_flag=True, help="Tag every comment again, for example after a new version."
)
@click.option("--tagger", "name", default=None, metavar="NAME", help="With --jsonl: the tagger to use.")
def tag(jsonl: bool, everything: bool, name: str | None) -> None:
    """Tag comments with sentiment: those not yet tagged, or all of them.

    Ctrl-C stops after the batch that is being read; what has been tagged stays.
    """
    if name and not jsonl:
        raise click.UsageError(
            "--tagger goes with --jsonl; the database is read by the tagger that is set for all."
        )
    if jsonl and everything:
        raise click.UsageError("--all is about the database and --jsonl needs none; choose one of them.")
    if jsonl:
        from feedback_app.sentiment.filter import run_filter
        from feedback_app.sentiment.registry import DEFAULT

        sys.exit(run_filter(sys.stdin.buffer, sys.stdout, sys.stderr, name or DEFAULT))
    tag_database(everything=everything)


def tag_database(*, everything: bool) -> None:
    """Tag the database's comments with a progress bar on a terminal, and say what it came to."""
    from feedback_app.cli.context import with_database

    @with_database
    def run() -> None:
        from rich.progress import Progress

        from feedback_app.db import db
        from feedback_app.tagging.batches import Tally, tag_again, tag_batch, untagged_count

        tally, done = Tally(), 0
        with interruptible() as is_interrupted:
            if everything:
                tag_again(db.session())
            total = untagged_count(db.session())
            with Progress(disable=not sys.stderr.isatty()) as progress:
                bar = progress.add_task("Tagging", total=total)
                while not is_interrupted.is_set() and (batch := tag_batch(db.session(), tally=tally)):
                    done += batch
                    progress.advance(bar, batch)
        click.echo(result(done, tally, everything=everything))
        left = untagged_count(db.session())
        if is_interrupted.is_set() and left:
            raise click.ClickException(
                f"Stopped: {left:,} comments are still to be read and keep the tag that they have. "
                "A worker goes on with them, or `feedback tag` does."
            )
        if left and not done:
            raise click.ClickException(
                f"{left:,} comments are still to be read: a worker has them, their turn comes again in some "
                "minutes after a failure, or the tagger did not start, and then the reason stands above."
            )
        if left:
            click.echo(f"{left:,} more are being read by a worker, or are tried again in some minutes.")

    run()


def result(done: int, tally: "Tally", *, everything: bool) -> str:
    """What the command came to, in one sentence.

    >>> from feedback_app.tagging.batches import Tally
    >>> result(1200, Tally(changed=31, kept=1), everything=True)
    '1,200 comments tagged; 31 have another sentiment than before, 1 keeps the one that a person gave it.'
    """
    said = f"{done:,} {'comment' if done == 1 else 'comments'} tagged"
    if not everything or not done:
        return f"{said}."
    parts = [f"{tally.changed:,} {'has' if tally.changed == 1 else 'have'} another sentiment than before"]
    if tally.kept:
        keeps = ("keeps", "it") if tally.kept == 1 else ("keep", "them")
        parts.append(f"{tally.kept:,} {keeps[0]} the one that a person gave {keeps[1]}")
    if tally.failed:
        parts.append(f"{tally.failed:,} could not be read")
    return f"{said}; {', '.join(parts)}."


@contextmanager
def interruptible() -> Iterator[Event]:
    """Lets Ctrl-C set the event instead of raising; a second one raises as ever."""
    is_interrupted = Event()

    def note(_number: int, _frame: object) -> None:
        is_interrupted.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield is_interrupted
    finally:
        signal.signal(signal.SIGINT, before)
