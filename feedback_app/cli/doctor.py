"""feedback doctor: is everything set up, and if not, what to do."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields
from datetime import UTC, datetime
from difflib import get_close_matches
from urllib.parse import urlsplit

import click

from feedback_app.cli.doctor_mail import check_mail, check_senders, sender_addresses
from feedback_app.cli.doctor_search import check_search
from feedback_app.cli.doctor_tagger import check_tagger
from feedback_app.cli.doctor_webhooks import check_webhooks
from feedback_app.cli.findings import Finding
from feedback_app.clock import now
from feedback_app.config import LOOPBACK, Settings, read_settings

LITTLE_SPACE = 500_000_000  # bytes
FURTHEST_CLOCK_SECONDS = 2


@click.command()
@click.option(
    "--dkim-selector",
    "selectors",
    multiple=True,
    metavar="NAME",
    help="Look up this DKIM key of the senders' domains; may be given several times. Your mail provider names it.",
)
def doctor(selectors: tuple[str, ...]) -> None:
    """Check settings, database, search, tagger, queue, clock, mail and disk, and say what to fix.

    Exit code 1 if something must be. Once a mail server is set, SPF, DKIM and DMARC of the senders' domains are looked
    up too. Nothing is sent.
    """
    from feedback_app.mail.dns_checks import DnsResolver

    settings = read_settings()
    findings = [finding for check in CHECKS for finding in check(settings)]
    findings += check_senders(settings, sender_addresses(settings), selectors, DnsResolver())
    for finding in findings:
        click.echo(f"{finding.mark}  {finding.what}: {finding.says}")
        if finding.advice:
            click.echo(f"      {finding.advice}")
    if any(finding.is_grave for finding in findings):
        sys.exit(1)


def check_settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("Instance folder", str(settings.instance))
    yield Finding("Base URL", settings.base_url, advice_on_base_url(settings))
    yield from unknown_settings(os.environ)


def advice_on_base_url(settings: Settings) -> str:
    """What is wrong with the address that links begin with; empty if nothing is."""
    if urlsplit(settings.base_url).hostname in LOOPBACK:
        return (
            "Customers cannot open links to this machine alone; set FEEDBACK_BASE_URL to your public address."
        )
    if not settings.is_secure:
        return (
            "Answers and sign-ins travel in the clear, and mailboxes offer one-click unsubscribing over https alone. "
            "Put a proxy with a certificate in front, and set FEEDBACK_BASE_URL to https://..."
        )
    return ""


def unknown_settings(environ: Mapping[str, str]) -> Iterator[Finding]:
    """Names that look like settings and are none: a slip of the finger would change nothing, silently."""
    known = [spec.metadata["env"] for spec in fields(Settings)]
    for name in sorted(environ):
        if name.startswith("FEEDBACK_") and name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.8)
            meant = (
                f"Did you mean {near[0]}?" if near else "docs/reference/settings.md lists those there are."
            )
            yield Finding(name, "is no setting, so it does nothing", meant)


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


def check_clocks(settings: Settings) -> Iterator[Finding]:
    """Whether the machines that share the work agree on the time: leases and links hang on it."""
    for whose, theirs in other_clocks(settings):
        yield clock_finding(whose, theirs, now())


def clock_finding(whose: str, theirs: datetime, ours: datetime) -> Finding:
    seconds = abs((ours - theirs).total_seconds())
    if seconds < FURTHEST_CLOCK_SECONDS:
        return Finding("Clock", f"agrees with that of {whose}")
    advice = (
        "Mail may go out early, late or be claimed twice over. Set both by NTP (chrony, systemd-timesyncd)."
    )
    return Finding("Clock", f"{seconds:.0f} s away from that of {whose}", advice)


def other_clocks(settings: Settings) -> Iterator[tuple[str, datetime]]:
    """The time on other machines; one that does not answer is told by its own check."""
    with suppress(Exception):
        if not settings.is_sqlite:
            yield "the database", database_clock(settings)
    with suppress(Exception):
        if settings.queue_url.startswith("redis"):
            yield "the queue", queue_clock(settings)


def database_clock(settings: Settings) -> datetime:
    from sqlalchemy import create_engine, text

    engine = create_engine(settings.database_url)
    try:
        with engine.connect() as connection:
            moment: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
            return moment
    finally:
        engine.dispose()


def queue_clock(settings: Settings) -> datetime:
    from feedback_app.queue import open_huey

    seconds, micros = open_huey(settings).storage.conn.time()
    return datetime.fromtimestamp(seconds + micros / 1e6, UTC)


def check_disk(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.instance).free
    advice = "Answers are refused (503) when it is full; make room." if free < LITTLE_SPACE else ""
    yield Finding("Disk", f"{free / 1e9:.1f} GB free", advice)


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    check_settings,
    check_database,
    check_search,
    check_tagger,
    check_queue,
    check_clocks,
    check_mail,
    check_webhooks,
    check_disk,
)
