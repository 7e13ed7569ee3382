"""Sending what is due to an endpoint, one message after the other, over one connection.

At least once: what became of the messages of a turn is committed at its end, so whoever dies before has sent some that
are sent again, under the same ids. A turn ends with the first failure, after TURN_SECONDS, or with what was due.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, Protocol

from cryptography.fernet import InvalidToken
from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select, update
from sqlalchemy.orm import Session, aliased

from feedback_app.crypto import Vault
from feedback_app.db import UtcDateTime, reading, transaction
from feedback_app.jitter import jittered
from feedback_app.webhooks.breaker import Health, after_failure
from feedback_app.webhooks.models import DeliveryState, Endpoint, Shape, WebhookDelivery
from feedback_app.webhooks.outbound import NotReached, Reach, Refused, Reply, Sender
from feedback_app.webhooks.signing import Secret, signed_headers

BATCH = 50
TURN_SECONDS = 5.0
LEASE = timedelta(seconds=60)  # longer than a turn with a last message that hangs
# The schedule of the Standard Webhooks specification: ten attempts in about three days.
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
JITTER = 0.1  # a share of the pause, up or down
KEPT_FOR = timedelta(days=3)  # how long what is due waits for a paused endpoint
KEPT_ANSWERS = 10
KEPT_BODY = 500  # characters of an answer
LONGEST_RETRY_AFTER = timedelta(hours=24)
ASKS_TO_WAIT = (429, 502, 503, 504)
GONE = 410
USER_AGENT = "Feedback-Webhooks/1"
SEALED_ELSEWHERE = "Its address or secret was sealed with another FEEDBACK_SECRET_KEY; enter them again."

_NOW = bindparam("now", type_=UtcDateTime())


class Claimed(NamedTuple):
    """A delivery that is ours until the lease ends."""

    id: int
    event_id: str
    payload: str
    attempts: int
    answers: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Turn:
    """The deliveries that one endpoint gets now, and how to reach it."""

    endpoint_id: int
    shape: Shape
    sealed_url: str
    sealed_secret: str
    health: Health
    claimed: Sequence[Claimed]
    lease: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one message."""

    delivery: Claimed
    at: datetime
    milliseconds: int
    status: int | None = None
    body: str = ""
    error: str = ""
    wait: timedelta | None = None  # that the receiver asks for

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """In a sentence; empty if it was delivered."""
        if self.is_delivered:
            return ""
        return self.error or f"It answered {self.status}."

    def values(self) -> dict[str, Any]:
        """What the delivery's row says from now on."""
        tried = self.delivery.attempts + 1
        pause = wait_after(tried, self.delivery.event_id)
        state = DeliveryState.DELIVERED if self.is_delivered else DeliveryState.WAITING
        if not self.is_delivered and (pause is None or self.status == GONE):
            state = DeliveryState.FAILED
        answer = {
            "at": self.at.isoformat(),
            "status": self.status,
            "body": self.body,
            "error": self.error,
            "milliseconds": self.milliseconds,
        }
        return {
            "row": self.delivery.id,
            "state": state,
            "attempts": tried,
            "next_attempt_at": self.at + max(pause or timedelta(), self.wait or timedelta()),
            "answers": [*self.delivery.answers, answer][-KEPT_ANSWERS:],
        }


class Posts(Protocol):
    """What sends: an `outbound.Sender`, or a test's own."""

    def post(self, body: bytes, headers: dict[str, str]) -> Reply: ...


_other = aliased(WebhookDelivery)
# In the words of its indexes, or SQLite does not use them.
_IS_WAITING: ColumnElement[bool] = literal_column("webhook_delivery.state = 'waiting'")
_IS_DUE = (
    _IS_WAITING,
    WebhookDelivery.next_attempt_at <= _NOW,
    WebhookDelivery.payload != "",  # nothing is left of what was about somebody who is erased
    or_(WebhookDelivery.lease_until.is_(None), WebhookDelivery.lease_until <= _NOW),
)
_MAY_BE_SENT_TO = (
    Endpoint.active.is_(True),
    or_(Endpoint.paused_until.is_(None), Endpoint.paused_until <= _NOW),
    ~select(_other.id).where(_other.endpoint_id == Endpoint.id, _other.lease_until > _NOW).exists(),
)
_DUE_ENDPOINTS: Select[Any] = (
    select(Endpoint.id)
    .where(
        *_MAY_BE_SENT_TO,
        select(WebhookDelivery.id).where(WebhookDelivery.endpoint_id == Endpoint.id, *_IS_DUE).exists(),
    )
    .order_by(
        select(func.min(WebhookDelivery.next_attempt_at))
        .where(WebhookDelivery.endpoint_id == Endpoint.id, _IS_WAITING)
        .scalar_subquery()
    )
)
_DUE = (
    select(
        WebhookDelivery.id,
        WebhookDelivery.event_id,
        WebhookDelivery.payload,
        WebhookDelivery.attempts,
        WebhookDelivery.answers,
    )
    .where(WebhookDelivery.endpoint_id == bindparam("endpoint"), *_IS_DUE)
    .order_by(WebhookDelivery.next_attempt_at, WebhookDelivery.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
)
_deliveries: Any = WebhookDelivery.__table__
_OURS = (_deliveries.c.id == bindparam("row")) & (_deliveries.c.lease_until == bindparam("lease"))
_CLAIM = (
    update(_deliveries)
    .where(_deliveries.c.id.in_(bindparam("rows", expanding=True)))
    .values(lease_until=bindparam("lease"))
)
_SETTLE = (
    update(_deliveries)
    .where(_OURS)
    .values(
        lease_until=None,
        **{name: bindparam(f"new_{name}") for name in ("state", "attempts", "next_attempt_at", "answers")},
    )
)
_RELEASE = update(_deliveries).where(_OURS).values(lease_until=None)


def due_endpoints(now: datetime) -> list[int]:
    """Endpoints that something is due for and that nobody is sending to, the longest waiting first."""
    with reading() as connection:
        return list(connection.scalars(_DUE_ENDPOINTS, {"now": now}))


def next_due(now: datetime, within: timedelta) -> datetime | None:
    """When something is due next within that time; None if nothing is."""
    soon = (
        select(func.min(WebhookDelivery.next_attempt_at))
        .join(Endpoint, Endpoint.id == WebhookDelivery.endpoint_id)
        .where(
            _IS_WAITING,
            WebhookDelivery.next_attempt_at <= now + within,
            WebhookDelivery.payload != "",
            Endpoint.active.is_(True),
            or_(Endpoint.paused_until.is_(None), Endpoint.paused_until <= now),
        )
    )
    with reading() as connection:
        found: datetime | None = connection.scalar(soon)
    return found


def claim(session: Session, endpoint_id: int, *, now: datetime) -> Turn | None:
    """Take what is due for the endpoint; None if nothing is, or if it is not to be sent to now."""
    with transaction(session):
        asked = select(Endpoint).where(Endpoint.id == endpoint_id, *_MAY_BE_SENT_TO)
        endpoint = session.scalars(asked, {"now": now}).one_or_none()
        rows = session.execute(_DUE, {"endpoint": endpoint_id, "now": now}).all() if endpoint else []
        if endpoint is None or not rows:
            return None
        lease = now + LEASE
        session.connection().execute(_CLAIM, {"rows": [row.id for row in rows], "lease": lease})
        health = Health(endpoint.failures, endpoint.paused_until)
        return Turn(
            endpoint_id,
            Shape(endpoint.shape),
            endpoint.sealed_url,
            endpoint.sealed_secret,
            health,
            [Claimed(*row) for row in rows],
            lease,
        )


def take_turn(
    session: Session,
    turn: Turn,
    *,
    reach: Reach,
    vault: Vault,
    clock: Callable[[], datetime],
    is_stopping: Callable[[], bool] = lambda: False,
) -> str:
    """Send what was claimed and write what became of it; why the endpoint was paused or stopped, or nothing."""
    attempts = list(_attempts(turn, reach, vault, clock, is_stopping))
    return _write(session, turn, attempts)


def _attempts(
    turn: Turn, reach: Reach, vault: Vault, clock: Callable[[], datetime], is_stopping: Callable[[], bool]
) -> list[Attempt]:
    try:
        url, secret = vault.unseal(turn.sealed_url), Secret.read(vault.unseal(turn.sealed_secret))
    except InvalidToken:
        return [Attempt(turn.claimed[0], clock(), 0, error=SEALED_ELSEWHERE)]
    made: list[Attempt] = []
    until = time.monotonic() + TURN_SECONDS
    with Sender(url, reach) as sender:
        for delivery in turn.claimed:
            if is_stopping() or time.monotonic() > until:
                break
            made.append(attempt(sender, delivery, turn.shape, secret, clock))
            if not made[-1].is_delivered:
                break
    return made


def attempt(
    sender: Posts, delivery: Claimed, shape: Shape, secret: Secret, clock: Callable[[], datetime]
) -> Attempt:
    """Send one message; 2xx alone is success, and a redirect is not followed."""
    at, begun = clock(), time.monotonic()
    body = delivery.payload.encode()
    headers = {"Content-Type": "application/json", "User-Agent": USER_AGENT}
    if shape is Shape.EVENT:
        headers |= signed_headers(secret, delivery.event_id, body, at)
    try:
        reply = sender.post(body, headers)
    except (Refused, NotReached) as problem:
        return Attempt(delivery, at, _since(begun), error=str(problem))
    return Attempt(
        delivery,
        at,
        _since(begun),
        reply.status,
        shown(reply.body),
        wait=retry_after(reply, at) if reply.status in ASKS_TO_WAIT else None,
    )


def _write(session: Session, turn: Turn, attempts: Sequence[Attempt]) -> str:
    """What became of each, and of the endpoint, in one transaction; what was not begun is due as before."""
    begun = {one.delivery.id for one in attempts}
    rest = [{"row": one.id, "lease": turn.lease} for one in turn.claimed if one.id not in begun]
    settled = [_settled(one, turn.lease) for one in attempts]
    with transaction(session):
        connection = session.connection()
        if settled:
            connection.execute(_SETTLE, settled)
        if rest:
            connection.execute(_RELEASE, rest)
        return _note_health(session, turn, attempts)


def _settled(attempt: Attempt, lease: datetime) -> dict[str, Any]:
    values = attempt.values()
    row = values.pop("row")
    return {"row": row, "lease": lease, **{f"new_{name}": value for name, value in values.items()}}


def _note_health(session: Session, turn: Turn, attempts: Sequence[Attempt]) -> str:
    """Keep how the endpoint does, where that is news; why it was paused or stopped, if this is when it was."""
    failed = next((one for one in attempts if not one.is_delivered), None)
    has_succeeded = any(one.is_delivered for one in attempts)
    if failed is None and not (has_succeeded and turn.health.failures):
        return ""
    endpoint = session.get(Endpoint, turn.endpoint_id, with_for_update=True)
    if endpoint is None or not endpoint.active:
        return ""
    if has_succeeded:
        endpoint.failures, endpoint.paused_until, endpoint.stopped_because = 0, None, ""
    return after_failure(session, endpoint, failed, gone=failed.status == GONE) if failed else ""


def give_up(session: Session, *, now: datetime) -> None:
    """Mark as failed what has waited for too long."""
    is_over = _IS_WAITING & (WebhookDelivery.next_attempt_at <= now - KEPT_FOR)
    with reading() as connection:
        if connection.scalar(select(WebhookDelivery.id).where(is_over).limit(1)) is None:
            return
    with transaction(session):
        session.execute(
            update(WebhookDelivery)
            .where(is_over)
            .values(state=DeliveryState.FAILED, lease_until=None)
            .execution_options(synchronize_session=False)
        )


def wait_after(attempts: int, event_id: str) -> timedelta | None:
    """How long to wait after so many attempts, a little different for each message; None: it is given up.

    >>> [wait_after(n, "7").total_seconds() // 60 for n in (1, 2, 3, 4)], wait_after(10, "7")
    ([0.0, 5.0, 27.0, 120.0], None)
    """
    if attempts > len(PAUSES):
        return None
    return jittered(PAUSES[attempts - 1], JITTER, event_id, attempts)


def retry_after(reply: Reply, now: datetime) -> timedelta | None:
    """How long the receiver asks us to wait, in either form of the header, a day at most."""
    value = (reply.retry_after or "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        wait = timedelta(seconds=int(value))
    else:
        try:
            wait = parsedate_to_datetime(value) - now
        except (ValueError, TypeError):
            return None
    return min(max(wait, timedelta()), LONGEST_RETRY_AFTER)


def shown(body: bytes) -> str:
    """The beginning of an answer as text that any database takes."""
    text = body[: 4 * KEPT_BODY].decode(errors="replace")
    return "".join(sign for sign in text if sign.isprintable() or sign in "\n\t")[:KEPT_BODY]


def _since(begun: float) -> int:
    return round((time.monotonic() - begun) * 1000)
