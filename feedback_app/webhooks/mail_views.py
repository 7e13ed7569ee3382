"""POST /hooks/mail/<provider>/<key>: what mail providers report, proven, stored and committed, then answered."""

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue
from sqlalchemy import bindparam, select

from feedback_app import clock
from feedback_app.access import anyone
from feedback_app.db import db
from feedback_app.deliveries.jobs import apply_reports, confirm_subscriptions
from feedback_app.deliveries.models import MailHook, MailOutcome
from feedback_app.deliveries.reports import Unread
from feedback_app.deliveries.services import receive_reports
from feedback_app.errors import Invalid
from feedback_app.queue import nudge
from feedback_app.webhooks.helpdesks.provider import HookRequest, Unreadable
from feedback_app.webhooks.mail_providers.provider import MailProvider, Parsed
from feedback_app.webhooks.mail_providers.registry import mail_provider
from feedback_app.webhooks.views import check_signature, hook_request, known_hook

bp = Blueprint("mail_hooks", __name__)

_HOOK = select(MailHook.id, MailHook.sealed_secret, MailHook.settings).where(
    MailHook.kind == bindparam("kind"), MailHook.key == bindparam("key")
)


class ReportNotUnderstood(Invalid):
    """A genuine request that holds nothing we can read. It is stored all the same."""

    title = "We could not read this"

    def __init__(self, problem: str, status: int) -> None:
        self.status = status
        super().__init__(f"{problem} It is kept as it came and listed for staff; nothing follows from it.")


@bp.post("/hooks/mail/<kind>/<key>")
@anyone("mail providers prove themselves by a signature or a password")
def receive(kind: str, key: str) -> ResponseReturnValue:
    """Store what a provider reports and say so; the same reports again are a friendly 200."""
    provider = mail_provider(kind)
    hook = known_hook(_HOOK, kind, key)
    asked = hook_request(hook)
    check_signature(provider, asked, hook, key)
    parsed = understood(provider, asked)
    vault = current_app.extensions["feedback_vault"]
    stored = receive_reports(
        db.session(), kind, hook.id, parsed.reports, parsed.unread, vault=vault, now=clock.now()
    )
    if not stored:
        return {"result": "duplicate", "detail": "We have this already; nothing was made anew."}
    if not parsed.reports:
        raise ReportNotUnderstood(parsed.unread[0].problem, provider.unreadable_status)
    act_on(parsed)
    return {"result": "received", "new": stored, "unreadable": len(parsed.unread)}


def understood(provider: MailProvider, asked: HookRequest) -> Parsed:
    """What the request says; all of it unread if we cannot make anything of it."""
    try:
        return provider.parse(asked)
    except Unreadable as error:
        return Parsed([], [Unread(asked.body, str(error))])
    except Exception as error:
        return Parsed([], [Unread(asked.body, f"We could not read this ({type(error).__name__}).")])


def act_on(parsed: Parsed) -> None:
    outcomes = {report.outcome for report in parsed.reports}
    if MailOutcome.SUBSCRIPTION_CONFIRMATION in outcomes:
        nudge(confirm_subscriptions)
    nudge(apply_reports)
