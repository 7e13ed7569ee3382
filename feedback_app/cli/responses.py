"""feedback responses: export them, and import old ones."""

import shutil
import sys
import tempfile
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from feedback_app.cli.context import with_database
from feedback_app.cli.past_responses import import_

if TYPE_CHECKING:
    from feedback_app.responses.listing import ResponseFilter

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def responses() -> None:
    """What people answered."""


responses.add_command(import_)


@responses.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl", "xlsx"]),
    default="csv",
    show_default=True,
    help="Lines of text, or a workbook for Excel.",
)
@click.option("--survey", "slug", metavar="SLUG", help="Which survey; needed if there are several.")
@click.option("--since", type=DAY, metavar="YYYY-MM-DD", help="The first day, in the workspace's time zone.")
@click.option("--until", type=DAY, metavar="YYYY-MM-DD", help="The last day.")
@click.option("--unconfirmed", is_flag=True, help="Also answers without a sign of a human.")
@click.option(
    "--with-personal-data",
    is_flag=True,
    help="Comments and notes in full; without it, addresses, numbers and names in them are masked.",
)
@click.option("--output", default="-", metavar="FILE", help="Where to; standard output without it.")
@with_database
def export(
    kind: str,
    slug: str | None,
    since: datetime | None,
    until: datetime | None,
    unconfirmed: bool,
    with_personal_data: bool,
    output: str,
) -> None:
    """Write the confirmed responses of a survey, oldest first, to standard output or a file.

    Who answered stands in it; personal data in what they wrote are masked, unless told otherwise.

    The same columns as GET /v1/survey_responses.csv gives; jsonl has a response of the API in each line.
    """
    from feedback_app.api.v1.exports import responses_csv, responses_jsonl

    if kind == "xlsx" and output == "-" and sys.stdout.isatty():
        raise click.ClickException(
            "A workbook is no text for a terminal, so nothing was written. Name a file with --output."
        )
    wanted = chosen(slug, since, until, unconfirmed)
    if with_personal_data:
        note_export_in_full(wanted)
    with click.open_file(output, "wb", lazy=True) as file:
        if kind == "xlsx":
            write_workbook(wanted, file, masks=not with_personal_data)
            return
        write = responses_csv if kind == "csv" else responses_jsonl
        for piece in write(wanted, masks=not with_personal_data):
            file.write(piece.encode())


def write_workbook(wanted: "ResponseFilter", output: IO[bytes], *, masks: bool) -> None:
    """Make the workbook in a folder that nobody else reads, then hand it over whole."""
    from xlsxwriter.exceptions import XlsxFileError

    from feedback_app.api.v1.workbooks import responses_xlsx
    from feedback_app.workbook import LONGEST_TEXT

    with tempfile.TemporaryDirectory(prefix="feedback-export-") as folder:
        path = Path(folder, "responses.xlsx")
        try:
            cut = responses_xlsx(wanted, path, masks=masks)
        except (OSError, XlsxFileError) as error:
            raise click.ClickException(
                f"The workbook could not be made in {folder} ({error}), so no file was written. "
                "It needs room for itself; TMPDIR names another folder."
            ) from error
        with path.open("rb") as made:
            shutil.copyfileobj(made, output)
    if cut:
        click.echo(
            f"Texts cut to the {LONGEST_TEXT:,} characters that a cell can hold: {cut}. "
            "The csv and jsonl formats have them whole.",
            err=True,
        )


def note_export_in_full(wanted: "ResponseFilter") -> None:
    """Leave in the audit trail that comments left the house as they are."""
    from feedback_app.clock import now
    from feedback_app.db import db, transaction
    from feedback_app.staff.services import record_audit

    with transaction(db.session()) as session:
        detail = {"with_personal_data": True}
        record_audit(session, None, "responses.exported", "survey", wanted.survey_id, detail, now())


def chosen(
    slug: str | None, since: datetime | None, until: datetime | None, unconfirmed: bool
) -> "ResponseFilter":
    """The filter that the options name."""
    from feedback_app.responses.listing import CONFIRMED_ONLY, ResponseFilter
    from feedback_app.responses.models import ResponseState

    return ResponseFilter(
        survey_id=survey_id_of(slug),
        states=tuple(ResponseState) if unconfirmed else CONFIRMED_ONLY,
        since=begin_of(since.date()) if since else None,
        until=begin_of(until.date() + timedelta(days=1)) if until else None,
    )


def survey_id_of(slug: str | None) -> int:
    """The survey of that slug, or the only one."""
    from feedback_app.db import db
    from feedback_app.surveys.queries import all_surveys

    surveys = {survey.slug: survey.id for survey in all_surveys(db.session())}
    db.session.rollback()
    if slug is None and len(surveys) == 1:
        return next(iter(surveys.values()))
    if slug not in surveys:
        named = "Name one with --survey" if slug is None else f"There is no survey '{slug[:64]}'"
        raise click.ClickException(
            f"{named}; there are: {', '.join(surveys) or 'none yet'}. Nothing was written."
        )
    return surveys[slug]


def begin_of(day: date) -> datetime:
    from flask import current_app

    zone = current_app.extensions["feedback_settings"].zone
    return datetime.combine(day, time.min, zone).astimezone(UTC)
