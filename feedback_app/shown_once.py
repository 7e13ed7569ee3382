"""A secret for the page after a redirect, so that loading that page again makes no other one.

It waits in the browser's own session cookie, sealed, and is taken out when the page shows it: it stands in no address,
no log and no table. A cookie that somebody copied says nothing without this installation's key, nor after WAITS_FOR.
"""

import json
from datetime import datetime, timedelta

from cryptography.fernet import InvalidToken
from flask import current_app, session

from feedback_app import clock
from feedback_app.crypto import Vault

KEY = "shown_once"
WAITS_FOR = timedelta(minutes=5)  # a redirect takes a moment


def show_once(page: str, secret: str) -> None:
    """Keep the secret for the next time that this browser opens the page (a name that the page knows itself by)."""
    until = clock.now() + WAITS_FOR
    session[KEY] = _vault().seal(json.dumps([page, secret, until.isoformat()]))


def shown_once(page: str) -> str:
    """The secret that waits for the page, now and never again; empty if none does."""
    sealed = session.get(KEY)
    if sealed is None:
        return ""
    try:
        wanted, secret, until = json.loads(_vault().unseal(sealed))
    except InvalidToken:  # the installation has another key by now
        return ""
    if wanted != page:
        return ""
    del session[KEY]
    return str(secret) if clock.now() <= datetime.fromisoformat(until) else ""


def _vault() -> Vault:
    vault: Vault = current_app.extensions["feedback_vault"]
    return vault
