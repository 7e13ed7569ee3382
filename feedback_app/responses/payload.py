"""Responses and people as programs get them, by /v1 and by webhooks: pure functions over rows."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from feedback_app.links import Links
from feedback_app.people.models import Person
from feedback_app.privacy.masking import masked, masked_value
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey
from feedback_app.surveys.types import survey_type

# What `response_item` reads of a row: select these from Response joined with Survey.
RESPONSE_COLUMNS: tuple[Any, ...] = (
    Response.id,
    Response.person_id,
    Response.rating,
    Response.comment,
    Response.permalink,
    Response.created_at,
    Response.updated_at,
    Response.properties,
    Response.tags,
    Response.additional_answers,
    Survey.metric_key,
    Survey.points,
)
# What `person_brief` reads of a row.
PERSON_COLUMNS: tuple[Any, ...] = (
    Person.id,
    Person.email,
    Person.name,
    Person.created_at,
    Person.phone_number,
)


def unix(moment: datetime | None) -> int | None:
    """The moment as whole seconds since 1970, as every time is in /v1.

    >>> from datetime import UTC
    >>> unix(datetime(2015, 4, 20, 19, 3, 20, 999999, tzinfo=UTC)), unix(None)
    (1429556600, None)
    """
    return None if moment is None else int(moment.timestamp())


def person_brief(row: Any) -> dict[str, Any]:
    """Who a person is, without what they were sent or said."""
    return {
        "id": str(row.id),
        "email": row.email,
        "name": row.name or None,
        "created_at": unix(row.created_at),
        "phone_number": row.phone_number,
    }


def person_item(row: Any) -> dict[str, Any]:
    """A person of the lists: `row` is one of `responses.people.PEOPLE`."""
    return person_brief(row) | {
        "last_sent_at": unix(row.last_sent_at),
        "last_responded_at": unix(row.last_responded_at),
        "next_survey_scheduled_at": unix(row.next_survey_scheduled_at),
    }


def response_item(
    row: Any,
    links: Links,
    *,
    notes: Sequence[Mapping[str, Any]] = (),
    person: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A response: `row` has RESPONSE_COLUMNS; with `person` the object stands where else the id does."""
    number = None if row.person_id is None else str(row.person_id)
    return {
        "id": str(row.id),
        "person": number if person is None else dict(person),
        "survey_type": survey_type(row),
        "score": row.rating,
        "comment": row.comment or None,
        "permalink": links.response(row.permalink),
        "created_at": unix(row.created_at),
        "updated_at": unix(row.updated_at),
        "person_properties": dict(row.properties) or None,
        "notes": [dict(note) for note in notes],
        "tags": list(row.tags),
        "additional_answers": list(row.additional_answers),
    }


def masked_item(item: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A response as programs get it, with placeholders in what was written; who answered and their properties stay."""
    changed = dict(item)
    if (
        changed.get("comment")
        and masked(changed["comment"], names) != changed["comment"]
        and "feedback" in changed
    ):
        changed["feedback"] = changed["feedback"] | {"evidence": []}  # its places are those of the original
    for name in ("comment", "additional_answers"):
        if changed.get(name):
            changed[name] = masked_value(changed[name], names)
    if changed.get("notes"):
        changed["notes"] = [{**note, "text": masked(note["text"], names)} for note in changed["notes"]]
    return changed
