"""feedback responses import: old responses out of a file of any survey tool."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
    from feedback_app.imports.answers.columns import Plan
    from feedback_app.imports.answers.reading import ResponsesFile
    from feedback_app.imports.answers.storing import Incoming
    from feedback_app.imports.columns import Field, Sample
    from feedback_app.imports.people import Tally

LONGEST_EXAMPLE = 40
NAMELESS = "No column is the e-mail address, so nobody is named by it; --map “COLUMN=email” names one."


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--survey", "slug", metavar="SLUG", help="The survey that all of them are to, whatever they say."
)
@column_options
@dates_option
@file_options
@with_database
def import_(
    file: Path,
    slug: str | None,
    maps: tuple[str, ...],
    ignored: tuple[str, ...],
    rejects: Path | None,
    dry_run: bool,
    **chosen: Any,
) -> None:
    """Import old responses of any survey tool from FILE: CSV with headings, a JSON list, or JSON lines.

    Nobody gets mail of it and no webhook is called. A second time changes nothing. Rows that do not fit go to
    FILE.rejected.csv with line and reason; mend them there and import that file. Exits with 1 if nothing fits.
    """
    from feedback_app.imports.answers.columns import problems
    from feedback_app.imports.answers.reading import ResponsesFile
    from feedback_app.imports.delighted.tables import Source
    from feedback_app.imports.values import DateOrder

    rejects = rejects_of(file, rejects)
    read = ResponsesFile.scanned(
        Source(file.name, lambda: file.open("rb")), known_encoding(chosen["encoding"])
    )
    dates = DateOrder(chosen["dates"]) if chosen["dates"] else None
    plan = read.planned(changed(read.sample, maps, ignored, slug), dates)
    show(read)
    if found := problems(plan, read.sample):
        raise click.ClickException(f"{' '.join(found)} Nothing was imported.")
    with closing(incoming(read, plan, slug)) as rows:
        finish(run(read, rows, rejects, dry_run=dry_run), rejects, dry_run=dry_run)


def changed(
    sample: "Sample", maps: Sequence[str], ignored: Sequence[str], slug: str | None
) -> dict[str, "Field"]:
    """What the options say of columns; a survey that is named for all rows makes the column of surveys idle."""
    from feedback_app.imports.answers.columns import MEANINGS, plan_for
    from feedback_app.imports.columns import Field

    changes = changes_by_hand(sample, maps, ignored, MEANINGS)
    idle = plan_for(sample, changes).column_of(Field.SURVEY) if slug else None
    return changes | {idle: Field.IGNORE} if idle else changes


def show(file: "ResponsesFile") -> None:
    """What each column was taken for, with an example."""
    from feedback_app.imports.answers.columns import MEANINGS
    from feedback_app.imports.columns import Field
    from feedback_app.imports.delighted.words import recognised

    click.echo(recognised(file))
    width = min(max(map(len, file.columns)), LONGEST_EXAMPLE)
    for column in file.columns:
        value = " ".join(next(iter(file.sample.values(column)), "").split())
        example = f", e.g. {value[:LONGEST_EXAMPLE]}" if value else ""
        click.echo(f"  {column:<{width}}  {MEANINGS[file.meaning[column]]}{example}")
    if file.column_of(Field.EMAIL) is None:
        click.echo(NAMELESS)


def incoming(file: "ResponsesFile", plan: "Plan", slug: str | None) -> "Incoming":
    """The file's rows with the survey of each: the one that is named, else the one that the row says."""
    from feedback_app.cli.migrate import chosen_survey, zone
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.imports.answers.storing import Incoming, target_of, targets_by_name
    from feedback_app.imports.columns import Field
    from feedback_app.imports.delighted.moving import require_same_type
    from feedback_app.surveys.queries import all_surveys

    if plan.column_of(Field.SURVEY):
        targets = targets_by_name(all_surveys(db.session()), zone())
        return Incoming(file, targets, None, plan.zone(zone()), now=now())
    survey = chosen_survey(slug)
    require_same_type(survey, [file])
    click.echo(f"The responses are to the survey “{survey.name}”.")
    return Incoming(file, {}, target_of(survey, zone()), plan.zone(zone()), now=now())


def run(file: "ResponsesFile", rows: "Incoming", rejects: Path, *, dry_run: bool) -> "Tally":
    """Import all rows; those that do not fit go to the file `rejects`, which is made when there is one."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db, transaction
    from feedback_app.imports.files import Shape
    from feedback_app.imports.people import Tally
    from feedback_app.imports.words import people_who_came
    from feedback_app.queue import nudge
    from feedback_app.tagging.jobs import tag_new_comments

    session, vault = db.session(), current_app.extensions["feedback_vault"]
    done, people = Tally(), 0
    with (
        progress(file.rows) as advance,
        RejectsWriter(Shape("utf-8", ",", file.columns), rejects) as writer,
    ):
        for batch in rows.batches():
            if not dry_run:
                with transaction(session):
                    rows.store(session, batch, vault=vault, now=now())
            done += batch.tally
            people += batch.people_added
            for reject in batch.rejects:
                writer.write(reject)
            advance(batch.tally.rows)
    if people:
        click.echo(people_who_came(people))
    if not dry_run:
        nudge(tag_new_comments)
    return done
