"""Reading JSON that others wrote: text cleaned, lengths bounded, moments in UTC, nothing trusted."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn

from feedback_app.webhooks.helpdesks.provider import Unreadable

LONGEST_ID = 200
LONGEST_TEXT = 500
MOST_PROPERTIES = 50
# Tags by which helpdesks and their usual automations mark what nobody solved.
AUTO_CLOSED = {
    "auto_closed",
    "autoclosed",
    "auto_close",
    "auto_solved",
    "closed_by_merge",
    "closed_by_automation",
}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")  # Zendesk sends nanoseconds, Python reads microseconds


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object; raises Unreadable."""
    value = json_value(body)
    if not isinstance(value, dict):
        raise Unreadable("The body is JSON, but not an object.")
    return value


def json_value(body: bytes) -> Any:
    """The body as JSON; raises Unreadable."""
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise Unreadable("The body is not UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable("The body is not JSON; is there an unescaped quote in a subject?") from error


def id_in_body(body: bytes, name: str) -> str | None:
    """The id that a sender puts into the body under this name; None if there is none to be read."""
    try:
        return text(json_object(body), name, LONGEST_ID + 1)
    except Unreadable:
        return None


def parts(source: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The objects of the list under a name; what is no object is left out."""
    value = source.get(name)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def part(source: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object under a name; an empty one if there is none, or something else."""
    value = source.get(name)
    return value if isinstance(value, dict) else {}


def text(source: Mapping[str, Any], name: str, longest: int = LONGEST_TEXT) -> str | None:
    """The text (or number) under a name, without control characters and cut to a length; None if there is none."""
    value = source.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return cleaned(str(value), longest) or None


def cleaned(value: str, longest: int = LONGEST_TEXT) -> str:
    """Text that every database takes: no NUL, no half of a surrogate pair, no control characters."""
    return _CONTROL.sub("", value.encode("utf-8", "replace").decode()).strip()[:longest]


def needed_id(source: Mapping[str, Any], name: str) -> str:
    """The id under a name; raises Unreadable if there is none, or one too long to be an id."""
    value = text(source, name, LONGEST_ID + 1)
    if value is None:
        raise Unreadable(f"The field {name} is missing or empty.")
    if len(value) > LONGEST_ID:
        raise Unreadable(f"The field {name} is longer than {LONGEST_ID} characters.")
    return value


def moment(value: object) -> datetime | None:
    """An ISO 8601 moment in UTC, with or without seconds; None for anything else. Without a zone it is UTC."""
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(_FRACTION.sub(r".\1", value.strip()))
        return read.replace(tzinfo=read.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def epoch(value: object, *, per_second: int = 1) -> datetime | None:
    """A moment counted from 1970 in seconds, whole or not, or in parts of one; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
        return None
    try:
        return datetime.fromtimestamp(value / per_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def closed_at(*values: object) -> datetime:
    """The first of the values that is a moment, to the second; raises Unreadable if none is."""
    for value in values:
        found = value if isinstance(value, datetime) else moment(value)
        if found is not None:
            return found.replace(microsecond=0)
    raise Unreadable("The message does not say when it was closed, in a form like 2026-11-20T15:42:07Z.")


def full_name(source: Mapping[str, Any], first: str, last: str) -> str | None:
    """Two names in one."""
    return " ".join(name for name in (text(source, first), text(source, last)) if name) or None


def channel_of(name: str | None, known: Mapping[str, str]) -> str | None:
    """A helpdesk's name of a channel as we call it.

    >>> channel_of("Mail", {"mail": "email"}), channel_of("Chat", {})
    ('email', 'chat')
    """
    return known.get(name.lower(), name.lower()) if name else None


def list_of_tags(value: object) -> tuple[str, ...]:
    """The texts of a list, the first fifty of them."""
    tags = value[:50] if isinstance(value, list) else []
    return tuple(cleaned(tag, 100) for tag in tags if isinstance(tag, str))


def closed_by_itself(tags: tuple[str, ...]) -> bool | None:
    """Yes if a tag says that no person closed the case; None if none does, for that says nothing."""
    return True if {tag.lower().replace("-", "_") for tag in tags} & AUTO_CLOSED else None


def properties(source: Mapping[str, Any]) -> dict[str, Any]:
    """The plain values of an object - text, numbers, yes or no - the first fifty of them."""
    plain: dict[str, Any] = {}
    for name, value in source.items():
        if len(plain) == MOST_PROPERTIES:
            break
        if isinstance(value, str):
            plain[cleaned(name, 100)] = cleaned(value)
        elif (
            value is None
            or isinstance(value, bool | int)
            or (isinstance(value, float) and math.isfinite(value))
        ):
            plain[cleaned(name, 100)] = value
    return plain


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
