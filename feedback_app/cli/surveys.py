"""feedback surveys: make and list surveys, let them rest and open them again."""

from typing import Any

import click

from feedback_app.cli.context import with_database


@click.group()
def surveys() -> None:
    """Surveys."""


@surveys.command()
@click.option("--metric", required=True, help="nps, enps, ces, csat, stars, smileys, thumbs or pmf.")
@click.option(
    "--points",
    type=int,
    default=None,
    help="How many points the scale has, where there is a choice (ces 7 or 5, csat 5 or 3).",
)
@click.option("--name", required=True, help="What staff call it.")
@click.option(
    "--brand",
    default=None,
    help="The company or product that the question names; the name of the survey unless given.",
)
@click.option(
    "--about",
    type=click.Choice(["brand", "support"]),
    default="brand",
    show_default=True,
    help="What the standard wording asks about: the brand, or the help with a support case.",
)
@click.option(
    "--throttle-days",
    type=click.IntRange(min=0),
    default=30,
    show_default=True,
    help="Nobody gets it twice within these days.",
)
@click.option(
    "--reminder-days",
    type=click.IntRange(min=1),
    default=None,
    help="Remind once, after so many days without an answer; no reminder unless given.",
)
@with_database
def add(metric: str, points: int | None, name: str, brand: str | None, **rules: Any) -> None:
    """Make a survey and print the slug of its open link."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.surveys.services import add_survey

    survey = add_survey(
        db.session(), metric_key=metric, points=points, name=name, brand=brand or name, now=now(), **rules
    )
    click.echo(survey.slug)


@surveys.command()
@click.argument("slug")
@with_database
def pause(slug: str) -> None:
    """Let the mail of the survey SLUG wait; links in mails already sent still take answers."""
    from feedback_app.surveys.services import pause_survey

    move(slug, pause_survey, "is paused; its mail waits.")


@surveys.command()
@click.argument("slug")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_database
def close(slug: str, yes: bool) -> None:
    """Take no more answers to the survey SLUG; invitations that wait are cancelled when they come due."""
    from feedback_app.surveys.services import close_survey

    if not yes:
        click.confirm(
            f"Close {slug}? Its links stop taking answers, and waiting mail is cancelled.", abort=True
        )
    move(slug, close_survey, "is closed; its waiting mail is cancelled when it comes due.")


@surveys.command()
@click.argument("slug")
@with_database
def reopen(slug: str) -> None:
    """Open the survey SLUG again after a pause, or after it was closed."""
    from feedback_app.surveys.services import reopen_survey

    move(slug, reopen_survey, "is open.")


def move(slug: str, step: Any, became: str) -> None:
    """Take the step with the survey of the slug and say what it became; raises NotFound."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.errors import NotFound
    from feedback_app.surveys.queries import survey_by_slug

    survey = survey_by_slug(db.session(), slug)
    if survey is None:
        raise NotFound(
            f"No survey has the address '{slug}', so nothing was changed. See: feedback surveys list"
        )
    step(db.session(), survey.id, now=now())
    click.echo(f"{slug} {became}")


@surveys.command("list")
@with_database
def list_() -> None:
    """List the surveys: slug, metric, state and name."""
    from feedback_app.db import db
    from feedback_app.surveys.queries import all_surveys

    for survey in all_surveys(db.session()):
        click.echo(f"{survey.slug}\t{survey.metric_key}{survey.points}\t{survey.state}\t{survey.name}")
