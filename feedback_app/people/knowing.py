"""Who is meant by an address or a number, as programs name people: found, brought up to date, or made known."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.db import insert_into
from feedback_app.errors import Invalid, NotFound
from feedback_app.people.addresses import normalised_address
from feedback_app.people.models import Person, Suppression, SuppressionReason

# These follow the person to a new address; a bounce is about the old one.
_OF_THE_PERSON = (SuppressionReason.UNSUBSCRIBED, SuppressionReason.COMPLAINED)


TAKEN = "has already been taken"


class Unfit(Invalid):
    """A person cannot be named like that; `name` says by which parameter, `what` in few words why."""

    def __init__(self, name: str, what: str = TAKEN) -> None:
        super().__init__(f"{name} {what}, so nothing was changed.")
        self.name = name
        self.what = what


@dataclass(frozen=True, slots=True)
class Named:
    """A person as a program names them: by address, number or both; the updates replace what they were found by."""

    email: str | None = None
    phone_number: str | None = None
    name: str = ""
    email_update: str | None = None
    phone_number_update: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The person, and whether we had never heard of them."""

    person_id: int
    is_new: bool


def know_person(session: Session, named: Named, *, vault: Vault, now: datetime) -> Known:
    """Find the person, the address first, and bring them up to date; make them known if nobody is found.

    Within the caller's transaction. What is not given stays. Raises Unfit, and Invalid for what is no address.
    """
    person = _found(session, named)
    if person is None and (added := _added(session, named, now)) is not None:
        person, is_new = added, True
    else:
        person, is_new = person or _found(session, named), False  # of two at once, the other one was quicker
        if person is None:
            raise Unfit("phone_number")
        _bring_up_to_date(session, person, named, vault=vault, now=now)
    if person.email_key:
        _own_suppressions(session, person.id, vault.address_hash(person.email_key))
    return Known(person.id, is_new)


def person_of(
    session: Session,
    *conditions: ColumnElement[bool],
    person_id: int | None = None,
    email: str | None = None,
    phone_number: str | None = None,
) -> int:
    """The id of the person with this id, address or number who meets the conditions; raises NotFound."""
    who = who_is(person_id=person_id, email=email, phone_number=phone_number)
    found = session.scalar(select(Person.id).where(who, *conditions))
    if found is None:
        raise NotFound("There is no such person.")
    return int(found)


def who_is(
    *, person_id: int | None = None, email: str | None = None, phone_number: str | None = None
) -> ColumnElement[bool]:
    """The condition that names one person; the first that is given counts."""
    if person_id is not None:
        return Person.id == person_id
    if email is not None:
        return Person.email_key == normalised_address(email)
    return Person.phone_number == phone_number


def _found(session: Session, named: Named) -> Person | None:
    """The person, locked; one who has the new address or number already is found by it when a call is repeated."""
    by_address = [one for one in (named.email, named.email_update) if one]
    by_number = [one for one in (named.phone_number, named.phone_number_update) if one]
    for address in by_address:
        if person := _locked(session, who_is(email=address)):
            return person
    for number in by_number:
        person = _locked(session, who_is(phone_number=number))
        if person is None:
            continue
        if named.email and person.email_key not in (None, normalised_address(named.email)):
            raise Unfit("phone_number")
        return person
    return None


def _locked(session: Session, who: ColumnElement[bool]) -> Person | None:
    return session.scalar(select(Person).where(who).with_for_update())


def _added(session: Session, named: Named, now: datetime) -> Person | None:
    email = named.email_update or named.email
    row: dict[str, Any] = {
        "email": email and email.strip(),
        "email_key": email and normalised_address(email),
        "phone_number": named.phone_number_update or named.phone_number,
        "name": named.name.strip()[:254],
        "properties": {},
        "created_at": now,
        "updated_at": now,
    }
    adding = insert_into(session, Person).values(row).on_conflict_do_nothing()
    return session.scalars(adding.returning(Person)).one_or_none()


def _bring_up_to_date(session: Session, person: Person, named: Named, *, vault: Vault, now: datetime) -> None:
    email = named.email_update or named.email
    number = named.phone_number_update or named.phone_number
    if number and number != person.phone_number:
        if session.scalar(select(Person.id).where(Person.phone_number == number)) is not None:
            raise Unfit("phone_number_update" if named.phone_number_update else "phone_number")
        person.phone_number = number
    if email and (key := normalised_address(email)) != person.email_key:
        if session.scalar(select(Person.id).where(Person.email_key == key)) is not None:
            raise Unfit("email_update" if named.email_update else "email")
        if person.email_key:
            _suppress_too(session, vault.address_hash(person.email_key), vault.address_hash(key))
        person.email, person.email_key = email.strip(), key
    if named.name.strip():
        person.name = named.name.strip()[:254]
    person.updated_at = now
    try:
        session.flush()
    except IntegrityError as error:  # somebody else has just taken one of the two
        raise Unfit("email_update" if named.email_update else "phone_number") from error


def _suppress_too(session: Session, old: str, new: str) -> None:
    """Who wants no mail wants none at the new address either."""
    is_held = (Suppression.address_hash == old, Suppression.reason.in_(_OF_THE_PERSON))
    rows = [
        {
            "address_hash": new,
            "reason": one.reason,
            "survey_id": one.survey_id,
            "person_id": one.person_id,
            "detail": one.detail,
            "created_at": one.created_at,
        }
        for one in session.scalars(select(Suppression).where(*is_held))
    ]
    if rows:
        session.execute(insert_into(session, Suppression).on_conflict_do_nothing(), rows)
        session.execute(delete(Suppression).where(*is_held))


def _own_suppressions(session: Session, person_id: int, address_hash: str) -> None:
    """What was kept of the address before we knew whose it is now names the person, so that lists can show it."""
    nameless = (
        Suppression.address_hash == address_hash,
        Suppression.person_id.is_(None),
        Suppression.reason != SuppressionReason.ERASED,
    )
    session.execute(
        update(Suppression)
        .where(*nameless)
        .values(person_id=person_id)
        .execution_options(synchronize_session=False)
    )
