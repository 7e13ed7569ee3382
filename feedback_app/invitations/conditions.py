"""Which events a trigger is about. A condition is {"field", "op", "values"}; all of a trigger's must hold.

One with several values holds if one of them fits (`is`, `contains`), or none (`is_not`, `contains_not`). A fact that
the event does not tell fits no value, so `is_not` and `contains_not` hold. An event that does not say whether it was
closed by a rule of the helpdesk counts as closed by somebody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from feedback_app.errors import Invalid
from feedback_app.invitations.events import ParsedEvent
from feedback_app.invitations.throttle import Asked

FIELDS = {
    "tag": "tag",
    "group": "group",
    "channel": "channel",
    "agent": "agent",
    "organization": "organization",
    "subject": "subject",
}
OPS = {
    "is": "is",
    "is_not": "is not",
    "contains": "contains",
    "contains_not": "does not contain",
}
PROPERTY = "property:"
MOST_CONDITIONS = 20
MOST_VALUES = 50
LONGEST_VALUE = 200

# A customer and an agent who both write from one of these have nothing in common.
_PUBLIC = (
    "gmail.com googlemail.com outlook.com hotmail.com live.com msn.com yahoo.com ymail.com icloud.com me.com mac.com "
    "aol.com gmx.de gmx.net gmx.com web.de t-online.de freenet.de mail.com mail.ru yandex.ru proton.me protonmail.com "
    "zoho.com fastmail.com hey.com orange.fr wanadoo.fr free.fr laposte.net libero.it qq.com 163.com 126.com"
)
PUBLIC_DOMAINS = frozenset(_PUBLIC.split())


class Previous(StrEnum):
    """What came of the person's last invitation of the trigger's survey."""

    NEVER_ASKED = "never_asked"
    ANSWERED = "answered"
    UNANSWERED = "unanswered"


YES_NO = ("yes", "no")
CHOICES: dict[str, tuple[str, ...]] = {
    "auto_closed": YES_NO,
    "own_case": YES_NO,
    "previous": tuple(Previous),
}
_UNMET_CHOICE = {
    ("auto_closed", "yes"): "it was closed automatically",
    ("auto_closed", "no"): "it was not closed automatically",
    ("own_case", "yes"): "it is the agent's own case",
    ("own_case", "no"): "it is not the agent's own case",
    ("previous", Previous.NEVER_ASKED): "the person was never asked this survey",
    ("previous", Previous.ANSWERED): "the person answered this survey last time",
    ("previous", Previous.UNANSWERED): "the person did not answer this survey last time",
}
_CHOICE_WORDS = {
    ("auto_closed", "yes"): "closed automatically",
    ("auto_closed", "no"): "not closed automatically",
    ("own_case", "yes"): "the agent's own case",
    ("own_case", "no"): "not the agent's own case",
    ("previous", Previous.NEVER_ASKED): "never asked this survey before",
    ("previous", Previous.ANSWERED): "answered this survey last time",
    ("previous", Previous.UNANSWERED): "did not answer this survey last time",
}
_WRITTEN = re.compile(r"(property:.+?|\w+) +(is not|is|does not contain|contains) +(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold, checked by `checked_conditions`."""

    field: str
    op: str
    values: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return {"field": self.field, "op": self.op, "values": list(self.values)}

    @property
    def is_negative(self) -> bool:
        return self.op in ("is_not", "contains_not")

    def words(self) -> str:
        """For staff: what must hold.

        >>> Condition("tag", "is", ("vip", "gold")).words()
        'tag is vip or gold'
        """
        if self.field in CHOICES:
            return " or ".join(_CHOICE_WORDS[self.field, value] for value in self._wanted())
        return f"{_label(self.field)} {OPS[self.op]} {' or '.join(self.values)}"

    def written(self) -> str:
        """As `read_condition` takes it."""
        return f"{self.field} {OPS[self.op]} {', '.join(self.values)}"

    def _wanted(self) -> list[str]:
        """Of a choice, the values with which the condition holds."""
        return [value for value in CHOICES[self.field] if (value in self.values) is not self.is_negative]


def unmet(conditions: Iterable[Condition], event: ParsedEvent, previous: Previous) -> str:
    """Why the event is not meant, by the first condition that does not hold; empty if all hold."""
    return next((why for one in conditions if (why := _why_not(one, event, previous))), "")


def of_json(kept: Iterable[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """The conditions of a JSON column."""
    return tuple(Condition(one["field"], one["op"], tuple(one["values"])) for one in kept)


def checked_conditions(given: Sequence[Condition]) -> tuple[Condition, ...]:
    """The conditions with their texts tidied, none twice; raises Invalid."""
    if len(given) > MOST_CONDITIONS:
        raise Invalid(f"A trigger has at most {MOST_CONDITIONS} conditions; nothing was saved.")
    return tuple(dict.fromkeys(_checked(one) for one in given))


def read_condition(text: str) -> Condition:
    """A condition written in words such as "tag is vip, gold"; raises Invalid.

    >>> read_condition("property:plan is not Free")
    Condition(field='property:plan', op='is_not', values=('Free',))
    """
    found = _WRITTEN.fullmatch(_tidy(text))
    if found is None:
        raise Invalid(
            f"'{text[:80]}' is not a condition, so nothing was saved. Write it like: tag is vip, gold - "
            "subject does not contain test - property:plan is Pro - auto_closed is no"
        )
    field, op, values = found.groups()
    op = next(key for key, words in OPS.items() if words == op.lower())
    name = field if field.lower().startswith(PROPERTY) else field.lower()
    return _checked(Condition(name, op, tuple(values.split(","))))


def previous_of(earlier: Iterable[Asked], survey_id: int) -> Previous:
    """What came of the last of these invitations that is of the survey."""
    last = max((one for one in earlier if one.survey_id == survey_id), key=lambda one: one.at, default=None)
    if last is None:
        return Previous.NEVER_ASKED
    return Previous.ANSWERED if last.is_answered else Previous.UNANSWERED


def is_own_case(event: ParsedEvent) -> bool:
    """Whether the customer is the agent, or of the agent's company as the domains of their mail say."""
    customer, agent = (_plain(email or "") for email in (event.contact.email, event.agent.email))
    if not customer or not agent:
        return False
    domain = customer.rpartition("@")[2]
    return customer == agent or (domain == agent.rpartition("@")[2] and domain not in PUBLIC_DOMAINS)


def _why_not(condition: Condition, event: ParsedEvent, previous: Previous) -> str:
    facts = _facts(condition.field, event, previous)
    is_part = condition.op.startswith("contains") and condition.field != "tag"  # tags compare whole
    fitting = [value for value in condition.values if _fits(_plain(value), facts, is_part=is_part)]
    if bool(fitting) is not condition.is_negative:
        return ""
    if condition.field in CHOICES:
        return _UNMET_CHOICE[condition.field, facts[0]]
    label = f"the {_label(condition.field)}"
    if condition.is_negative:
        return f"{label} {'contains' if is_part else 'is'} {fitting[0]}"
    return f"{label} {'does not contain' if is_part else 'is not'} {' or '.join(condition.values)}"


def _fits(value: str, facts: list[str], *, is_part: bool) -> bool:
    return any(value in fact if is_part else value == fact for fact in facts)


def _facts(field: str, event: ParsedEvent, previous: Previous) -> list[str]:
    """What the event tells about the field, as it is compared."""
    if field.startswith(PROPERTY):
        wanted = _plain(field.removeprefix(PROPERTY))
        told = [_told(value) for name, value in event.properties.items() if _plain(name) == wanted]
        return [_plain(value) for value in told if value]
    facts: dict[str, list[str | None]] = {
        "tag": [*event.tags],
        "group": [event.agent.team],
        "channel": [event.channel],
        "agent": [event.agent.name, event.agent.id, event.agent.email],
        "organization": [event.contact.company, event.contact.company_id],
        "subject": [event.subject],
        "auto_closed": ["yes" if event.is_auto_closed else "no"],
        "own_case": ["yes" if is_own_case(event) else "no"],
        "previous": [previous],
    }
    return [_plain(value) for value in facts[field] if value]


def _checked(given: Condition) -> Condition:
    field, values = _tidy(given.field), tuple(dict.fromkeys(filter(None, map(_tidy, given.values))))
    if given.op not in OPS:
        raise Invalid(f"A condition cannot say '{given.op[:40]}'; nothing was saved.")
    is_property = field.startswith(PROPERTY) and bool(field.removeprefix(PROPERTY).strip())
    if not is_property and field not in FIELDS and field not in CHOICES:
        known = ", ".join([*FIELDS, "property:NAME", *CHOICES])
        raise Invalid(f"A condition cannot be about '{field[:40]}', only about {known}; nothing was saved.")
    if not values:
        raise Invalid(
            f"The condition about the {_label(field)} says nothing to compare with; nothing was saved."
        )
    if len(values) > MOST_VALUES or any(len(text) > LONGEST_VALUE for text in (field, *values)):
        raise Invalid(
            f"The condition about the {_label(field)[:40]} is too long: at most {MOST_VALUES} texts of "
            f"{LONGEST_VALUE} characters. Nothing was saved."
        )
    return (
        _checked_choice(Condition(field, given.op, values))
        if field in CHOICES
        else Condition(field, given.op, values)
    )


def _checked_choice(given: Condition) -> Condition:
    choices = CHOICES[given.field]
    values = tuple(value.lower().replace(" ", "_") for value in given.values)
    if given.op.startswith("contains") or not set(values) <= set(choices):
        raise Invalid(
            f"The condition about {given.field} is one of: {', '.join(choices)}. Nothing was saved."
        )
    checked = Condition(given.field, given.op, values)
    if len(checked._wanted()) in (0, len(choices)):
        raise Invalid(f"The condition about {given.field} would hold always or never; nothing was saved.")
    return checked


def _label(field: str) -> str:
    return (
        f"property {field.removeprefix(PROPERTY)}" if field.startswith(PROPERTY) else FIELDS.get(field, field)
    )


def _told(value: object) -> str:
    """A property's value as staff would write it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _tidy(text: str) -> str:
    return " ".join(text.split())


def _plain(text: str) -> str:
    return _tidy(text).casefold()
