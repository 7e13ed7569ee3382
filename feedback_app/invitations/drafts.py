"""What staff say about a source or a trigger, checked before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from feedback_app.errors import Invalid
from feedback_app.invitations.conditions import Condition, checked_conditions, of_json
from feedback_app.invitations.models import Trigger
from feedback_app.invitations.windows import SendingWindow

LONGEST_DELAY = timedelta(days=60)
LONGEST_NAME = 120
LONGEST_TYPE = 60
MOST_SETTINGS = 50
CLOSED = "interaction_closed"


@dataclass(frozen=True, slots=True)
class TriggerDraft:
    """A trigger as it is to be. Without a name it is called as its survey; a window of None is at any time."""

    survey_id: int
    name: str = ""
    event_type: str = CLOSED
    conditions: tuple[Condition, ...] = ()
    delay: timedelta = timedelta(days=1)
    sample_percent: int = 100
    window: SendingWindow | None = None

    @classmethod
    def of_trigger(cls, trigger: Trigger) -> "TriggerDraft":
        """The trigger as it is."""
        return cls(
            trigger.survey_id,
            trigger.name,
            trigger.event_type,
            of_json(trigger.conditions),
            timedelta(seconds=trigger.delay_seconds),
            trigger.sample_percent,
            SendingWindow.of_json(trigger.window),
        )

    def checked(self) -> "TriggerDraft":
        """The draft with its texts tidied; raises Invalid."""
        if not timedelta(0) <= self.delay <= LONGEST_DELAY:
            raise Invalid(f"The delay must be from 0 to {LONGEST_DELAY.days} days; nothing was saved.")
        if not 0 <= self.sample_percent <= 100:
            raise Invalid("The sample must be from 0 to 100 percent; nothing was saved.")
        event_type = self.event_type.strip()
        if not event_type or len(event_type) > LONGEST_TYPE:
            raise Invalid(f"The type of event needs 1 to {LONGEST_TYPE} characters; nothing was saved.")
        name = checked_name(self.name, "trigger") if self.name.strip() else ""
        conditions = checked_conditions(self.conditions)
        return replace(self, name=name, event_type=event_type, conditions=conditions)

    def columns(self) -> dict[str, Any]:
        """As the trigger's row keeps it."""
        return {
            "survey_id": self.survey_id,
            "name": self.name,
            "event_type": self.event_type,
            "conditions": [one.to_json() for one in self.conditions],
            "delay_seconds": int(self.delay.total_seconds()),
            "sample_percent": self.sample_percent,
            "window": self.window and self.window.to_json(),
        }


@dataclass(frozen=True, slots=True)
class SourceDraft:
    """A source as it is to be. An empty secret is one that staff still have to copy from the helpdesk."""

    kind: str
    name: str
    secret: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)


def checked_name(name: str, of: str) -> str:
    """The name without needless blanks; raises Invalid."""
    tidy = " ".join(name.split())
    if not tidy or len(tidy) > LONGEST_NAME:
        raise Invalid(f"The name of the {of} needs 1 to {LONGEST_NAME} characters; nothing was saved.")
    return tidy


def checked_settings(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of short texts by their names, as helpdesks ask for them; empty ones are left out. Raises Invalid."""
    checked = {}
    for name, texts in settings.items():
        tidy = [" ".join(str(text).split()) for text in texts]
        if len(tidy) > MOST_SETTINGS or any(len(text) > LONGEST_NAME for text in tidy):
            raise Invalid(
                f"At most {MOST_SETTINGS} entries of {LONGEST_NAME} characters fit here; nothing was saved."
            )
        if any(tidy):
            checked[name] = [text for text in tidy if text]
    return checked
