"""feedback surveys: make and list surveys."""

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
@with_database
def add(metric: str, points: int | None, name: str, brand: str | None) -> None:
    """Make a survey and print the slug of its open link."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.surveys.services import add_survey

    survey = add_survey(
        db.session(), metric_key=metric, points=points, name=name, brand=brand or name, now=now()
    )
    click.echo(survey.slug)


@surveys.command("list")
@with_database
def list_() -> None:
    """List the surveys: slug, metric, state and name."""
    from feedback_app.db import db
    from feedback_app.surveys.queries import all_surveys

    for survey in all_surveys(db.session()):
        click.echo(f"{survey.slug}\t{survey.metric_key}{survey.points}\t{survey.state}\t{survey.name}")
