"""Which deliveries are due, who has taken them, and what is written of them afterwards.

A turn takes what is due to one endpoint under a lease; whoever dies with it lets the rows go when the lease ends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, bindparam, func, literal_column, or_, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session, aliased

from feedback_app.db import UtcDateTime, reading, transaction
from feedback_app.webhooks.breaker import Health
from feedback_app.webhooks.models import DeliveryState, Endpoint, Shape, WebhookDelivery

BATCH = 50
LEASE = timedelta(seconds=60)  # longer than a turn with a last message that hangs
KEPT_FOR = timedelta(days=3)  # how long what is due waits for a paused endpoint

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


def give_back(connection: Connection, turn: Turn, outcomes: Mapping[int, dict[str, Any]]) -> None:
    """Write what became of deliveries of the turn, by their ids, if they are still ours; the others are due as before.

    Within the caller's transaction.
    """
    settled = [
        {"row": row, "lease": turn.lease, **{f"new_{name}": value for name, value in values.items()}}
        for row, values in outcomes.items()
    ]
    rest = [{"row": one.id, "lease": turn.lease} for one in turn.claimed if one.id not in outcomes]
    if settled:
        connection.execute(_SETTLE, settled)
    if rest:
        connection.execute(_RELEASE, rest)


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
