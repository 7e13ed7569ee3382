"""What workers do with events and due invitations."""

import math
from datetime import datetime

import structlog
from flask import current_app

from feedback_app import clock
from feedback_app.db import db
from feedback_app.errors import Unavailable
from feedback_app.invitations.mailing import Mailing
from feedback_app.invitations.reading import give_up, read_event, waiting_events
from feedback_app.invitations.reminders import schedule_due_reminders
from feedback_app.invitations.sending import Sender
from feedback_app.logs import what_failed
from feedback_app.mail.rates import Rates
from feedback_app.mail.transports import transport_from
from feedback_app.queue import is_stopping, job, nudge, waiting_job
from feedback_app.surveys.models import Survey

BATCH = 200
REMINDERS = 500  # that are scheduled in one transaction
log = structlog.get_logger(__name__)


@job
def read_events() -> None:
    """Act on every received event, oldest first, each in a transaction of its own."""
    last = 0
    while not is_stopping() and (batch := waiting_events(last, BATCH)):
        due = [moment for event_id in batch if not is_stopping() for moment in read_or_set_aside(event_id)]
        nudge_when_due(due)
        last = batch[-1]


def read_or_set_aside(event_id: int) -> list[datetime]:
    """When the event's invitations are due. An event that we choke on is put aside; passing trouble is raised."""
    vault, zone = current_app.extensions["feedback_vault"], current_app.extensions["feedback_settings"].zone
    try:
        return read_event(db.session(), event_id, vault=vault, zone=zone, now=clock.now())
    except Unavailable:
        raise  # the rows say what is left; the next run finds it
    except Exception as error:
        log.error("event put aside", event_id=event_id, **what_failed(error))
        give_up(db.session(), event_id, f"We could not act on it ({type(error).__name__}).")
        return []


def nudge_when_due(due: list[datetime]) -> None:
    """Wake a sender when an invitation falls due before the minute's clock would notice."""
    now = clock.now()
    for seconds in sorted({math.ceil((moment - now).total_seconds()) for moment in due}):
        nudge(send_due_invitations, delay_seconds=max(0, seconds))


@job
def schedule_reminders() -> None:
    """Schedule the one reminder of every invitation that has waited long enough for an answer."""
    zone = current_app.extensions["feedback_settings"].zone
    was_due = False
    while not is_stopping() and schedule_due_reminders(db.session(), REMINDERS, zone=zone, now=clock.now()):
        was_due = True
    if was_due:
        nudge(send_due_invitations)


@waiting_job
def send_due_invitations() -> None:
    """Send every invitation and reminder that is due. Workers share the queue; none sends what another one has."""
    sender().send_due()


def sender() -> Sender:
    """This thread's sender; the transport and the compiled mails are the process's."""
    extensions = current_app.extensions
    settings = extensions["feedback_settings"]
    if "feedback_transport" not in extensions:
        extensions.setdefault("feedback_transport", transport_from(settings.smtp_url, settings.outbox))
    if "feedback_mailing" not in extensions:
        links = extensions["feedback_links"]
        extensions.setdefault("feedback_mailing", Mailing(settings, links, survey_of))
    if "feedback_rates" not in extensions:
        extensions.setdefault("feedback_rates", Rates(settings.mail_rates, settings.ratelimit_url))
    return Sender(
        session=db.session(),
        transport=extensions["feedback_transport"],
        mailing=extensions["feedback_mailing"],
        vault=extensions["feedback_vault"],
        zone=settings.zone,
        rates=extensions["feedback_rates"],
        clock=clock.now,
        is_stopping=extensions["feedback_queue"].stopping.is_set,
        more_is_due=lambda: nudge(send_due_invitations),
    )


def survey_of(survey_id: int) -> Survey:
    return db.session().get_one(Survey, survey_id)
