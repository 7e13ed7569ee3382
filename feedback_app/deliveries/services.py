"""Keeping reports durably before anything is done about them; adding and removing hooks."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault, token_hash
from feedback_app.db import insert_into, transaction
from feedback_app.deliveries.forgetting import TOO_LATE, is_too_late
from feedback_app.deliveries.hooks import HookKind, checked_secret, checked_topics, hook_kind
from feedback_app.deliveries.models import MailEvent, MailEventState, MailHook
from feedback_app.deliveries.reports import WITHOUT_MAIL, MailReport, Unread, key_of_body
from feedback_app.errors import Invalid, NotFound
from feedback_app.people.addresses import normalised_address
from feedback_app.staff.services import record_audit

AT_ONCE = 500
_FACTS = ("invitation", "remote_id", "message_id", "detail", "is_old_bounce", "url")


class HookUnknown(NotFound):
    """There is no hook with this number (any more)."""

    def __init__(self) -> None:
        super().__init__("There is no such hook (any more), so nothing was changed.")


@dataclass(frozen=True, slots=True)
class MadeHook:
    """A new hook. `secret` is the one that we made, and empty for a provider that has its own."""

    id: int
    kind: str
    key: str
    secret: str


def receive_reports(
    session: Session,
    provider: str,
    hook_id: int | None,
    reports: Sequence[MailReport],
    unread: Sequence[Unread] = (),
    *,
    vault: Vault,
    now: datetime,
) -> int:
    """Store what one request says, in one transaction; how many of it were new.

    A repetition is told by its dedupe key, and one token proves one report: the unique indexes decide.
    """
    rows = [_row(report, vault, now) for report in reports]
    rows += [_unreadable(provider, one, now) for one in unread]
    with transaction(session):
        return insert_events(session, [row | {"provider": provider, "hook_id": hook_id} for row in rows])


def insert_events(session: Session, rows: Sequence[dict[str, Any]]) -> int:
    """Insert what is new of these rows, within the caller's transaction; how many that were."""
    stored = 0
    for start in range(0, len(rows), AT_ONCE):
        some = list(rows[start : start + AT_ONCE])
        insert = insert_into(session, MailEvent).values(some).on_conflict_do_nothing()
        stored += len(session.execute(insert.returning(MailEvent.id)).all())
    return stored


def _row(report: MailReport, vault: Vault, now: datetime) -> dict[str, Any]:
    is_late = is_too_late(report.occurred_at, now)
    is_nothing = is_late or report.outcome in WITHOUT_MAIL
    return {
        "dedupe_key": report.dedupe_key,
        "token_hash": token_hash(report.token) if report.token else None,
        "state": MailEventState.IGNORED if is_nothing else MailEventState.RECEIVED,
        "outcome": report.outcome,
        "problem": TOO_LATE if is_late else "",
        "address_hash": hash_of(report.recipient, vault),
        "occurred_at": report.occurred_at,
        "received_at": now,
        "try_at": None if is_nothing else now,
        "body": b"" if is_nothing else report.body,
        "facts": {name: getattr(report, name) for name in _FACTS if getattr(report, name)},
    }


def _unreadable(provider: str, unread: Unread, now: datetime) -> dict[str, Any]:
    return {
        "dedupe_key": key_of_body(provider, unread.body),
        "token_hash": token_hash(unread.token) if unread.token else None,
        "state": MailEventState.UNREADABLE,
        "outcome": None,
        "problem": unread.problem[:300],
        "address_hash": None,
        "occurred_at": None,
        "received_at": now,
        "try_at": None,
        "body": unread.body,
        "facts": {},
    }


def hash_of(recipient: str | None, vault: Vault) -> str | None:
    """What stands for the address that a report names; for what is no address, something that fits nobody."""
    if not recipient:
        return None
    try:
        return vault.address_hash(normalised_address(recipient))
    except Invalid:
        return vault.address_hash(f"no address: {recipient}")


def add_hook(
    session: Session,
    kind: str,
    name: str,
    given: str = "",
    *,
    vault: Vault,
    user_id: int | None,
    now: datetime,
) -> MadeHook:
    """Add a provider's hook. `given`: what staff bring from there - topics or a key. Raises Invalid.

    A key may follow (see `set_proof`), because some providers show it only once they know the hook; until then nothing
    is taken.
    """
    about = hook_kind(kind)
    secret, topics = _proof(about, given) if given.strip() or not about.may_wait else ("", [])
    with transaction(session):
        hook = MailHook(
            kind=kind,
            key=secrets.token_urlsafe(24),
            name=name.strip()[:120] or about.title,
            sealed_secret=vault.seal(secret),
            settings={"topics": topics} if topics else {},
            created_at=now,
        )
        session.add(hook)
        session.flush()
        detail = {"kind": kind, **({"topics": topics} if topics else {})}
        record_audit(session, user_id, "mail_hook.added", "mail_hook", hook.id, detail, now)
        return MadeHook(hook.id, kind, hook.key, secret if about.makes_secret else "")


def set_proof(
    session: Session, hook_id: int, given: str, *, vault: Vault, user_id: int | None, now: datetime
) -> MadeHook:
    """Replace what a hook's requests are proven with; where we make it, a new one. Raises Invalid, NotFound."""
    with transaction(session):
        hook = session.get(MailHook, hook_id)
        if hook is None:
            raise HookUnknown
        about = hook_kind(hook.kind)
        secret, topics = _proof(about, given)
        hook.sealed_secret = vault.seal(secret)
        hook.settings = {"topics": topics} if topics else {}
        detail = {"topics": topics} if topics else {}
        record_audit(session, user_id, "mail_hook.proof_set", "mail_hook", hook.id, detail, now)
        return MadeHook(hook.id, hook.kind, hook.key, secret if about.makes_secret else "")


def _proof(about: HookKind, given: str) -> tuple[str, list[str]]:
    """The secret and the topics of a hook; raises Invalid."""
    if about.kind == "ses":
        # It proves itself by certificate and topic; its hook has a secret all the same, which nobody needs.
        return secrets.token_urlsafe(24), checked_topics(given)
    return (secrets.token_urlsafe(24) if about.makes_secret else checked_secret(about, given)), []


def delete_hook(session: Session, hook_id: int, *, user_id: int | None, now: datetime) -> str:
    """Delete a hook and give its name; its reports stay. Raises NotFound."""
    with transaction(session):
        deleted = session.execute(
            delete(MailHook).where(MailHook.id == hook_id).returning(MailHook.name)
        ).scalar()
        if deleted is None:
            raise HookUnknown
        record_audit(session, user_id, "mail_hook.deleted", "mail_hook", hook_id, {}, now)
        return deleted


def confirmed(session: Session, event_id: int) -> None:
    """A topic's subscription is confirmed."""
    with transaction(session):
        event = session.get(MailEvent, event_id)
        if event is not None:
            event.state, event.problem, event.try_at = MailEventState.DONE, "", None


def not_confirmed(session: Session, event_id: int, problem: str, try_at: datetime | None) -> None:
    """Confirming did not work; None for `try_at` gives it up, and it stays listed."""
    with transaction(session):
        event = session.get(MailEvent, event_id)
        if event is not None:
            event.state, event.problem, event.try_at = MailEventState.UNMATCHED, problem[:300], try_at
