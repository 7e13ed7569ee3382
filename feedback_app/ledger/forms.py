"""The ledger's filters, which live in its address."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wtforms import DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from feedback_app.campaigns.models import Campaign
from feedback_app.db import LARGEST_ID
from feedback_app.invitations.models import Source, Trigger
from feedback_app.invitations.words import EVENT_STATES, OUTCOMES, STATES
from feedback_app.ledger.queries import REMINDER_UNCERTAIN, LedgerFilter
from feedback_app.ledger.received import EventFilter
from feedback_app.reviews.forms import FilterForm, within_reason
from feedback_app.surveys.models import Survey

FROM_LIST = "list"
BALANCE_DAYS = 7  # unless days are chosen; counting costs a second for each 300,000 entries
LONGEST_CASE = 200


@dataclass(frozen=True)
class Period:
    """Whole days of the reader; `until` is the last day, None for an open end."""

    since: date
    until: date | None

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
        """The first moment of the period, and the first one after it."""
        after = midnight(self.until + timedelta(days=1), zone) if self.until else None
        return midnight(self.since, zone), after

    @property
    def query(self) -> dict[str, str]:
        """The period as the address has it."""
        given = {"since": self.since.isoformat()}
        return given | {"until": self.until.isoformat()} if self.until else given


def midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(tzinfo=zone))


class DaysForm(FilterForm):
    """A list that can be narrowed to some days and to one source."""

    source = SelectField("Source", default="")
    since = DateField("From", [Optional(), within_reason])
    until = DateField("To", [Optional(), within_reason])

    def offer_sources(self, sources: Iterable[Source]) -> None:
        self.source.choices = {"": "All"} | {str(source.id): source.name for source in sources}

    def days(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        """The first moment to list and the first one not to; "to" includes its day."""
        since, until = self.since.data, self.until.data
        return (
            midnight(since, zone) if since else None,
            midnight(until + timedelta(days=1), zone) if until else None,
        )


class EventsForm(DaysForm):
    state = SelectField(
        "Events", choices={"": "All"} | {key: words.text for key, words in EVENT_STATES.items()}, default=""
    )

    def filter(self, zone: ZoneInfo) -> EventFilter:
        since, until = self.days(zone)
        return EventFilter(self.state.data, number(self.source.data), since, until)


def row_field(label: str) -> IntegerField:
    """A row that only links can choose."""
    return IntegerField(label, [Optional(), NumberRange(1, LARGEST_ID)], widget=HiddenInput())


class LedgerForm(DaysForm):
    """How the ledger is narrowed."""

    q = StringField("Case number", [Length(max=LONGEST_CASE)], render_kw={"type": "search"})
    outcome = SelectField(
        "Outcome", choices={"": "All"} | {key: words.text for key, words in OUTCOMES.items()}, default=""
    )
    state = SelectField(
        "Invitation",
        choices={"": "All"}
        | {key: words.text for key, words in STATES.items()}
        | {REMINDER_UNCERTAIN: "Reminder uncertain"},
        default="",
    )
    trigger = SelectField("Trigger", default="")
    survey = SelectField("Survey", default="")
    campaign = SelectField("Campaign", default="")
    person = row_field("Person")
    account = row_field("Account")
    plan = row_field("Plan")

    def offer(
        self,
        triggers: Iterable[tuple[Trigger, Source, Survey]],
        surveys: Iterable[Survey],
        campaigns: Iterable[Campaign],
    ) -> None:
        named = {
            str(trigger.id): trigger_name(trigger, source, survey) for trigger, source, survey in triggers
        }
        self.trigger.choices = {"": "All", FROM_LIST: "None: campaign or plan"} | named
        self.survey.choices = {"": "All"} | {str(survey.id): survey.name for survey in surveys}
        self.campaign.choices = {"": "All"} | {str(campaign.id): campaign.name for campaign in campaigns}

    def filter(self, zone: ZoneInfo) -> LedgerFilter:
        """The filter of a reader whose days begin at midnight in `zone`."""
        since, until = self.days(zone)
        is_from_list = self.trigger.data == FROM_LIST
        return LedgerFilter(
            outcome=self.outcome.data,
            state=self.state.data,
            trigger_id=None if is_from_list else number(self.trigger.data),
            is_from_list=is_from_list,
            survey_id=number(self.survey.data),
            source_id=number(self.source.data),
            campaign_id=number(self.campaign.data),
            person_id=self.person.data,
            account_id=self.account.data,
            plan_id=self.plan.data,
            since=since,
            until=until,
            case=(self.q.data or "").replace("\x00", "").strip().removeprefix("#"),
        )

    def period(self, today: date) -> Period:
        """The days of the balance: those chosen, else the last seven."""
        until = self.until.data
        since = self.since.data or (until or today) - timedelta(days=BALANCE_DAYS - 1)
        return Period(since, until)

    @property
    def is_narrow(self) -> bool:
        """Whether more than days is chosen, so that the list is a part of what the balance counts."""
        return bool(self.query().keys() - {"since", "until"})


class DecisionForm(Form):
    """Which mail of an invitation is decided about: the survey itself or its reminder."""

    mail = SelectField("Mail", choices={"survey": "Invitation", "reminder": "Reminder"}, default="survey")


def trigger_name(trigger: Trigger, source: Source, survey: Survey) -> str:
    name = trigger.name or f"{source.name} → {survey.name}"
    return f"{name} (deleted)" if trigger.deleted_at else name


def number(given: str) -> int | None:
    return int(given) if given else None
