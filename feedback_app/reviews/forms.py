"""The inbox's filters, which live in its address, and the review panel's forms."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import DateField, Form, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from feedback_app.responses.models import ResponseState
from feedback_app.reviews.filters import InboxFilters
from feedback_app.reviews.models import ReviewStatus
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.themes.models import Theme
from feedback_app.themes.overview import NO_THEME

STATUS_WORDS: dict[str, str] = {
    ReviewStatus.NEW: "New",
    ReviewStatus.OPEN: "Open",
    ReviewStatus.WAITING: "Waiting for the customer",
    ReviewStatus.CLOSED: "Closed",
}

UNFOLDED = ("q", "order", "look")  # filters of the inbox that are always in sight
ORDERS = {"newest": "Newest first", "worst": "Worst first"}


def within_reason(_form: Form, field: DateField) -> None:
    """Beyond these years a day has no neighbours that every database can name."""
    if field.data is not None and not 1970 <= field.data.year <= 2999:
        raise ValidationError("Choose a day between 1970 and 2999.")


class FilterForm(Form):
    """How a list is narrowed. Its names are the address's: they stay when the page's words change."""

    def take_what_fits(self) -> list[str]:
        """Put what is not understood back to its default; the labels of those fields."""
        self.validate()
        ignored = [field for field in self if field.errors]
        for field in ignored:
            field.data, field.raw_data, field.errors = field.default, None, []
        return [field.label.text for field in ignored]

    def query(self) -> dict[str, Any]:
        """What differs from the defaults, as the address has it."""
        given = {field.name: field._value() if hasattr(field, "_value") else field.data for field in self}
        defaults: Mapping[str, str] = {field.name: field.default or "" for field in self}
        return {name: value for name, value in given.items() if value and value != defaults[name]}


class InboxForm(FilterForm):
    """How the inbox is sorted and narrowed."""

    q = StringField("Text", [Length(max=200)], render_kw={"type": "search"})
    survey = SelectField("Survey", default="")
    band = SelectField(
        "Rating",
        choices={"": "All", "bad": "Bad", "middle": "Middling", "good": "Good"},
        default="",
    )
    sentiment = SelectField(
        "Sentiment",
        choices={
            "": "All",
            "negative": "Negative",
            "neutral": "Neutral",
            "positive": "Positive",
            "unread": "Not read",
            "rating": "From the rating",
            "person": "Said by people",
        },
        default="",
    )
    theme = SelectField("Theme", default="")
    said = SelectField(
        "Said about the theme",
        choices={"": "Anything", "negative": "Negative", "neutral": "Neutral", "positive": "Positive"},
        default="",
    )
    status = SelectField(
        "Status",
        choices={"": "All", **STATUS_WORDS},
        default="",
    )
    look = SelectField("Work list", choices={"": "All", "twice": "Look twice"}, default="")
    assignee = SelectField("Assigned to", choices={"": "Anybody", "me": "Me", "nobody": "Nobody"}, default="")
    owner = SelectField("Accounts", choices={"": "All", "me": "My accounts"}, default="")
    since = DateField("From", [Optional(), within_reason])
    until = DateField("To", [Optional(), within_reason])
    state = SelectField(
        "Answers",
        choices={
            ResponseState.CONFIRMED: "Confirmed",
            ResponseState.UNCONFIRMED: "Unconfirmed",
            ResponseState.SUSPECT: "Suspect",
        },
        default=ResponseState.CONFIRMED.value,
    )
    order = SelectField("Order", choices=ORDERS, default="newest")

    @property
    def chosen(self) -> list[str]:
        """The filters of the folded part that are set, in words: "Rating: Bad"."""
        told = dict(self.query())
        folded = [field for field in self if field.name in told and field.name not in UNFOLDED]
        return [f"{field.label.text}: {_word_of(field)}" for field in folded]

    @property
    def is_backwards(self) -> bool:
        """Whether no day is left between "from" and "to"."""
        return bool(self.since.data and self.until.data and self.until.data < self.since.data)

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {"": "All"} | {str(survey.id): survey.name for survey in surveys}

    def offer_themes(self, themes: Iterable[Theme]) -> None:
        """Those that are switched on, and the one that the address names; of a merged one, the one it became."""
        known = {str(theme.id): theme for theme in themes}
        named = known.get(self.theme.data or "")
        if named is not None and named.merged_into_id is not None:
            named = known[str(named.merged_into_id)]
            self.theme.data = str(named.id)
        offered = {key: theme.name for key, theme in known.items() if theme.active or theme is named}
        self.theme.choices = {"": "All", NO_THEME: "Without a theme", **offered}

    def filters(self, reader_id: int, zone: ZoneInfo, *, may_search_people: bool) -> InboxFilters:
        """The filters of this reader, whose days begin at midnight in `zone`; "to" includes its day."""
        midnight = time(tzinfo=zone)
        since, until = self.since.data, self.until.data
        return InboxFilters(
            reader_id=reader_id,
            order=self.order.data,
            state=self.state.data,
            survey_id=int(self.survey.data) if self.survey.data else None,
            tone=self.band.data or None,
            sentiment=self.sentiment.data,
            theme=self.theme.data,
            said=self.said.data,
            look=self.look.data,
            status=self.status.data,
            assignee=self.assignee.data,
            owner=self.owner.data,
            text=(self.q.data or "").replace("\x00", "").strip(),
            since=datetime.combine(since, midnight) if since else None,
            until=datetime.combine(until + timedelta(days=1), midnight) if until else None,
            may_search_people=may_search_people,
        )


def _word_of(field: Any) -> str:
    """What a field is set to, as the page says it."""
    if isinstance(field, DateField):
        return f"{field.data:%-d %b %Y}"
    return str(field.choices[field.data])


class StatusForm(Form):
    status = SelectField("Status", choices=STATUS_WORDS)


class AssigneeForm(Form):
    assignee = SelectField("Assigned to", default="")

    def offer_staff(self, staff: Iterable[StaffUser]) -> None:
        self.assignee.choices = {"": "Nobody"} | {str(user.id): user.display_name for user in staff}


class ThemeForm(Form):
    """Whether a comment has a theme, as a person sees it."""

    theme = SelectField("Theme", coerce=int)
    present = SelectField("Has it", choices={"yes": "Yes", "no": "No"})

    def offer_themes(self, themes: Iterable[Theme]) -> None:
        self.theme.choices = [(theme.id, theme.name) for theme in themes]


class NoteForm(Form):
    text = TextAreaField(
        "Add a note",
        [InputRequired("Write something first."), Length(max=10_000)],
        filters=[lambda text: (text or "").replace("\0", "")],
    )
