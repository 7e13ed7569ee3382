"""What /settings/webhooks shows."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.webhooks.models import DeliveryState, Endpoint, WebhookDelivery


class Condition(StrEnum):
    """How an endpoint does, in a word."""

    WELL = "well"
    FAILING = "failing"
    WAITING = "waiting"  # the circuit breaker: left alone for a while
    STOPPED = "stopped"  # by its own answer
    PAUSED = "paused"  # by staff


@dataclass(frozen=True, slots=True)
class EndpointLine:
    """An endpoint with what it got in the last thirty days, by state."""

    endpoint: Endpoint
    condition: Condition
    counts: Counter[str]
    last_at: datetime | None  # something was left for it

    @property
    def failed(self) -> int:
        return self.counts[DeliveryState.FAILED]

    @property
    def waiting(self) -> int:
        return self.counts[DeliveryState.WAITING]

    @property
    def delivered(self) -> int:
        return self.counts[DeliveryState.DELIVERED]


def endpoint_lines(session: Session, now: datetime) -> list[EndpointLine]:
    """Every endpoint, oldest first."""
    endpoints = session.scalars(select(Endpoint).order_by(Endpoint.id)).all()
    counts: defaultdict[int, Counter[str]] = defaultdict(Counter)
    last: dict[int, datetime] = {}
    counted = select(
        WebhookDelivery.endpoint_id,
        WebhookDelivery.state,
        func.count(),
        func.max(WebhookDelivery.created_at),
    ).group_by(WebhookDelivery.endpoint_id, WebhookDelivery.state)
    for endpoint_id, state, count, at in session.execute(counted):
        counts[endpoint_id][state] = count
        last[endpoint_id] = max(at, last.get(endpoint_id, at))
    return [EndpointLine(one, condition_of(one, now), counts[one.id], last.get(one.id)) for one in endpoints]


def condition_of(endpoint: Endpoint, now: datetime) -> Condition:
    if not endpoint.active:
        return Condition.STOPPED if endpoint.stopped_because else Condition.PAUSED
    if endpoint.paused_until is not None and endpoint.paused_until > now:
        return Condition.WAITING
    return Condition.FAILING if endpoint.failures else Condition.WELL


def log_of(
    session: Session, endpoint_id: int, before_id: int | None = None, limit: int = 50
) -> Sequence[WebhookDelivery]:
    """The endpoint's deliveries, newest first."""
    listed = (
        select(WebhookDelivery)
        .where(WebhookDelivery.endpoint_id == endpoint_id)
        .order_by(WebhookDelivery.id.desc())
        .limit(limit)
    )
    if before_id is not None:
        listed = listed.where(WebhookDelivery.id < before_id)
    return session.scalars(listed).all()
