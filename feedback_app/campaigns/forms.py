"""What staff say about a campaign or a plan."""

from collections.abc import Iterable
from datetime import datetime, time
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, Form, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional, ValidationError

from feedback_app.campaigns.models import Campaign, Plan, PlanMode
from feedback_app.campaigns.plans import LONGEST_CADENCE, PlanTerms
from feedback_app.campaigns.services import LONGEST_NAME, MOST_PER_HOUR, CampaignDraft
from feedback_app.campaigns.turns import WEEK
from feedback_app.invitations.window_fields import WindowFields
from feedback_app.invitations.windows import BUSINESS_DAYS, SendingWindow, instant
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import ListLine
from feedback_app.people.models import SavedFilter
from feedback_app.surveys.models import Survey

OPENS, CLOSES = time(9), time(17)  # of a plan that nobody has set up yet
FIRST_YEAR, LAST_YEAR = 2000, 2100
EVERYBODY = "all"
KEPT = "kept"  # the audience that a draft has, where no list and no saved filter says the same


class AudienceField(SelectField):
    """Everybody, a list or a saved filter."""

    def offer(self, lists: Iterable[ListLine], filters: Iterable[SavedFilter], kept: str = "") -> None:
        self.filters = {one.id: PeopleFilter.of_json(one.filter) for one in filters}
        self.choices = {
            **({KEPT: f"As before: {kept}"} if kept else {}),
            EVERYBODY: "Everybody",
            **{f"list:{one.id}": f"List “{one.name}” ({one.people:,})" for one in lists},
            **{f"filter:{one.id}": f"Filter “{one.name}”" for one in filters},
        }

    def audience(self, kept: PeopleFilter | None = None) -> PeopleFilter:
        """The people who were chosen."""
        if self.data == KEPT and kept is not None:
            return kept
        kind, _, number = str(self.data).partition(":")
        if kind == "list":
            return PeopleFilter(list_id=int(number))
        return self.filters[int(number)] if kind == "filter" else PeopleFilter()


def in_our_time(_: Form, field: DateTimeLocalField) -> None:
    """Refuses a slip of the pen, and what lies so far off that no time zone can be reckoned there."""
    if field.data and not FIRST_YEAR <= field.data.year <= LAST_YEAR:
        raise ValidationError(f"Choose a year from {FIRST_YEAR} to {LAST_YEAR}.")


class CampaignForm(WindowFields):
    name = StringField("Name", [InputRequired("Give the campaign a name."), Length(max=LONGEST_NAME)])
    survey = SelectField("Survey")
    audience = AudienceField("People")
    per_hour = IntegerField(
        "At most so many people per hour",
        [Optional(), NumberRange(1, MOST_PER_HOUR, f"Choose a number from 1 to {MOST_PER_HOUR:,}.")],
    )
    starts_at = DateTimeLocalField("Not before", [Optional(), in_our_time])

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {str(one.id): one.name for one in surveys}

    def show(self, campaign: Campaign, zone: ZoneInfo) -> None:
        """Fill the form with a draft."""
        self.name.data, self.survey.data = campaign.name, str(campaign.survey_id)
        self.per_hour.data, self.audience.data = campaign.per_hour, KEPT
        self.starts_at.data = wall(campaign.starts_at, zone)
        self.show_window(SendingWindow.of_json(campaign.window))

    def draft(self, zone: ZoneInfo, kept: PeopleFilter | None = None) -> CampaignDraft:
        """What was said; the start is on the clock of the reader's zone."""
        return CampaignDraft(
            survey_id=int(self.survey.data),
            name=self.name.data or "",
            audience=self.audience.audience(kept),
            per_hour=self.per_hour.data,
            window=self.window(),
            starts_at=self.starts_at.data and instant(self.starts_at.data, zone),
        )


class PlanForm(WindowFields):
    survey = SelectField("Survey")
    cadence_days = IntegerField(
        "Ask everybody once in so many days",
        [
            InputRequired("Say how often."),
            NumberRange(WEEK, LONGEST_CADENCE, f"Choose from {WEEK} to {LONGEST_CADENCE} days."),
        ],
    )
    mode = SelectField(
        "How",
        choices={
            PlanMode.SPREAD.value: "A few people every day",
            PlanMode.AT_ONCE.value: "Everybody at a set time",
        },
    )
    next_at = DateTimeLocalField("Everybody's next turn", [Optional(), in_our_time])

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {str(one.id): one.name for one in surveys}

    def show(self, plan: Plan | None, zone: ZoneInfo) -> None:
        """Fill the form with a plan, or with what suits most."""
        if plan is None:
            self.cadence_days.data = 90
            self.show_window(SendingWindow(BUSINESS_DAYS, OPENS, CLOSES))
            return
        self.survey.data, self.mode.data = str(plan.survey_id), plan.mode
        self.cadence_days.data, self.next_at.data = plan.cadence_days, wall(plan.next_at, zone)
        self.show_window(SendingWindow.of_json(plan.window))

    def terms(self, zone: ZoneInfo) -> PlanTerms:
        """What was said."""
        return PlanTerms(
            cadence_days=self.cadence_days.data or 0,
            mode=PlanMode(self.mode.data),
            window=self.window() or SendingWindow(),
            next_at=self.next_at.data and instant(self.next_at.data, zone),
        )


class JoinForm(Form):
    audience = AudienceField("People")


def wall(moment: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The moment as a clock in the zone shows it, for a field without a zone."""
    return moment and moment.astimezone(zone).replace(tzinfo=None)
