"""Sending what is due to an endpoint, one message after the other, over one connection.

At least once: what became of the messages of a turn is committed at its end, so whoever dies before has sent some that
are sent again, under the same ids. A turn ends with the first failure, after TURN_SECONDS, or with what was due.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography.fernet import InvalidToken
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.webhooks.attempts import GONE, Attempt, attempt
from feedback_app.webhooks.breaker import after_failure
from feedback_app.webhooks.models import Endpoint
from feedback_app.webhooks.outbound import Sender
from feedback_app.webhooks.signing import Secret
from feedback_app.webhooks.targets import Reach
from feedback_app.webhooks.turns import Turn, give_back

TURN_SECONDS = 5.0
SEALED_ELSEWHERE = "Its address or secret was sealed with another FEEDBACK_SECRET_KEY; enter them again."


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


def _write(session: Session, turn: Turn, attempts: Sequence[Attempt]) -> str:
    """What became of each, and of the endpoint, in one transaction; what was not begun is due as before."""
    with transaction(session):
        give_back(session.connection(), turn, {one.delivery.id: one.values() for one in attempts})
        return _note_health(session, turn, attempts)


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
