"""Endpoints of others: added, changed, paused and deleted by administrators, each in one audited transaction.

Whoever listens has a row for each kind (`happenings.Listener`), kept in step here: while there is none, nothing that
happens leaves a row.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.happenings import Kind, Listener, forget_who_listens
from feedback_app.staff.services import record_audit
from feedback_app.surveys.models import Survey
from feedback_app.webhooks.models import DeliveryState, Endpoint, Shape, WebhookDelivery
from feedback_app.webhooks.shapes import Story, message
from feedback_app.webhooks.signing import Secret, checked_secret, new_secret
from feedback_app.webhooks.targets import Reach, Refused, checked_target

LONGEST_NAME = 120
MOST_ENDPOINTS = 100
OVERLAP = timedelta(days=1)  # both secrets sign for so long
PING = "ping"  # the kind of a test message
TONES = ("bad", "middle", "good")  # of bands, what all metrics have in common


class EndpointUnknown(NotFound):
    """There is no endpoint with this number (any more)."""

    def __init__(self) -> None:
        super().__init__("There is no such endpoint (any more), so nothing was changed.")


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What staff say about an endpoint. An empty filter lets everything pass."""

    name: str
    url: str  # empty: the one that is kept
    shape: Shape
    kinds: Sequence[Kind]
    survey_id: int | None = None
    bands: Sequence[str] = field(default=())  # tones
    themes: Sequence[str] = field(default=())
    masks_comments: bool = True


def add_endpoint(
    session: Session,
    draft: EndpointDraft,
    given_secret: str = "",
    *,
    reach: Reach,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> tuple[int, str]:
    """A new endpoint: its id, and its secret to be shown once. Raises Invalid.

    `given_secret`: one that its receiver has already, for example an API key of old; one is made if it is empty.
    """
    target_host = checked_url(draft.url, reach)
    secret = checked_secret(given_secret) if given_secret.strip() else new_secret()
    with transaction(session):
        if len(session.scalars(select(Endpoint.id)).all()) >= MOST_ENDPOINTS:
            raise Invalid(f"There are {MOST_ENDPOINTS} endpoints, which is the most; nothing was added.")
        endpoint = Endpoint(
            **described(session, draft),
            sealed_url=vault.seal(draft.url.strip()),
            host=target_host,
            sealed_secret=vault.seal(Secret(secret).write()),
            created_at=now,
        )
        session.add(endpoint)
        session.flush()
        listen(session, endpoint)
        record_audit(session, user_id, "endpoint.added", "endpoint", endpoint.id, told(draft), now)
        made = endpoint.id
    forget_who_listens()
    return made, secret


def change_endpoint(
    session: Session,
    endpoint_id: int,
    draft: EndpointDraft,
    *,
    reach: Reach,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> None:
    """Replace what is said about the endpoint; a new address begins without troubles. Raises Invalid, NotFound."""
    host = checked_url(draft.url, reach) if draft.url.strip() else None
    with transaction(session):
        endpoint = endpoint_of(session, endpoint_id)
        for name, value in described(session, draft).items():
            setattr(endpoint, name, value)
        if host is not None:
            endpoint.sealed_url, endpoint.host = vault.seal(draft.url.strip()), host
            endpoint.failures, endpoint.paused_until = 0, None
        listen(session, endpoint)
        record_audit(session, user_id, "endpoint.changed", "endpoint", endpoint_id, told(draft), now)
    forget_who_listens()


def set_active(
    session: Session, endpoint_id: int, *, active: bool, user_id: int | None, now: datetime
) -> None:
    """Pause the endpoint: it hears of nothing new, and what waits, waits; or let it go on at once. Raises NotFound."""
    with transaction(session):
        endpoint = endpoint_of(session, endpoint_id)
        endpoint.active = active
        endpoint.failures, endpoint.paused_until, endpoint.stopped_because = 0, None, ""
        listen(session, endpoint)
        action = "endpoint.resumed" if active else "endpoint.paused"
        record_audit(session, user_id, action, "endpoint", endpoint_id, {}, now)
    forget_who_listens()


def delete_endpoint(session: Session, endpoint_id: int, *, user_id: int | None, now: datetime) -> str:
    """Delete the endpoint and what was or is to be sent to it; gives its name. Raises NotFound."""
    with transaction(session):
        endpoint = endpoint_of(session, endpoint_id)
        name = endpoint.name
        session.execute(delete(Listener).where(Listener.endpoint_id == endpoint_id))
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.endpoint_id == endpoint_id))
        session.delete(endpoint)
        record_audit(session, user_id, "endpoint.deleted", "endpoint", endpoint_id, {}, now)
    forget_who_listens()
    return name


def rotate_secret(
    session: Session,
    endpoint_id: int,
    given_secret: str = "",
    *,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> str:
    """A new secret, to be shown once; the one before it signs as well for OVERLAP. Raises Invalid, NotFound."""
    secret = checked_secret(given_secret) if given_secret.strip() else new_secret()
    with transaction(session):
        endpoint = endpoint_of(session, endpoint_id)
        earlier = Secret.read(vault.unseal(endpoint.sealed_secret)).current
        until = int((now + OVERLAP).timestamp())
        endpoint.sealed_secret = vault.seal(Secret(secret, earlier, until).write())
        record_audit(session, user_id, "endpoint.secret_replaced", "endpoint", endpoint_id, {}, now)
    return secret


def send_test(session: Session, endpoint_id: int, *, user_id: int | None, now: datetime) -> int:
    """Leave a test message that is due now; gives the delivery's id. Raises NotFound."""
    with transaction(session):
        endpoint = endpoint_of(session, endpoint_id)
        event_id = secrets.token_hex(32)
        story = Story(PING, event_id, {"message": "This is a test. Nothing happened."}, "A test", "It works.")
        delivery = WebhookDelivery(
            endpoint_id=endpoint_id,
            event_id=event_id,
            kind=PING,
            payload=message(Shape(endpoint.shape), story),
            created_at=now,
            next_attempt_at=now,
        )
        session.add(delivery)
        session.flush()
        record_audit(session, user_id, "endpoint.tested", "endpoint", endpoint_id, {}, now)
        return delivery.id


def send_again(
    session: Session,
    endpoint_id: int,
    delivery_id: int | None = None,
    *,
    user_id: int | None,
    now: datetime,
) -> int:
    """Make one delivery, or (None) all that failed, due again under their old ids; how many. Raises NotFound.

    A message about somebody who was erased is not sent: nothing is left of it.
    """
    with transaction(session):
        endpoint_of(session, endpoint_id)
        chosen = (
            WebhookDelivery.state == DeliveryState.FAILED
            if delivery_id is None
            else WebhookDelivery.id == delivery_id
        )
        found = session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.endpoint_id == endpoint_id, chosen, WebhookDelivery.payload != "")
            .values(state=DeliveryState.WAITING, attempts=0, next_attempt_at=now)
            .returning(WebhookDelivery.id)
            .execution_options(synchronize_session=False)
        ).all()
        detail = {"deliveries": len(found)} | ({"delivery": delivery_id} if delivery_id else {})
        record_audit(session, user_id, "endpoint.sent_again", "endpoint", endpoint_id, detail, now)
        return len(found)


def endpoint_of(session: Session, endpoint_id: int) -> Endpoint:
    """The endpoint, locked until the transaction ends; raises EndpointUnknown."""
    endpoint = session.get(Endpoint, endpoint_id, with_for_update=True)
    if endpoint is None:
        raise EndpointUnknown
    return endpoint


def listen(session: Session, endpoint: Endpoint) -> None:
    """Bring the endpoint's listener rows in step with it, within the caller's transaction."""
    session.execute(delete(Listener).where(Listener.endpoint_id == endpoint.id))
    if endpoint.active:
        session.add_all(Listener(endpoint_id=endpoint.id, kind=kind) for kind in endpoint.kinds)


def checked_url(url: str, reach: Reach) -> str:
    """The host of an address that we may send to, as far as its form tells; raises Invalid."""
    try:
        return checked_target(url.strip(), reach).host
    except Refused as problem:
        raise Invalid(f"{problem} Nothing was saved.") from problem


def described(session: Session, draft: EndpointDraft) -> dict[str, Any]:
    """The columns that the draft fills; raises Invalid."""
    name = " ".join(draft.name.split())
    if not 0 < len(name) <= LONGEST_NAME:
        raise Invalid(f"A name has 1 to {LONGEST_NAME} characters; nothing was saved.")
    if not draft.kinds:
        raise Invalid("Choose at least one thing to tell; nothing was saved.")
    if draft.survey_id is not None and session.get(Survey, draft.survey_id) is None:
        raise Invalid("This survey does not exist (any more); nothing was saved.")
    chosen = {
        "survey_id": draft.survey_id,
        "bands": [tone for tone in TONES if tone in draft.bands],
        "themes": sorted({theme.strip() for theme in draft.themes if theme.strip()}),
    }
    return {
        "name": name,
        "shape": draft.shape.value,
        "kinds": [kind.value for kind in draft.kinds],
        "masks_comments": draft.masks_comments,
        "filter": {key: value for key, value in chosen.items() if value},
    }


def told(draft: EndpointDraft) -> dict[str, Any]:
    """For the audit trail: what is told and whether in full, not where to."""
    return {
        "kinds": [kind.value for kind in draft.kinds],
        "shape": draft.shape.value,
        "masks_comments": draft.masks_comments,
    }
