"""Unsubscribing: opening the link only asks, pressing a button (or the mail program's one-click POST) does it."""

from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Row

from feedback_app.access import anyone
from feedback_app.clock import now
from feedback_app.db import db, reading
from feedback_app.errors import LinkUnknown
from feedback_app.invitations.unsubscribing import Scope, find_mailed, unsubscribe
from feedback_app.surveys.pages import Look, browser_language, handle_trouble, look_is, plain_page
from feedback_app.surveys.wording import page_texts

SIGNED = "the signed token in the address is the permission; RFC 8058 wants no sign-in and no cookie here"

bp = Blueprint("invitations", __name__)
handle_trouble(bp)


@bp.get("/u/<token>")
@anyone(SIGNED)
def ask(token: str) -> ResponseReturnValue:
    """Ask which mails to stop. Stores nothing: mail scanners open this link as well."""
    _, look = mailed_by(token)
    ui = page_texts(look.language)
    text = ui["unsubscribe_text"].format(brand=look.brand)
    return plain_page(
        "invitations/unsubscribe.html", look, title=ui["unsubscribe_title"], text=text, asks=True
    )


@bp.post("/u/<token>")
@anyone(SIGNED)
def stop(token: str) -> ResponseReturnValue:
    """Stop the mails. The one-click POST of a mail program cannot choose, so it stops all of them.

    RFC 8058 leaves open what the "list" is. Whoever presses a mail program's own button wants no more mail from this
    sender; to be asked by another survey a week later would read as a broken promise, and be reported as spam.
    """
    invitation_id, look = mailed_by(token)
    scope = Scope.SURVEY if request.form.get("scope") == Scope.SURVEY else Scope.ALL
    unsubscribe(db.session(), invitation_id, scope, vault=current_app.extensions["feedback_vault"], now=now())
    ui = page_texts(look.language)
    text = ui[f"unsubscribed_text_{scope}"].format(brand=look.brand)
    return plain_page(
        "invitations/unsubscribe.html", look, title=ui["unsubscribed_title"], text=text, asks=False
    )


def mailed_by(token: str) -> tuple[int, Look]:
    """The invitation of the link and how its page looks; raises LinkUnknown."""
    invitation_id: int = current_app.extensions["feedback_links"].read_unsubscribe_token(token)
    with reading() as connection:
        mailed: Row[Any] | None = find_mailed(connection, invitation_id)
    if mailed is None:
        raise LinkUnknown
    language = browser_language(mailed.locale, default=mailed.language)
    return invitation_id, look_is(Look(language, mailed.brand, mailed.accent))
