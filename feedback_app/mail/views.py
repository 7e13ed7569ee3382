"""/outbox: the mails that the built-in catcher holds, exactly as they would have gone out."""

from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, request
from flask.typing import ResponseReturnValue

from feedback_app.access import staff
from feedback_app.config import Settings
from feedback_app.errors import NotFound
from feedback_app.http import STAFF_POLICY
from feedback_app.mail.catcher import MailNotCaught, OpenedMail, list_caught, read_caught
from feedback_app.staff.models import Role

bp = Blueprint("outbox", __name__)

PAGE_SIZE = 50
# A mail is somebody else's page: no scripts, nothing from elsewhere, an origin of its own; its links open a new tab.
MAIL_POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)


@bp.get("/outbox")
@staff(Role.CSM)
def index() -> str:
    found = list_caught(folder(), PAGE_SIZE + 1, request.args.get("before"))
    mails = found[:PAGE_SIZE]
    older = mails[-1].key if len(found) > PAGE_SIZE else None
    return render_template("outbox/list.html", mails=mails, older=older)


@bp.get("/outbox/<key>")
@staff(Role.CSM)
def show(key: str) -> ResponseReturnValue:
    page = render_template("outbox/mail.html", mail=opened(key))
    return page, {"Content-Security-Policy": f"{STAFF_POLICY}; frame-src 'self'"}


@bp.get("/outbox/<key>/html")
@staff(Role.CSM)
def html(key: str) -> ResponseReturnValue:
    """The HTML part for the frame on the mail's page."""
    body = opened(key).html.replace("<head>", '<head><base target="_blank">', 1)
    # A sandboxed page that asks for an opener policy is not shown at all.
    return body, {"Content-Security-Policy": MAIL_POLICY, "Cross-Origin-Opener-Policy": "unsafe-none"}


@bp.get("/outbox/<key>/raw")
@staff(Role.CSM)
def raw(key: str) -> Response:
    """The mail byte for byte, as a file."""
    mail = opened(key)
    response = Response(mail.raw, content_type="message/rfc822")
    response.headers.set("Content-Disposition", "attachment", filename=f"{mail.summary.key}.eml")
    return response


def opened(key: str) -> OpenedMail:
    try:
        return read_caught(folder(), key)
    except MailNotCaught as error:
        raise NotFound("This mail is not in the outbox. It may have been cleared away.") from error


def folder() -> Path:
    """Where the catcher keeps its mails; raises NotFound when mail goes to a server instead."""
    settings: Settings = current_app.extensions["feedback_settings"]
    if settings.smtp_url:
        raise NotFound(
            "Mail goes out through the server of FEEDBACK_SMTP_URL, so there is no outbox. "
            "The outbox shows what would have been sent while no mail server is set."
        )
    return settings.outbox
