"""feedback responses: export them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, TextIO

import click

from feedback_app.cli.context import with_database

if TYPE_CHECKING:
    from feedback_app.responses.listing import ResponseFilter

DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group()
def responses() -> None:
    """What people answered."""


@responses.command()
@click.option(
    "--format",
    "kind",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="Of the lines.",
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
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="A file.")
@with_database
def export(
    kind: str,
    slug: str | None,
    since: datetime | None,
    until: datetime | None,
    unconfirmed: bool,
    with_personal_data: bool,
    output: TextIO,
) -> None:
    """Write the confirmed responses of a survey, oldest first, to standard output or a file.

    Who answered stands in it; personal data in what they wrote are masked, unless told otherwise.

    The same lines as GET /v1/survey_responses.csv gives; jsonl has a response of the API in each line.
    """
    from feedback_app.api.v1.exports import responses_csv, responses_jsonl

    wanted = chosen(slug, since, until, unconfirmed)
    if with_personal_data:
        note_export_in_full(wanted)
    write = responses_csv if kind == "csv" else responses_jsonl
    lines: Iterator[str] = write(wanted, masks=not with_personal_data)
    for piece in lines:
        output.write(piece)


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
