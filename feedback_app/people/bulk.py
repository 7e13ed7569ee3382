"""Making many people known at once, for files of half a million of them.

Who is known is read once for the whole batch, so that a row that changes nothing costs no write, and what becomes of
each row can be counted.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from feedback_app.db import insert_into
from feedback_app.people.models import Person
from feedback_app.people.services import given_replaces_known

GIVEN = ("name", "external_id", "locale", "time_zone", "account_id")  # what a row may say, beside properties
_PERSON: Any = Person.__table__
_KNOWN = (
    select(*(_PERSON.c[name] for name in ("id", "email_key", *GIVEN, "properties")))
    .where(_PERSON.c.email_key.in_(bindparam("keys", expanding=True)))
    .order_by(_PERSON.c.id)  # two imports at once lock the same people in the same order
    .with_for_update()
)
_CHANGE = (
    update(_PERSON)
    .where(_PERSON.c.id == bindparam("person_id"))
    .values({name: bindparam(f"new_{name}") for name in (*GIVEN, "properties", "updated_at")})
)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """What a file says about one person; empty means that it says nothing. `email_key`: see `normalised_address`."""

    email: str
    email_key: str
    name: str = ""
    external_id: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    account_id: int | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


class Counts(NamedTuple):
    """What became of the people in a batch; one who is in it twice counts once."""

    added: int
    changed: int
    unchanged: int


def upsert_people(session: Session, rows: Sequence[PersonRow], *, now: datetime) -> Counts:
    """Make these people known, within the caller's transaction; a second time changes nothing.

    What is given replaces what was known, nothing is blanked, properties are merged; of two rows for one address the
    later one has the last word. Leave out who was erased (`erased_among`): they would be made anew.
    """
    wanted = _one_each(rows)
    connection = session.connection()
    known = {row.email_key: row for row in connection.execute(_KNOWN, {"keys": list(wanted)})}
    added = [_new_person(key, given, now) for key, given in wanted.items() if key not in known]
    changed = [
        _changes(person, given, now)
        for key, person in known.items()
        if not _agrees(person, given := wanted[key])
    ]
    if added:
        # Somebody else may have added one of them since we looked.
        anew: Any = insert_into(session, Person)
        connection.execute(given_replaces_known(anew), added)
    if changed:
        connection.execute(_CHANGE, changed)
    return Counts(len(added), len(changed), len(known) - len(changed))


def _one_each(rows: Iterable[PersonRow]) -> dict[str, dict[str, Any]]:
    """What is said about each address, without what is empty."""
    wanted: dict[str, dict[str, Any]] = {}
    for row in rows:
        said = wanted.setdefault(row.email_key, {"properties": {}})
        said["email"] = row.email
        for name in GIVEN:
            if value := getattr(row, name):
                said[name] = value
        for name, value in row.properties.items():
            if value not in ("", None):
                said["properties"][name] = value
    return wanted


def _new_person(email_key: str, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    nothing = {"name": "", "external_id": None, "locale": None, "time_zone": None, "account_id": None}
    return nothing | given | {"email_key": email_key, "created_at": now, "updated_at": now}


def _agrees(person: Any, given: dict[str, Any]) -> bool:
    """Whether all that is given is known already."""
    if any(name in given and given[name] != getattr(person, name) for name in GIVEN):
        return False
    known = person.properties
    return all(name in known and known[name] == value for name, value in given["properties"].items())


def _changes(person: Any, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    new = {f"new_{name}": given.get(name, getattr(person, name)) for name in GIVEN}
    properties = person.properties | given["properties"]
    return new | {"person_id": person.id, "new_properties": properties, "new_updated_at": now}
