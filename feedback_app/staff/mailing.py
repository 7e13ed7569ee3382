"""Sign-in links by e-mail. The request that asks for one only starts a thread, whoever has an account or not:
neither its answer nor its duration tells who works here.
"""

from datetime import datetime
from threading import Thread

from flask import Flask
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.config import Settings
from feedback_app.db import db
from feedback_app.mail.message import Address
from feedback_app.mail.plain import plain_mail, render_plain_mail
from feedback_app.mail.transports import Transport, transport_from
from feedback_app.staff.queries import user_by_email
from feedback_app.staff.services import MAILED_LINK_LIFETIME, sign_in_link

PRODUCT = "Feedback"


def mail_link_soon(app: Flask, email: str) -> Thread:
    """Begin to mail a sign-in link to whoever has an account with this address; returns at once."""
    thread = Thread(target=_mail_link, args=(app, email), daemon=True)
    thread.start()
    return thread


def send_link(session: Session, email: str, *, transport: Transport, sender: str, now: datetime) -> bool:
    """Mail a sign-in link that lives for an hour; False if nobody active has this address."""
    user = user_by_email(session, email)
    if user is None or not user.active:
        return False
    to = Address(user.name, user.email)
    link = sign_in_link(session, user.id, now=now, lifetime=MAILED_LINK_LIFETIME)
    until = f"{now + MAILED_LINK_LIFETIME:%H:%M} UTC"
    rendered = render_plain_mail(
        "sign_in", brand=PRODUCT, address=to.address, link=link, expires=until, purpose="sign_in"
    )
    mail = plain_mail(to, rendered, brand=PRODUCT, sender=sender, now=now)
    transport.send(mail, before_final_dot=lambda: None)
    return True


def _mail_link(app: Flask, email: str) -> None:
    settings: Settings = app.extensions["feedback_settings"]
    with app.app_context():
        transport = transport_from(settings.smtp_url, settings.outbox)
        try:
            send_link(db.session(), email, transport=transport, sender=settings.mail_from, now=clock.now())
        except Exception as error:
            app.logger.error("sign-in link not mailed: %s", type(error).__name__)
        finally:
            transport.close()
