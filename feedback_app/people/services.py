"""Making people known. Like everything here that is called `ensure_`, within the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into, transaction
from feedback_app.errors import Forbidden, Invalid, NotFound
from feedback_app.people.addresses import normalised_address
from feedback_app.people.models import Person, Suppression, SuppressionReason
from feedback_app.staff.services import record_audit
from feedback_app.workspace import fact, keep_fact

ADDRESS_KEY_FACT = "address_key"  # what the key of the suppression list makes of nothing


def ensure_person(
    session: Session,
    email: str,
    *,
    name: str = "",
    locale: str | None = None,
    time_zone: str | None = None,
    external_id: str | None = None,
    account_id: int | None = None,
    now: datetime,
) -> int:
    """The id of the person with this address, made if new; what is given replaces what was known, nothing is blanked.

    Two at once, in whatever letter case, make one person: the unique index decides. PostgreSQL keeps the row
    locked until the transaction ends, so whoever asks about the same person next waits for our answer (SQLite
    has one writer anyway). Raises Invalid for what is no address.
    """
    insert = insert_into(session, Person).values(
        email=email.strip(),
        email_key=normalised_address(email),
        name=name.strip()[:254],
        locale=_or_none(locale, 35),
        time_zone=_or_none(time_zone, 64),
        external_id=_or_none(external_id, 200),
        account_id=account_id,
        properties={},
        created_at=now,
        updated_at=now,
    )
    return int(session.scalar(given_replaces_known(insert).returning(Person.id)))


def given_replaces_known(insert: Any) -> Any:
    """The INSERT of people, told what to do about one whom we know: replace by what is given, blank nothing."""
    given = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[Person.email_key],
        set_={
            "name": func.coalesce(func.nullif(given.name, ""), Person.name),
            "locale": func.coalesce(given.locale, Person.locale),
            "time_zone": func.coalesce(given.time_zone, Person.time_zone),
            "external_id": func.coalesce(given.external_id, Person.external_id),
            "account_id": func.coalesce(given.account_id, Person.account_id),
            "updated_at": given.updated_at,
        },
    )


def suppress(
    session: Session,
    address_hash: str,
    reason: SuppressionReason,
    *,
    survey_id: int | None = None,
    person_id: int | None = None,
    detail: str = "",
    now: datetime,
) -> None:
    """Put an address on the list of those that get no mail, of one survey or (None) of any; once is enough."""
    row: Mapping[str, Any] = {
        "address_hash": address_hash,
        "reason": reason,
        "survey_id": survey_id,
        "person_id": person_id,
        "detail": detail[:300],
        "created_at": now,
    }
    session.execute(insert_into(session, Suppression).values(**row).on_conflict_do_nothing())


def stop_writing(
    session: Session,
    email: str,
    *,
    reason: str,
    survey_id: int | None = None,
    user_id: int | None,
    vault: Vault,
    now: datetime,
) -> int | None:
    """Staff put an address on the suppression list, whether or not it is a person's; the person's id if it is.

    Within the caller's transaction, which also cancels what is scheduled. Raises Invalid for what is no address.
    """
    key = normalised_address(email)
    person_id = session.scalar(select(Person.id).where(Person.email_key == key))
    suppress(
        session,
        vault.address_hash(key),
        SuppressionReason.UNSUBSCRIBED,
        survey_id=survey_id,
        person_id=person_id,
        detail=f"by staff: {without_addresses(reason)}",
        now=now,
    )
    detail = {"survey": survey_id, "reason": without_addresses(reason)}
    record_audit(session, user_id, "suppression.add", "person", person_id, detail, now)
    return person_id


def lift_suppression(
    session: Session,
    suppression_id: int,
    *,
    reason: str,
    user_id: int,
    may_lift_erased: bool = False,
    now: datetime,
) -> None:
    """Take one entry off the suppression list; the audit line keeps why. Raises NotFound, Forbidden, Invalid."""
    if not reason.strip():
        raise Invalid("Say why this address may be written to again; nothing was changed.")
    with transaction(session):
        entry = session.get(Suppression, suppression_id)
        if entry is None:
            raise NotFound("This entry is not on the suppression list any more, so nothing was changed.")
        if entry.reason == SuppressionReason.ERASED and not may_lift_erased:
            raise Forbidden(
                "This person asked to be forgotten. Only an administrator may lift that; nothing was changed."
            )
        detail = {
            "suppression": entry.reason,
            "survey": entry.survey_id,
            "since": entry.created_at.isoformat(),
            "reason": without_addresses(reason),
        }
        record_audit(session, user_id, "suppression.lift", "person", entry.person_id, detail, now)
        session.delete(entry)


def without_addresses(text: str) -> str:
    """What staff wrote, without e-mail addresses: it is kept for longer than the person may be."""
    return " ".join("[address]" if "@" in word else word for word in text.split())[:240]


def describe_person(session: Session, person_id: int, *, now: datetime, **facts: Any) -> None:
    """Set name, locale, time_zone, account_id or properties as given, blank ones too; in the caller's transaction."""
    session.execute(update(Person).where(Person.id == person_id).values(**facts, updated_at=now))


def address_key_problem(session: Session, vault: Vault) -> str | None:
    """One sentence if the suppression list was made with another key: then nobody on it would be recognised."""
    mine = vault.address_hash("")
    kept = fact(session, ADDRESS_KEY_FACT)
    if kept == mine:
        return None
    if kept is not None and session.scalar(select(Suppression.id).limit(1)) is not None:
        return (
            "People who unsubscribed would be written to again: their list was made with another FEEDBACK_SECRET_KEY. "
            "Put the key of that time at its end, after a comma."
        )
    with transaction(session):
        keep_fact(session, ADDRESS_KEY_FACT, mine)
    return None


def _or_none(value: str | None, longest: int) -> str | None:
    return (value or "").strip()[:longest] or None
