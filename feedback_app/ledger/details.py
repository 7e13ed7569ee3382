"""Everything about one event, and about one invitation, as their pages show it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from feedback_app.deliveries.models import MailEvent
from feedback_app.errors import NotFound
from feedback_app.invitations.models import (
    Event,
    Invitation,
    InvitationState,
    LedgerEntry,
    Reminder,
    Source,
)
from feedback_app.invitations.words import EVENT_STATES, STATES, Words
from feedback_app.ledger.queries import NEWEST, ROWS, LedgerLine
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey

LONGEST_BODY = 20_000  # characters of a raw body that the page shows
MOST_REPEATS = 50
MOST_REPORTS = 50


class Step(NamedTuple):
    """Something that happened to a mail, or will."""

    at: datetime
    text: str


@dataclass(frozen=True)
class InvitationDetails:
    """One invitation with its reminder, what mail servers reported, and the entry that made it."""

    invitation: Invitation
    survey: Survey
    person: Person
    reminder: Reminder | None
    response_id: int | None
    reports: Sequence[MailEvent]
    lines: Sequence[LedgerLine]

    @property
    def state(self) -> Words:
        return STATES[self.invitation.state]

    @property
    def reminder_state(self) -> Words | None:
        return STATES[self.reminder.state] if self.reminder else None

    @property
    def steps(self) -> list[Step]:
        """What happened, in order; a mail that waits ends with when it goes out."""
        return sorted(self._steps(), key=lambda step: step.at)

    def _steps(self) -> Iterator[Step]:
        yield Step(self.invitation.created_at, "Invitation scheduled")
        yield from steps_of("Invitation", self.invitation)
        if self.reminder:
            yield Step(self.reminder.created_at, "Reminder scheduled")
            yield from steps_of("Reminder", self.reminder)
        for report in self.reports:
            outcome = (report.outcome or report.state).replace("_", " ")
            yield Step(report.occurred_at or report.received_at, f"Report by {report.provider}: {outcome}")


def steps_of(name: str, mail: Invitation | Reminder) -> Iterator[Step]:
    if mail.state == InvitationState.SCHEDULED:
        yield Step(mail.due_at, f"{name} goes out")
        return
    if mail.sent_at:
        yield Step(mail.sent_at, f"{name} sent")
    if mail.state != InvitationState.SENT or mail.reason:
        yield Step(mail.changed_at, f"{name} {mail.state}{': ' + mail.reason if mail.reason else ''}")


@dataclass(frozen=True)
class EventDetails:
    """One event as it came, what was understood, and what came of it."""

    event: Event
    source: Source
    person: Person | None
    lines: Sequence[LedgerLine]
    invitations: Sequence[InvitationDetails]
    repeats: Sequence[Event]  # that the source sent later about the same closing

    @property
    def state(self) -> Words:
        return EVENT_STATES[self.event.state]

    @property
    def body(self) -> str:
        """The raw body, readable; what is not UTF-8 shows as such."""
        return self.event.body.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[
            :LONGEST_BODY
        ]

    @property
    def is_cut(self) -> bool:
        return len(self.event.body) > LONGEST_BODY

    @property
    def understood(self) -> list[tuple[str, Any]]:
        """The facts that are not empty, groups opened ("contact.email")."""
        return list(flat(self.event.facts))


def flat(facts: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in facts.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        elif value not in (None, "", []):
            shown = ", ".join(str(one) for one in value) if isinstance(value, list) else value
            yield f"{prefix}{name}", shown


def event_details(session: Session, event_id: int) -> EventDetails:
    """The event's page. Raises NotFound."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotFound(
            f"There is no event {event_id}. It may have gone with its source; the ledger lists those that there are."
        )
    lines = lines_where(session, LedgerEntry.event_id == event_id)
    ids = [line.row.invitation_id for line in lines if line.row.invitation_id is not None]
    repeats = select(Event).join(LedgerEntry, LedgerEntry.event_id == Event.id)
    return EventDetails(
        event=event,
        source=session.get_one(Source, event.source_id),
        person=session.get(Person, event.person_id) if event.person_id else None,
        lines=lines,
        invitations=[invitation_details(session, invitation_id) for invitation_id in ids],
        repeats=session.scalars(
            repeats.where(LedgerEntry.duplicate_of_id == event_id).order_by(Event.id).limit(MOST_REPEATS)
        ).all(),
    )


def invitation_details(session: Session, invitation_id: int) -> InvitationDetails:
    """The invitation's page. Raises NotFound."""
    invitation = session.get(Invitation, invitation_id)
    if invitation is None:
        raise NotFound(
            f"There is no invitation {invitation_id}. It may have been erased with its person; the entry remains."
        )
    reports = select(MailEvent).where(MailEvent.invitation_id == invitation_id)
    return InvitationDetails(
        invitation=invitation,
        survey=session.get_one(Survey, invitation.survey_id),
        person=session.get_one(Person, invitation.person_id),
        reminder=session.scalar(select(Reminder).where(Reminder.invitation_id == invitation_id)),
        response_id=session.scalar(select(Response.id).where(Response.invitation_id == invitation_id)),
        reports=session.scalars(reports.order_by(MailEvent.id).limit(MOST_REPORTS)).all(),
        lines=lines_where(session, LedgerEntry.invitation_id == invitation_id),
    )


def lines_where(session: Session, condition: ColumnElement[bool]) -> list[LedgerLine]:
    """The ledger's entries that meet the condition, oldest first."""
    rows = ROWS.where(condition).order_by(NEWEST.at, NEWEST.id)
    return [LedgerLine(row) for row in session.execute(rows)]
