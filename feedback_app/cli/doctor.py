"""feedback doctor: is everything set up, and if not, what to do."""

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

from feedback_app.config import LOOPBACK, Settings, read_settings

LITTLE_SPACE = 500_000_000  # bytes


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `advice` is empty when it is well; `is_grave`: nothing works until it is mended."""

    what: str
    says: str
    advice: str = ""
    is_grave: bool = False


@click.command()
def doctor() -> None:
    """Check settings, database, queue, mail and disk; say what to fix. Exit code 1 if something must be."""
    settings = read_settings()
    findings = [finding for check in CHECKS for finding in check(settings)]
    for finding in findings:
        mark = "ok  " if not finding.advice else "FIX " if finding.is_grave else "look"
        click.echo(f"{mark}  {finding.what}: {finding.says}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if any(finding.is_grave for finding in findings):
        sys.exit(1)


def check_settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("Instance folder", str(settings.instance))
    host = urlsplit(settings.base_url).hostname
    local = "Customers cannot open links to this machine alone; set FEEDBACK_BASE_URL to your public address."
    yield Finding("Base URL", settings.base_url, local if host in LOOPBACK else "")


def check_database(settings: Settings) -> Iterator[Finding]:
    from feedback_app.app import create_app
    from feedback_app.db import db
    from feedback_app.schema import schema_problem

    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    try:
        with create_app(settings).app_context():
            trouble = schema_problem(db.engine)
            db.engine.dispose()
    except Exception as error:
        yield Finding(
            "Database", f"{kind} does not answer: {error}", "Check FEEDBACK_DATABASE_URL.", is_grave=True
        )
        return
    if trouble:
        yield Finding("Database", f"{kind}, not ready", trouble, is_grave=True)
        return
    yield Finding("Database", f"{kind}, at the newest schema")


def check_queue(settings: Settings) -> Iterator[Finding]:
    from feedback_app.queue import open_huey

    try:
        waiting = open_huey(settings).pending_count()
    except Exception as error:
        yield Finding("Queue", f"cannot be opened: {error}", "Check FEEDBACK_QUEUE_URL.", is_grave=True)
        return
    yield Finding("Queue", f"{waiting} nudges waiting")


def check_mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp_url:
        yield Finding(
            "Mail",
            f"goes to the built-in catcher in {settings.outbox}",
            "Nobody outside gets it. Set FEEDBACK_SMTP_URL to send for real.",
        )
        return
    yield smtp_finding(settings.smtp_url)
    if not settings.bounce_domain:
        yield Finding(
            "Bounces", "go to the sender's address", "FEEDBACK_BOUNCE_DOMAIN lets them be read here."
        )


def smtp_finding(url: str) -> Finding:
    """Whether the SMTP server greets us; says nothing of the password in the URL."""
    import smtplib

    from feedback_app.mail.smtp_settings import server_from

    server = server_from(url)
    connect = smtplib.SMTP_SSL if server.is_tls else smtplib.SMTP
    try:
        with connect(server.host, server.port, timeout=server.timeouts.connect) as session:
            session.noop()
    except (OSError, smtplib.SMTPException) as error:
        advice = "Check FEEDBACK_SMTP_URL and that this machine may reach it; mail waits until then."
        return Finding("Mail", f"{server.host} does not answer: {error}", advice, is_grave=True)
    return Finding("Mail", f"{server.host} answers")


def check_disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.instance).free
    advice = "Answers are refused (503) when it is full; make room." if free < LITTLE_SPACE else ""
    yield Finding("Disk", f"{free / 1e9:.1f} GB free", advice)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    check_settings,
    check_database,
    check_queue,
    check_mail,
    check_disk,
)
