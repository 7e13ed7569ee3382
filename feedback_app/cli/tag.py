"""feedback tag: tag what is untagged, everything anew, or lines of JSON."""

import sys

import click


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
    """Tag comments with sentiment: those not yet tagged, or all of them."""
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
    """Tag the database's comments with a progress bar on a terminal."""
    from feedback_app.cli.context import with_database

    @with_database
    def run() -> None:
        from rich.progress import Progress

        from feedback_app.db import db
        from feedback_app.tagging.batches import tag_again, tag_batch, untagged_count

        if everything:
            tag_again(db.session())
        with Progress(disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("Tagging", total=untagged_count(db.session()))
            done = 0
            while batch := tag_batch(db.session()):
                done += batch
                progress.advance(bar, batch)
        click.echo(f"{done} comments tagged.")

    run()
