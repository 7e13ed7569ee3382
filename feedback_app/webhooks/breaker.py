"""The circuit breaker: an endpoint that fails again and again is left alone for a while, longer each time."""

from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedback_app.happenings import Listener
from feedback_app.webhooks.models import Endpoint

FAILURES = 5  # in a row, until it opens
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60))


class Health(NamedTuple):
    """How an endpoint does."""

    failures: int
    paused_until: datetime | None


class Failed(Protocol):
    """An attempt that failed."""

    @property
    def at(self) -> datetime: ...

    @property
    def wait(self) -> timedelta | None: ...

    @property
    def problem(self) -> str: ...


def after_failure(session: Session, endpoint: Endpoint, failed: Failed, *, gone: bool) -> str:
    """Count the failure, and pause or stop the endpoint if that is due; the reason, when staff are to be told.

    410 Gone stops it for good: nobody is there any more. Who asks for time gets it at once. Within the caller's
    transaction.
    """
    endpoint.failures += 1
    if gone:
        endpoint.active = False
        endpoint.paused_until = None
        endpoint.stopped_because = "It answered 410 Gone: nobody wants these messages any more."
        session.execute(delete(Listener).where(Listener.endpoint_id == endpoint.id))
        return endpoint.stopped_because
    pause = pause_after(endpoint.failures)
    if pause is None and failed.wait is None:
        return ""
    endpoint.paused_until = failed.at + max(pause or timedelta(), failed.wait or timedelta())
    endpoint.stopped_because = failed.problem[:300]
    return endpoint.stopped_because if endpoint.failures == FAILURES else ""


def pause_after(failures: int) -> timedelta | None:
    """How long the endpoint is left alone after so many failures in a row; None while it is not.

    >>> [pause_after(n) and pause_after(n).seconds // 60 for n in (4, 5, 6, 7, 8, 9, 50)]
    [None, 1, 5, 15, 30, 60, 60]
    """
    if failures < FAILURES:
        return None
    return PAUSES[min(failures - FAILURES, len(PAUSES) - 1)]
