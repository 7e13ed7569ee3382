"""feedback mail: hearing about bounces and complaints."""

import sys
from collections.abc import Sequence

import click

from feedback_app.cli.context import ready_app, with_database

TEMPFAIL = 75  # EX_TEMPFAIL of sysexits.h: the mail server keeps the mail and tries again
DATA_ERROR = 65  # EX_DATAERR: trying again would not help


@click.group()
def mail() -> None:
    """Hearing what became of our mail: bounces, complaints, deliveries."""


@mail.command()
@click.option(
    "--recipient", multiple=True, help="The address that the mail came to, if the mail server can say it."
)
def receive(recipient: tuple[str, ...]) -> None:
    """Take in one mail from standard input: a bounce or a complaint that came back by mail.

    For a mail server's pipe. Exit code 0: stored (whatever it is). 75: trouble that passes, the mail server keeps the
    mail and tries again. 65: no mail, or one above a megabyte.
    """
    from feedback_app.deliveries.mail_in import LARGEST_MAIL

    raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
    if not raw or len(raw) > LARGEST_MAIL:
        click.echo(f"Error: this is no mail of at most {LARGEST_MAIL} bytes; nothing was stored.", err=True)
        sys.exit(DATA_ERROR)
    try:
        stored = take_in(raw, recipient)
    except Exception as error:  # every other exit code makes a mail server throw the report away
        click.echo(f"Error: not stored, try again later ({type(error).__name__}: {error})", err=True)
        sys.exit(TEMPFAIL)
    click.echo(stored)


def take_in(raw: bytes, recipients: Sequence[str]) -> str:
    """What the mail is to us, in a word."""
    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.deliveries.jobs import apply_reports, mail_keys
    from feedback_app.deliveries.mail_in import receive_mail
    from feedback_app.queue import nudge

    with ready_app().app_context():
        state = receive_mail(db.session(), raw, recipients, keys=mail_keys(), now=now())
        if state is not None:
            nudge(apply_reports)
    return str(state or "duplicate")


@mail.group()
def hooks() -> None:
    """Where mail providers report to."""


@hooks.command()
@click.argument("provider", type=click.Choice(["ses", "postmark", "sendgrid", "mailgun"]))
@click.option("--name", default="", help="What staff call it.")
@click.option(
    "--topic", multiple=True, help="For SES: the ARN of an SNS topic that may report; several are fine."
)
@click.option("--key", is_flag=True, help="Keep the provider's key: asked for, or read from standard input.")
@with_database
def add(provider: str, name: str, topic: tuple[str, ...], key: bool) -> None:
    """Add a hook for PROVIDER and print its URL. Postmark's has a password in it, shown here and never again."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.deliveries.hooks import hook_url
    from feedback_app.deliveries.services import add_hook

    given = "\n".join(topic)
    if key:
        given = click.prompt("Key", hide_input=True) if sys.stdin.isatty() else sys.stdin.read()
    vault = current_app.extensions["feedback_vault"]
    made = add_hook(db.session(), provider, name, given, vault=vault, user_id=None, now=now())
    click.echo(hook_url(current_app.extensions["feedback_links"], made.kind, made.key, made.secret))


@hooks.command("list")
@with_database
def list_() -> None:
    """List the hooks: provider, name, last report and URL, separated by tabs."""
    from flask import current_app

    from feedback_app.clock import now
    from feedback_app.db import db
    from feedback_app.deliveries.hooks import hook_url
    from feedback_app.deliveries.queries import hook_lines

    links = current_app.extensions["feedback_links"]
    for line in hook_lines(db.session(), now()):
        last = line.last_report_at.isoformat(timespec="seconds") if line.last_report_at else "never"
        click.echo(f"{line.kind}\t{line.name}\t{last}\t{hook_url(links, line.kind, line.key)}")
