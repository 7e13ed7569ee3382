"""What workers do for those who listen: write what is to be told, send it, look at the scores, tidy up."""

from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
from flask import Flask, current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.config import LOOPBACK, Settings
from feedback_app.db import db, reading, transaction
from feedback_app.logs import what_failed
from feedback_app.queue import is_stopping, job, nudge
from feedback_app.webhooks.alarms import tell_admins
from feedback_app.webhooks.delivering import take_turn
from feedback_app.webhooks.falling import note_falls
from feedback_app.webhooks.models import DeliveryState, WebhookDelivery
from feedback_app.webhooks.targets import Reach, networks_from
from feedback_app.webhooks.telling import tell_batch
from feedback_app.webhooks.turns import claim, due_endpoints, give_up, next_due

ENDPOINTS_AT_ONCE = 16
LOOK_EVERY_SECONDS = 0.25  # for endpoints that something becomes due for while others are slow
SOON = timedelta(minutes=1)  # what is due later is found by the minute's clock
KEPT_FOR = timedelta(days=30)
TIDIED_AT_ONCE = 1000

log = structlog.get_logger(__name__)


@job
def tell_others() -> None:
    """Make deliveries of everything that has happened, then have them sent."""
    links = current_app.extensions["feedback_links"]
    is_news = False
    while not is_stopping() and tell_batch(db.session(), links, now=clock.now()):
        is_news = True
    if is_news:
        nudge(deliver_webhooks)


@job
def deliver_webhooks() -> None:
    """Send what is due, each endpoint in a thread of its own, so that a slow one holds up nobody else."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    stopping = app.extensions["feedback_queue"].stopping
    give_up(db.session(), now=clock.now())
    busy: dict[Future[None], int] = {}
    with ThreadPoolExecutor(ENDPOINTS_AT_ONCE, thread_name_prefix="webhook") as pool:
        while not stopping.is_set():
            room = ENDPOINTS_AT_ONCE - len(busy)
            free = [one for one in due_endpoints(clock.now()) if one not in busy.values()]
            for endpoint_id in free[:room]:
                busy[pool.submit(deliver_to, app, endpoint_id)] = endpoint_id
            if not busy:
                break
            done, _ = wait(busy, LOOK_EVERY_SECONDS, FIRST_COMPLETED)
            for one in done:
                del busy[one]
    nudge_when_due(clock.now())


def deliver_to(app: Flask, endpoint_id: int) -> None:
    """One endpoint's turn, in a thread; what goes wrong on our side is logged, and the lease frees the rows."""
    with app.app_context():
        try:
            session, settings = db.session(), app.extensions["feedback_settings"]
            turn = claim(session, endpoint_id, now=clock.now())
            if turn is None:
                return
            stopped = take_turn(
                session,
                turn,
                reach=reach_of(settings),
                vault=app.extensions["feedback_vault"],
                clock=clock.now,
                is_stopping=app.extensions["feedback_queue"].stopping.is_set,
            )
            if stopped:
                log.warning("endpoint paused", endpoint_id=endpoint_id)
                tell_admins(session, endpoint_id, stopped, now=clock.now())
        except Exception as error:
            log.error("endpoint's turn failed", endpoint_id=endpoint_id, **what_failed(error))


def nudge_when_due(now: datetime) -> None:
    """Wake a worker when a retry falls due before the minute's clock would notice."""
    due = next_due(now, SOON)
    if due is not None:
        nudge(deliver_webhooks, delay_seconds=max(1.0, (due - now).total_seconds()))


@job
def watch_scores() -> None:
    """Once a day, see whether a score fell; whoever listens is told."""
    zone = current_app.extensions["feedback_settings"].zone
    if note_falls(db.session(), zone=zone, now=clock.now()):
        nudge(tell_others)


@job
def tidy_deliveries() -> None:
    """Forget what was delivered or given up more than KEPT_FOR ago: it holds what people said."""
    while not is_stopping() and forget_old(db.session(), clock.now()):
        pass


def forget_old(session: Session, now: datetime) -> int:
    """Delete old deliveries that are done with, at most so many; how many."""
    old = (
        select(WebhookDelivery.id)
        .where(WebhookDelivery.state != DeliveryState.WAITING, WebhookDelivery.created_at < now - KEPT_FOR)
        .limit(TIDIED_AT_ONCE)
    )
    with reading() as connection:
        ids = list(connection.scalars(old))
    if ids:
        with transaction(session):
            session.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(ids)))
    return len(ids)


def reach_of(settings: Settings) -> Reach:
    """Where this installation may send: by plain http only while it lives on one machine itself."""
    host = urlsplit(settings.base_url).hostname
    return Reach(networks_from(settings.webhooks_may_reach), plain_http=host in LOOPBACK)
