"""feedback demo: the whole loop on one machine, with a sample company."""

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from feedback_app.cli.processes import Family, refuse_a_taken_address
from feedback_app.config import base_url_left

if TYPE_CHECKING:
    from flask import Flask


@click.command()
@click.option(
    "--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port on 127.0.0.1."
)
def demo(port: int) -> None:
    """Start everything with a sample company, and print what to click.

    The first start makes the data; later ones keep them. End it with Ctrl-C.
    """
    bind, other = f"127.0.0.1:{port}", port + 1
    refuse_a_taken_address(bind, f"Choose another: make run PORT={other}, or feedback demo --port {other}")
    os.environ.setdefault("FEEDBACK_BASE_URL", f"http://127.0.0.1:{port}")
    os.environ.setdefault("FEEDBACK_DEMO", "1")
    app = prepared_app()
    with app.app_context():
        from feedback_app.db import db

        text = welcome(gather_links(app))
        db.session.remove()
        db.engine.dispose()
    family = Family()
    with base_url_left(app.extensions["feedback_settings"]):
        family.start("web server", ["serve", "--no-worker", "--bind", bind])
        family.start("worker", ["worker"], is_restarted=True)
        if family.is_up("web server", bind):
            click.echo(text)
        sys.exit(family.wait())


def prepared_app() -> "Flask":
    """The application over a migrated database that holds the sample company."""
    from flask_migrate import upgrade
    from rich.console import Console
    from rich.progress import Progress

    from feedback_app.app import create_app
    from feedback_app.config import read_settings
    from feedback_app.db import db
    from feedback_app.demo.seed import is_seeded, seed

    settings = read_settings()
    app = create_app(settings)
    click.echo(f"Data: {settings.instance}")
    with app.app_context():
        upgrade()
        if not is_seeded(db.session()):
            if not sys.stderr.isatty():  # else the bar says it
                click.echo("Making the sample company; this takes half a minute, and the next start none.")
            with Progress(disable=not sys.stderr.isatty(), console=Console(stderr=True)) as progress:
                bar = progress.add_task("Making the sample company", total=1)
                for done in seed(app):
                    progress.update(bar, completed=done)
    return app


@dataclass(frozen=True)
class DemoLinks:
    """What a newcomer can click or paste."""

    sign_in: str
    home: str
    outbox: str
    open_survey: str
    close_a_case: str


def gather_links(app: "Flask") -> DemoLinks:
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.demo.play import close_a_case_line
    from feedback_app.demo.seed import demo_rows
    from feedback_app.staff.services import sign_in_link

    links = app.extensions["feedback_links"]
    rows = demo_rows(db.session())
    return DemoLinks(
        sign_in=sign_in_link(db.session(), rows.csm_id, now=now()),
        home=links.base_url,
        outbox=f"{links.base_url}/outbox",
        open_survey=links.open_survey(rows.open_slug),
        close_a_case=close_a_case_line(
            links.hook("generic", rows.source_key),
            app.extensions["feedback_vault"].unseal(rows.sealed_secret),
        ),
    )


def welcome(links: DemoLinks) -> str:
    return f"""
Northlight is ready at {links.home}. The loop, in four steps:

  1. Sign in as Marta, customer success manager and administrator (the link works once, within a day):
     {links.sign_in}

  2. Close a support case - paste this into another terminal:
     {links.close_a_case}

  3. Ten seconds later the survey is in the outbox. Open it, tap a number, say why:
     {links.outbox}

  4. The score has moved and the comment stands tagged in the inbox:
     {links.home}/inbox

A survey for anyone with the link: {links.open_survey}
End the demo with Ctrl-C; the data stay.
"""
