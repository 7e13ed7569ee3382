"""POST /hooks/<kind>/<key>: size, signature, stored and committed, answered. What it means is read afterwards."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple, Protocol

import structlog
from cryptography.fernet import InvalidToken
from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue
from limits import parse
from sqlalchemy import Select, bindparam, select

from feedback_app import clock
from feedback_app.access import anyone
from feedback_app.db import db, reading
from feedback_app.errors import Invalid, NotFound, TooMany, Unavailable
from feedback_app.invitations.events import Delivery, EventKind, ParsedEvent
from feedback_app.invitations.jobs import read_events
from feedback_app.invitations.models import Source
from feedback_app.invitations.receiving import receive_event
from feedback_app.limiting import seconds_to_wait
from feedback_app.logs import what_failed
from feedback_app.queue import nudge
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Provider, Unreadable
from feedback_app.webhooks.helpdesks.registry import provider

bp = Blueprint("webhooks", __name__)
log = structlog.get_logger(__name__)

FAILURES = parse("20 per minute")  # of one hook from one address; what is signed well is never limited
KEPT_HEADERS = ("content-type", "user-agent")
LONGEST_DELIVERY_ID = 200

_SOURCE = select(Source.id, Source.sealed_secret, Source.settings).where(
    Source.kind == bindparam("kind"), Source.key == bindparam("key")
)


class NotUnderstood(Invalid):
    """A genuine request that we cannot make an event of. It is stored all the same."""

    title = "We could not read this"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem} It is kept as it came and listed for staff; no survey follows from it.")


class Result(StrEnum):
    RECEIVED = "received"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"
    UNREADABLE = "unreadable"


class KnownSource(NamedTuple):
    id: int
    sealed_secret: str
    settings: Mapping[str, Any]


class Proves(Protocol):
    """Whoever can tell a genuine request: a helpdesk, or a mail provider."""

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:
        """Raises BadSignature."""
        ...


class Stored(NamedTuple):
    """What became of one message."""

    result: Result
    event_id: int | None
    detail: str


@bp.post("/hooks/<kind>/<key>")
@anyone("helpdesks prove themselves by signing what they send")
def receive(kind: str, key: str) -> ResponseReturnValue:
    """Store a helpdesk's events and say so; the same event again is a friendly 200."""
    helpdesk = provider(kind)
    source = known_hook(_SOURCE, kind, key)
    asked = hook_request(source)
    check_signature(helpdesk, asked, source, key)
    challenged = helpdesk.challenge(asked)
    if challenged is not None:
        return challenged
    stored = [store(helpdesk, one, source.id) for one in helpdesk.split(asked)]
    if any(one.result is Result.RECEIVED for one in stored):
        nudge(read_events)
    return answer(stored)


@bp.route("/hooks/<kind>/<key>", methods=["HEAD"])
@anyone("Intercom asks for an address in this way before it takes it; nothing is said but that it exists")
def exists(kind: str, key: str) -> ResponseReturnValue:
    """Empty, if there is such a hook."""
    known_hook(_SOURCE, provider(kind).kind, key)
    return ""


def store(helpdesk: Provider, asked: HookRequest, source_id: int) -> Stored:
    """Keep one message durably, whether it can be read or not."""
    event, problem = understood(helpdesk, asked)
    delivery = delivery_of(helpdesk, asked)
    stored = receive_event(db.session(), source_id, event, delivery, problem=problem, now=clock.now())
    if stored is None:
        return Stored(Result.DUPLICATE, None, "We have this already; nothing was made anew.")
    if event is None:
        return Stored(Result.UNREADABLE, stored, problem)
    if event.kind is EventKind.IGNORED:
        return Stored(Result.IGNORED, stored, event.reason)
    return Stored(Result.RECEIVED, stored, "")


def answer(stored: Sequence[Stored]) -> dict[str, Any]:
    """What became of the request; raises NotUnderstood if nothing in it could be read."""
    if all(one.result is Result.UNREADABLE for one in stored):
        raise NotUnderstood(stored[0].detail)
    if len(stored) > 1:
        counts = Counter(one.result for one in stored)
        return {str(result): counts[result] for result in Result}
    [one] = stored
    facts = {"result": str(one.result), "event": one.event_id, "detail": one.detail}
    return {name: value for name, value in facts.items() if value}


def known_hook(hooks: Select[Any], kind: str, key: str) -> KnownSource:
    """The source, or the mail provider's hook, that this address belongs to; raises NotFound."""
    with reading() as connection:
        row = connection.execute(hooks, {"kind": kind, "key": key[:64]}).one_or_none()
    if row is None:
        raise NotFound(
            "There is no hook at this address, so nothing was stored. Copy the whole address from where it was made."
        )
    return KnownSource(*row)


def hook_request(source: KnownSource) -> HookRequest:
    """The request, body byte for byte, under the address that the sender knows (never the Host header's)."""
    base_url = current_app.extensions["feedback_settings"].base_url
    url = base_url + (request.full_path if request.query_string else request.path)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return HookRequest(headers, request.get_data(), url, clock.now(), source.settings)


def check_signature(helpdesk: Proves, asked: HookRequest, source: KnownSource, key: str) -> None:
    """Raises BadSignature, whatever it is that goes wrong on the way; TooMany after many of them."""
    try:
        secret = current_app.extensions["feedback_vault"].unseal(source.sealed_secret)
    except InvalidToken as error:
        log.error("source secret cannot be opened: FEEDBACK_SECRET_KEY has changed", source_id=source.id)
        raise Unavailable from error
    if not secret.strip():
        raise BadSignature("No signing secret is kept for this hook, so nobody can prove anything to it.")
    try:
        helpdesk.verify(asked, secret, clock.now())
    except Unavailable:
        raise  # what the proof needs cannot be had just now
    except Exception as error:
        log.warning("hook refused", source_id=source.id, error=type(error).__name__)
        count_failure(key)
        if isinstance(error, BadSignature):
            raise
        raise BadSignature("The signature cannot be read.") from error


def count_failure(key: str) -> None:
    """Raises TooMany when this hook has had too many bad signatures from this address in the last minute."""
    if seconds_to_wait(FAILURES, "hook", key, request.remote_addr or ""):
        raise TooMany(
            "Too many requests with a bad signature came from your address; nothing was stored. "
            "Wait a minute, and check the signing secret."
        )


def understood(helpdesk: Provider, asked: HookRequest) -> tuple[ParsedEvent | None, str]:
    """The event, or None and why it could not be read."""
    try:
        return helpdesk.parse(asked), ""
    except Unreadable as error:
        return None, str(error)
    except Exception as error:
        log.error("hook body not understood", kind=helpdesk.kind, **what_failed(error))
        return None, f"We could not read this ({type(error).__name__})."


def delivery_of(helpdesk: Provider, asked: HookRequest) -> Delivery:
    """What is kept of the request: its body, its delivery id, and headers that hold no secret."""
    names = (*KEPT_HEADERS, *helpdesk.kept_headers)
    kept = {name: asked.headers[name][:200] for name in names if name in asked.headers}
    return Delivery(short_id(helpdesk.delivery_id(asked)), asked.body, kept)


def short_id(delivery_id: str | None) -> str | None:
    """The id, or a hash of one that is longer than any helpdesk's."""
    if delivery_id is None or len(delivery_id) <= LONGEST_DELIVERY_ID:
        return delivery_id or None
    return sha256(delivery_id.encode("utf-8", "replace")).hexdigest()
