"""A mail to the administrators when an endpoint was paused or has stopped; its page says the same."""

from datetime import datetime

import structlog
from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.config import Settings
from feedback_app.logs import what_failed
from feedback_app.mail.message import Address
from feedback_app.mail.plain import plain_mail, render_plain_mail
from feedback_app.mail.transports import Transport, transport_from
from feedback_app.staff.mailing import PRODUCT
from feedback_app.staff.models import Role
from feedback_app.staff.queries import active_staff
from feedback_app.webhooks.models import Endpoint

log = structlog.get_logger(__name__)


def tell_admins(session: Session, endpoint_id: int, reason: str, *, now: datetime) -> None:
    """Mail every administrator that messages to the endpoint stand still; a mail that fails is logged, no more."""
    settings: Settings = current_app.extensions["feedback_settings"]
    endpoint = session.scalar(select(Endpoint).where(Endpoint.id == endpoint_id))
    if endpoint is None:
        return
    link = settings.base_url + f"/settings/webhooks/{endpoint_id}"
    admins = [Address(user.name, user.email) for user in active_staff(session) if user.role >= Role.ADMIN]
    facts = {"endpoint": endpoint.name, "reason": reason, "link": link, "brand": PRODUCT}
    session.rollback()
    transport = transport_from(settings.smtp_url, settings.outbox)
    try:
        for to in admins:
            _send(transport, to, settings.mail_from, facts, now)
    except Exception as error:
        log.error("administrators not told", endpoint_id=endpoint_id, **what_failed(error))
    finally:
        transport.close()


def _send(transport: Transport, to: Address, sender: str, facts: dict[str, str], now: datetime) -> None:
    rendered = render_plain_mail("endpoint_paused", **facts)
    mail = plain_mail(to, rendered, brand=PRODUCT, sender=sender, now=now)
    transport.send(mail, before_final_dot=lambda: None)
