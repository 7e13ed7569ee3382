"""What workers do with reports about our mail."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.error import HTTPError

import structlog
from flask import current_app

from feedback_app import clock
from feedback_app.db import db, transaction
from feedback_app.deliveries.amazon import fetch
from feedback_app.deliveries.effects import FIRST_WAIT, apply_stored, give_up
from feedback_app.deliveries.forgetting import forget_old_reports
from feedback_app.deliveries.mail_in import Keys, receive_mail
from feedback_app.deliveries.mailboxes import Mailbox, MailboxTrouble, mailbox_address, open_mailbox
from feedback_app.deliveries.queries import due_confirmations, due_reports
from feedback_app.deliveries.services import confirmed, not_confirmed
from feedback_app.errors import Unavailable
from feedback_app.logs import what_failed
from feedback_app.queue import is_stopping, job, nudge
from feedback_app.workspace import fact, keep_fact

BATCH = 200
TOGETHER = (
    25  # reports to a transaction: a commit costs more than a report, and others wait for the one writer
)
CONFIRMED_WITHIN = timedelta(days=3)  # SNS's token is good for that long
MAILBOX_FACT = "mailbox"  # {"at": ..., "trouble": ...}: how the last look into it went
log = structlog.get_logger(__name__)


@job
def apply_reports() -> None:
    """Act on every report that is due, bounces and complaints first."""
    waiting = 0
    while not is_stopping() and (batch := due_reports(clock.now(), BATCH)):
        for start in range(0, len(batch), TOGETHER):
            if is_stopping():
                return
            waiting += apply_or_set_aside(batch[start : start + TOGETHER])
    if waiting:
        nudge(apply_reports, delay_seconds=FIRST_WAIT.total_seconds())


def apply_or_set_aside(event_ids: Sequence[int]) -> int:
    """How many of the reports have to wait. One that we choke on is put aside; passing trouble is raised."""
    extensions = current_app.extensions
    vault, secrets = extensions["feedback_vault"], tuple(extensions["feedback_settings"].secret_keys)
    try:
        return apply_stored(db.session(), event_ids, vault=vault, secrets=secrets, now=clock.now())
    except Unavailable:
        raise  # the rows say what is left; the next run finds it
    except Exception as error:
        if len(event_ids) > 1:  # which of them is it? Nothing was stored, so each can be tried alone
            return sum(apply_or_set_aside([event_id]) for event_id in event_ids)
        log.error("mail report put aside", mail_event_id=event_ids[0], **what_failed(error))
        give_up(db.session(), event_ids[0], f"We could not act on it ({type(error).__name__}).")
        return 0


@job
def forget_reports() -> None:
    """Delete reports that were kept for as long as the setting says, a few at a time."""
    days = current_app.extensions["feedback_settings"].mail_report_days
    while days and not is_stopping() and forget_old_reports(db.session(), days, now=clock.now()):
        pass


@job
def confirm_subscriptions() -> None:
    """Tell SNS that we want the topics that it offered us; they were checked when the offer came in."""
    for event in due_confirmations(clock.now()):
        if is_stopping():
            return
        confirm(event.id, event.facts["url"], event.received_at)


def confirm(event_id: int, url: str, received_at: datetime) -> None:
    session, now = db.session(), clock.now()
    try:
        fetch(url)
    except OSError as error:  # an HTTPError is one, too
        problem = f"HTTP {error.code}" if isinstance(error, HTTPError) else type(error).__name__
        age = now - received_at
        later = now + max(timedelta(minutes=1), age) if age < CONFIRMED_WITHIN else None
        log.warning("subscription not confirmed", mail_event_id=event_id, problem=problem)
        not_confirmed(session, event_id, f"Confirming the subscription failed: {problem}.", later)
    else:
        confirmed(session, event_id)


@job
def fetch_reports() -> None:
    """Take in the mails that wait in the bounce mailbox; trouble with it is logged, shown, and tried again."""
    url = current_app.extensions["feedback_settings"].imap_url
    if not url:
        return
    try:
        with open_mailbox(mailbox_address(url)) as mailbox:
            take_in(mailbox)
    except MailboxTrouble as error:
        log.error("mailbox cannot be read", trouble=str(error))
        note_mailbox(str(error))
    else:
        note_mailbox("")


def take_in(mailbox: Mailbox) -> None:
    """Store each waiting mail, then mark it as seen: a crash in between reads it again, and it is stored once."""
    keys, is_news = mail_keys(), False
    for name in mailbox.waiting():
        if is_stopping():
            break
        raw = mailbox.read(name)
        is_news |= receive_mail(db.session(), raw, keys=keys, now=clock.now()) is not None
        mailbox.mark_seen(name)
    if is_news:
        nudge(apply_reports)


def mail_keys() -> Keys:
    """What mails prove themselves with in this installation."""
    extensions = current_app.extensions
    secrets = tuple(extensions["feedback_settings"].secret_keys)
    return Keys(secrets, extensions["feedback_links"], extensions["feedback_vault"])


def note_mailbox(trouble: str) -> None:
    """Keep for /settings/mail how it went, if that is news."""
    session = db.session()
    session.rollback()
    kept = fact(session, MAILBOX_FACT)
    if kept is None or kept["trouble"] != trouble:
        with transaction(session):
            keep_fact(session, MAILBOX_FACT, {"at": clock.now().isoformat(), "trouble": trouble})
