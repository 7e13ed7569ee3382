"""What staff change about people and accounts. Each is one transaction and leaves a line in the audit trail."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.accounts.services import describe_account, ensure_account
from feedback_app.crypto import Vault
from feedback_app.db import transaction
from feedback_app.directory.person import require_person
from feedback_app.errors import Invalid, NotFound
from feedback_app.invitations.unsubscribing import cancel_scheduled
from feedback_app.people.addresses import normalised_address
from feedback_app.people.queries import erased_among
from feedback_app.people.services import describe_person, ensure_person, stop_writing
from feedback_app.staff.services import record_audit

CANCELLED_BECAUSE = "staff stopped mail to this address"


def add_person(
    session: Session,
    email: str,
    *,
    name: str,
    locale: str,
    account: str,
    user_id: int,
    vault: Vault,
    now: datetime,
) -> int:
    """The id of the person with this address; of one whom we know, what is given replaces what was known.

    Raises Invalid for what is no address, and for one whose person asked to be forgotten.
    """
    with transaction(session):
        if erased_among(session, [vault.address_hash(normalised_address(email))]):
            raise Invalid(
                "The person with this address asked to be forgotten, so nobody was added. "
                "An administrator can lift that on the page of addresses that get no mail."
            )
        person_id = ensure_person(
            session,
            email,
            name=name,
            locale=locale,
            account_id=_account_id(session, account, now),
            now=now,
        )
        record_audit(session, user_id, "person.add", "person", person_id, {}, now)
    return person_id


def edit_person(
    session: Session,
    person_id: int,
    *,
    name: str,
    locale: str,
    time_zone: str,
    account: str,
    properties: Mapping[str, Any],
    user_id: int,
    now: datetime,
) -> None:
    """Set what is known of the person; an empty value blanks it. Raises NotFound."""
    with transaction(session):
        person = require_person(session, person_id)
        facts = {
            "name": name,
            "locale": locale or None,
            "time_zone": time_zone or None,
            "account_id": _account_id(session, account, now),
            "properties": dict(properties),
        }
        changed = sorted(fact for fact, value in facts.items() if getattr(person, fact) != value)
        if changed:
            describe_person(session, person_id, **facts, now=now)
            record_audit(session, user_id, "person.edit", "person", person_id, {"changed": changed}, now)


def stop_mail(
    session: Session,
    email: str,
    *,
    reason: str,
    survey_id: int | None = None,
    user_id: int,
    vault: Vault,
    now: datetime,
) -> int | None:
    """Nothing more is sent to this address (of one survey, or of any), and what is scheduled is cancelled.

    The id of the person who has the address, None if nobody has. Raises Invalid.
    """
    if not reason.strip():
        raise Invalid("Say why mail to this address stops; nothing was changed.")
    with transaction(session):
        person_id = stop_writing(
            session, email, reason=reason, survey_id=survey_id, user_id=user_id, vault=vault, now=now
        )
        if person_id is not None:
            cancel_scheduled(session, person_id, survey_id, CANCELLED_BECAUSE, now=now)
    return person_id


def edit_account(
    session: Session,
    account_id: int,
    *,
    properties: Mapping[str, Any],
    user_id: int,
    now: datetime,
    **facts: Any,
) -> None:
    """Set owner_id, monthly_revenue, currency, renews_on and properties of the account. Raises NotFound."""
    with transaction(session):
        account = session.get(Account, account_id)
        if account is None:
            raise NotFound(f"There is no account {account_id}.")
        facts = {**facts, "properties": dict(properties)}
        changed = sorted(fact for fact, value in facts.items() if getattr(account, fact) != value)
        if changed:
            describe_account(session, account_id, **facts, now=now)
            record_audit(session, user_id, "account.edit", "account", account_id, {"changed": changed}, now)


def _account_id(session: Session, name: str, now: datetime) -> int | None:
    """The account with this name, made if new; None without a name."""
    return ensure_account(session, name, now=now) if name.strip() else None
