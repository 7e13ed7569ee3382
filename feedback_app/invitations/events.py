"""What a helpdesk told us, in our own words; every parser in webhooks/ makes these."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class EventKind(StrEnum):
    INTERACTION_CLOSED = "interaction_closed"
    CUSTOM = "custom"  # something else that a trigger may ask after, chosen by the event's type
    IGNORED = "ignored"  # understood, and nothing for us: another status, a ping


@dataclass(frozen=True, slots=True)
class Contact:
    """The customer, as far as the helpdesk says."""

    email: str | None = None
    name: str | None = None
    external_id: str | None = None
    locale: str | None = None
    time_zone: str | None = None
    company: str | None = None
    company_id: str | None = None  # the company's external id


@dataclass(frozen=True, slots=True)
class Agent:
    """Who worked on it."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class ParsedEvent:
    """One thing that happened at a helpdesk. None: the message does not say.

    The customer's organization is the contact's company, the group that worked on it the agent's team.
    """

    kind: EventKind
    interaction_id: str
    occurred_at: datetime | None
    reason: str = ""  # why it is nothing for us
    channel: str | None = None
    subject: str | None = None
    url: str | None = None
    contact: Contact = Contact()
    agent: Agent = Agent()
    tags: tuple[str, ...] = ()
    properties: Mapping[str, Any] = field(default_factory=dict)
    needs_lookup: tuple[str, ...] = ()  # what the message only names by an id
    type: str = "interaction_closed"  # what triggers choose events by
    is_auto_closed: bool | None = None  # closed by a rule of the helpdesk, not by somebody
    key: str = ""  # the natural key of what does not say its own moment

    @property
    def natural_key(self) -> str | None:
        """Says which happening this is, however often it is delivered: the interaction and the second.

        None for what makes no invitation, so that it never stands in the way of a closing in the same second.
        """
        if self.kind is EventKind.IGNORED or self.occurred_at is None:
            return self.key or None
        closing = f"{self.interaction_id} {self.occurred_at:%Y-%m-%dT%H:%M:%SZ}"
        return closing if self.kind is EventKind.INTERACTION_CLOSED else f"{self.type} {closing}"

    def facts(self) -> dict[str, Any]:
        """The event as JSON can hold it; `of_facts` reads it back."""
        return {
            **_values(self),  # asdict would copy every single value, and take longer than reading the message
            "kind": str(self.kind),
            "occurred_at": self.occurred_at and self.occurred_at.isoformat(),
            "properties": dict(self.properties),
            "contact": _values(self.contact),
            "agent": _values(self.agent),
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> "ParsedEvent":
        """The event again; facts that were kept before a field was added lack it."""
        occurred_at = facts["occurred_at"]
        return cls(
            **{
                **facts,
                "kind": EventKind(facts["kind"]),
                "occurred_at": occurred_at and datetime.fromisoformat(occurred_at),
                "contact": Contact(**facts["contact"]),
                "agent": Agent(**facts["agent"]),
                "tags": tuple(facts["tags"]),
                "needs_lookup": tuple(facts["needs_lookup"]),
            }
        )


def _values(of: ParsedEvent | Contact | Agent) -> dict[str, Any]:
    """The fields of one of these by their names."""
    return {name: getattr(of, name) for name in of.__slots__}


@dataclass(frozen=True, slots=True)
class Delivery:
    """What came with one request and is kept whatever we make of it; `headers` hold no signature."""

    delivery_id: str | None
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
