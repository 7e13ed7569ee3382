"""What a worker needs to know of a mail that is due: one row with everything, alike for invitations and reminders."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from feedback_app.invitations.kinds import Kind
from feedback_app.invitations.models import Invitation
from feedback_app.people.models import Person
from feedback_app.surveys.models import Survey


@dataclass(frozen=True, slots=True)
class Due:
    """A mail with all that its text and the last checks need. `id` is the reminder's for a reminder."""

    kind: Kind
    id: int
    invitation_id: int
    invitation_state: str
    survey_id: int
    person_id: int
    context: dict[str, Any]
    window: dict[str, Any] | None  # see `SendingWindow`
    attempts: int
    expires_at: datetime
    answered_at: datetime | None
    email: str | None
    email_key: str | None
    name: str
    locale: str | None
    time_zone: str | None
    survey_state: str
    version: int
    language: str
    brand: str
    sender_address: str
    reply_to: str
    throttle_days: int
    reminder_days: int | None
    properties: dict[str, Any] = field(default_factory=dict)
    may_wait: bool = True

    @property
    def domain(self) -> str:
        """Where the mail goes, in lower case."""
        return (self.email or "").rpartition("@")[2].lower()


def due_rows(kind: Kind) -> Select[Any]:
    """The fields of Due behind its kind, in their order."""
    mail: Any = kind.model
    found = select(
        mail.id,
        Invitation.id,
        Invitation.state,
        mail.survey_id,
        mail.person_id,
        Invitation.context,
        mail.window,
        mail.attempts,
        mail.expires_at,
        Invitation.answered_at,
        Person.email,
        Person.email_key,
        Person.name,
        Person.locale,
        Person.time_zone,
        Survey.state,
        Survey.version,
        Survey.language,
        Survey.brand,
        Survey.sender_address,
        Survey.reply_to,
        Survey.throttle_days,
        Survey.reminder_days,
        Invitation.properties,
        Invitation.may_wait,
    ).select_from(mail)
    if kind is Kind.REMINDER:
        found = found.join(Invitation, mail.invitation_id == Invitation.id)
    return found.join(Person, mail.person_id == Person.id).join(Survey, mail.survey_id == Survey.id)
