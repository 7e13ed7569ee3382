"""The ledger: what became of every event, campaign and plan entry, newest first."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.engine import Connection, Row
from sqlalchemy.orm import InstrumentedAttribute

from feedback_app.accounts.models import Account
from feedback_app.campaigns.models import Campaign
from feedback_app.invitations.models import (
    Event,
    Invitation,
    InvitationState,
    LedgerEntry,
    Outcome,
    Reminder,
    Source,
    Trigger,
)
from feedback_app.invitations.words import OUTCOMES, STATES, Words
from feedback_app.ledger.cursor import Place
from feedback_app.ledger.pages import Order, Page, Rows, page_of
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey

PAGE_SIZE = 50
FEW = 2_000  # so many rows are gathered and sorted as fast as a page is read
NEWEST = Order(LedgerEntry.at, LedgerEntry.id)
REMINDER_UNCERTAIN = "reminder_uncertain"
OF_NO_TRIGGER = (Outcome.NO_TRIGGER, Outcome.DUPLICATE)  # an event's own entries, in no trigger's name
NAMES_INVITATION = re.compile(r"\binvitation (\d{1,18})\b")

ROWS: Rows = (
    select(
        LedgerEntry.id,
        LedgerEntry.at,
        LedgerEntry.outcome,
        LedgerEntry.reason,
        LedgerEntry.event_id,
        LedgerEntry.trigger_id,
        LedgerEntry.survey_id,
        LedgerEntry.person_id,
        LedgerEntry.campaign_id,
        LedgerEntry.plan_id,
        LedgerEntry.duplicate_of_id,
        LedgerEntry.invitation_id,
        Event.case_number,
        Event.facts["subject"].as_string().label("subject"),
        Event.deliveries,
        Source.name.label("source_name"),
        Trigger.name.label("trigger_name"),
        Trigger.deleted_at.label("trigger_deleted_at"),
        Survey.name.label("survey_name"),
        Campaign.name.label("campaign_name"),
        Person.name.label("person_name"),
        Person.email.label("person_email"),
        Person.account_id,
        Account.name.label("account_name"),
        Invitation.state,
        Invitation.reason.label("state_reason"),
        Invitation.due_at,
        Invitation.sent_at,
        Invitation.changed_at,
        Reminder.state.label("reminder_state"),
        Reminder.due_at.label("reminder_due_at"),
        Reminder.sent_at.label("reminder_sent_at"),
        Response.id.label("response_id"),
    )
    .select_from(LedgerEntry)
    .outerjoin(Event, Event.id == LedgerEntry.event_id)
    .outerjoin(Source, Source.id == Event.source_id)
    .outerjoin(Trigger, Trigger.id == LedgerEntry.trigger_id)
    .outerjoin(Survey, Survey.id == LedgerEntry.survey_id)
    .outerjoin(Campaign, Campaign.id == LedgerEntry.campaign_id)
    .outerjoin(Person, Person.id == LedgerEntry.person_id)
    .outerjoin(Account, Account.id == Person.account_id)
    .outerjoin(Invitation, Invitation.id == LedgerEntry.invitation_id)
    .outerjoin(Reminder, Reminder.invitation_id == Invitation.id)
    .outerjoin(Response, Response.invitation_id == Invitation.id)
)


@dataclass(frozen=True)
class LedgerFilter:
    """What the ledger is narrowed to; an empty value narrows nothing. `until` is the first moment not listed."""

    outcome: str = ""
    state: str = ""  # of the invitation, or REMINDER_UNCERTAIN
    trigger_id: int | None = None
    is_from_list: bool = False  # asked by a campaign or a plan, so there is no trigger
    survey_id: int | None = None
    source_id: int | None = None
    person_id: int | None = None
    account_id: int | None = None
    campaign_id: int | None = None
    plan_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    case: str = ""  # the number of the support case


@dataclass(frozen=True)
class LedgerLine:
    """One entry with what it names."""

    row: Row[Any]

    @property
    def place(self) -> Place:
        return Place(self.row.at, self.row.id)

    @property
    def outcome(self) -> Words:
        return OUTCOMES[self.row.outcome]

    @property
    def is_invited(self) -> bool:
        return bool(self.row.outcome == Outcome.INVITED)

    @property
    def state(self) -> Words | None:
        """What has become of the invitation; None if there was none, or if it was erased with the person."""
        return STATES[self.row.state] if self.row.state else None

    @property
    def state_at(self) -> datetime:
        """Since when it is in its state; until when, if it waits."""
        moment: datetime = (
            self.row.due_at if self.row.state == InvitationState.SCHEDULED else self.row.changed_at
        )
        return moment

    @property
    def reminder(self) -> Words | None:
        return STATES[self.row.reminder_state] if self.row.reminder_state else None

    @property
    def in_the_way(self) -> int | None:
        """The invitation that the reason names: the one because of which nobody was asked."""
        found = NAMES_INVITATION.search(self.row.reason)
        return int(found.group(1)) if found else None


def ledger_page(
    connection: Connection,
    wanted: LedgerFilter,
    *,
    after: Place | None = None,
    before: Place | None = None,
    size: int = PAGE_SIZE,
) -> Page[LedgerLine]:
    """The page of entries that follows `after` or ends just above `before`; the first one without either."""
    return page_of(
        connection,
        ROWS.where(*conditions(connection, wanted)),
        NEWEST,
        LedgerLine,
        after=after,
        before=before,
        size=size,
    )


def conditions(connection: Connection, wanted: LedgerFilter) -> Iterator[ColumnElement[bool]]:
    """What an entry must meet to be listed."""
    for name in ("trigger_id", "survey_id", "person_id", "campaign_id", "plan_id"):
        value = getattr(wanted, name)
        if value is not None:
            yield getattr(LedgerEntry, name) == value
    if wanted.outcome:
        yield LedgerEntry.outcome == wanted.outcome
    if wanted.since is not None:
        yield LedgerEntry.at >= wanted.since
    if wanted.until is not None:
        yield LedgerEntry.at < wanted.until
    if wanted.account_id is not None:
        yield LedgerEntry.person_id.in_(select(Person.id).where(Person.account_id == wanted.account_id))
    if wanted.case:
        yield LedgerEntry.event_id.in_(select(Event.id).where(Event.case_number == wanted.case))
    if wanted.is_from_list:
        yield and_(LedgerEntry.trigger_id.is_(None), LedgerEntry.outcome.not_in(OF_NO_TRIGGER))
    if wanted.state == REMINDER_UNCERTAIN:
        uncertain = select(Reminder.invitation_id).where(Reminder.state == InvitationState.UNCERTAIN)
        yield LedgerEntry.invitation_id.in_(uncertain)
    elif wanted.state:
        yield belongs(connection, LedgerEntry.invitation_id, Invitation.id, Invitation.state == wanted.state)
    if wanted.source_id is not None:
        yield belongs(connection, LedgerEntry.event_id, Event.id, Event.source_id == wanted.source_id)


def belongs(
    connection: Connection,
    column: InstrumentedAttribute[int | None],
    key: InstrumentedAttribute[int],
    condition: ColumnElement[bool],
) -> ColumnElement[bool]:
    """Whether the row that `column` names meets the condition.

    Few such rows are looked up first, and the entries found by them. Where there are many, the entries are read in
    their order until a page is full, each with a look at its row.
    """
    such = select(key).where(condition)
    if is_few(connection, such):
        return column.in_(such)
    return such.where(key == column).correlate(LedgerEntry).exists()


def is_few(connection: Connection, such: Rows) -> bool:
    """Whether there are at most FEW of these; more than that are not counted."""
    return (connection.scalar(select(func.count()).select_from(such.limit(FEW + 1).subquery())) or 0) <= FEW
