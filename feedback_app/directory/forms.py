"""What staff search for and change on the pages of people and accounts."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from zoneinfo import available_timezones

from wtforms import (
    DateField,
    DecimalField,
    EmailField,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp, ValidationError

from feedback_app.db import LARGEST_ID
from feedback_app.errors import Invalid
from feedback_app.people.addresses import normalised_address
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import LONGEST_NAME, ListLine
from feedback_app.people.models import SuppressionReason
from feedback_app.reviews.forms import FilterForm
from feedback_app.staff.forms import one_line
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey

REASON_WORDS: dict[str, str] = {
    SuppressionReason.UNSUBSCRIBED: "Unsubscribed",
    SuppressionReason.BOUNCED: "Bounced",
    SuppressionReason.COMPLAINED: "Complained of spam",
    SuppressionReason.ERASED: "Asked to be forgotten",
}
LANGUAGE = r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"
LONGEST_PROPERTIES = 20_000


def is_address(_form: Form, field: EmailField) -> None:
    """Refuse what mail cannot be sent to."""
    try:
        normalised_address(field.data or "")
    except Invalid as error:
        raise ValidationError(error.message) from error


class PeopleForm(FilterForm):
    """How the list of people is sorted and narrowed."""

    q = StringField("Text", [Length(max=200)], filters=[one_line], render_kw={"type": "search"})
    list = SelectField("List", default="")
    owner = SelectField("Accounts of", default="")
    locale = StringField(
        "Language",
        [Optional(), Regexp(LANGUAGE)],
        filters=[one_line],
        render_kw={"placeholder": "de", "size": 6},
    )
    property = StringField("Property", [Length(max=100)], filters=[one_line])
    value = StringField("is", [Length(max=200)], filters=[one_line])
    account = IntegerField("Account", [Optional(), NumberRange(1, LARGEST_ID)])
    order = SelectField("Order", choices={"newest": "Newest first", "name": "By name"}, default="newest")

    def offer(self, lists: Iterable[ListLine], staff: Iterable[StaffUser]) -> None:
        self.list.choices = {"": "Any or none"} | {
            str(line.id): f"{line.name} ({line.people:,})" for line in lists
        }
        self.owner.choices = {"": "Anybody"} | {str(user.id): user.display_name for user in staff}

    def filter(self) -> PeopleFilter:
        return PeopleFilter(
            q=self.q.data or "",
            list_id=int(self.list.data) if self.list.data else None,
            account_id=self.account.data,
            owner_id=int(self.owner.data) if self.owner.data else None,
            locale=self.locale.data or "",
            property=self.property.data or "",
            value=self.value.data or "",
        )


class ListForm(Form):
    """What a list is called."""

    name = StringField(
        "Name", [DataRequired("Give the list a name."), Length(max=LONGEST_NAME)], filters=[one_line]
    )


class NameForm(Form):
    """Under which name a filter is kept."""

    name = StringField(
        "Save this filter as",
        [DataRequired("Give the filter a name."), Length(max=LONGEST_NAME)],
        filters=[one_line],
    )


class NewPersonForm(Form):
    """Somebody added by hand."""

    email = EmailField(
        "E-mail address",
        [DataRequired("Enter an e-mail address."), Length(max=254), is_address],
        filters=[one_line],
        render_kw={"autocomplete": "off"},
    )
    name = StringField("Name", [Length(max=200)], filters=[one_line], render_kw={"autocomplete": "off"})
    locale = StringField(
        "Language",
        [Optional(), Regexp(LANGUAGE, message="Write a language as en, de-AT or pt-BR.")],
        filters=[one_line],
    )
    account = StringField("Account", [Length(max=200)], filters=[one_line])


class PropertiesField(TextAreaField):
    """Properties as text, one "name: value" to a line. What is left as it was keeps its type."""

    def offer(self, properties: Mapping[str, Any]) -> None:
        """Show these, unless something was sent already."""
        self.known = dict(properties)
        if not self.raw_data:
            self.data = "\n".join(f"{name}: {value}" for name, value in properties.items())

    def properties(self) -> dict[str, Any]:
        """What was sent; raises ValidationError naming the first line that is none."""
        read: dict[str, Any] = {}
        for number, line in enumerate((self.data or "").replace("\0", "").splitlines(), 1):
            name, colon, value = (part.strip() for part in line.partition(":"))
            if not line.strip():
                continue
            if not colon or not name:
                raise ValidationError(f"Line {number} has no colon. Write one “name: value” to a line.")
            read[name] = self.known[name] if str(self.known.get(name)) == value else value
        return read

    def pre_validate(self, form: Any) -> None:
        super().pre_validate(form)
        self.properties()


class PersonForm(Form):
    """What is known of a person; the address stays what it is."""

    name = StringField("Name", [Length(max=200)], filters=[one_line], render_kw={"autocomplete": "off"})
    locale = StringField(
        "Language",
        [Optional(), Regexp(LANGUAGE, message="Write a language as en, de-AT or pt-BR.")],
        filters=[one_line],
    )
    time_zone = SelectField("Time zone", default="")
    account = StringField("Account", [Length(max=200)], filters=[one_line])
    properties = PropertiesField("Properties", [Length(max=LONGEST_PROPERTIES)], render_kw={"rows": 6})

    def offer_zones(self) -> None:
        zones = {zone: zone.replace("_", " ") for zone in sorted(available_timezones())}
        self.time_zone.choices = {"": "As the workspace"} | zones


class ReasonForm(Form):
    """Why staff change what the suppression list says."""

    reason = StringField(
        "Reason", [DataRequired("Say why; colleagues will read it."), Length(max=200)], filters=[one_line]
    )


class UnsubscribeForm(ReasonForm):
    """Of which survey a person gets no more mail, and why."""

    survey = SelectField("No more mail of", default="")

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {"": "Any survey"} | {str(survey.id): survey.name for survey in surveys}

    @property
    def survey_id(self) -> int | None:
        return int(self.survey.data) if self.survey.data else None


class AddressForm(Form):
    """An address that is looked up on the suppression list."""

    email = EmailField(
        "Look up an address",
        [DataRequired("Enter an e-mail address."), Length(max=254), is_address],
        filters=[one_line],
        render_kw={"autocomplete": "off"},
    )


class StopForm(UnsubscribeForm):
    """An address that gets no more mail, whether or not we know whose it is."""

    email = EmailField(
        "Stop writing to",
        [DataRequired("Enter an e-mail address."), Length(max=254), is_address],
        filters=[one_line],
        render_kw={"autocomplete": "off"},
        id="stop-email",  # the page has another field of this name
    )


class AccountsForm(FilterForm):
    """How the list of accounts is sorted and narrowed."""

    q = StringField("Name", [Length(max=200)], filters=[one_line], render_kw={"type": "search"})
    owner = SelectField("Owner", default="")
    order = SelectField("Order", choices={"name": "By name", "renewal": "Next renewal first"}, default="name")

    def offer_staff(self, staff: Iterable[StaffUser]) -> None:
        self.owner.choices = {"": "Any owner"} | {str(user.id): user.display_name for user in staff}


class AccountForm(Form):
    """What is known of an account; its name stays what it is."""

    owner = SelectField("Owner", default="")
    monthly_revenue = DecimalField(
        "Monthly revenue (MRR)",
        [Optional(), NumberRange(0, 9_999_999_999, "Enter an amount from 0 up.")],
        places=2,
    )
    currency = StringField(
        "Currency",
        [Optional(), Regexp(re.compile(r"^[A-Z]{3}$"), message="Write three letters, for example EUR.")],
        filters=[lambda text: one_line(text).upper()],
        render_kw={"size": 4},
    )
    renews_on = DateField("Renews on", [Optional()])
    properties = PropertiesField("Properties", [Length(max=LONGEST_PROPERTIES)], render_kw={"rows": 6})

    def offer_staff(self, staff: Iterable[StaffUser]) -> None:
        self.owner.choices = {"": "Nobody"} | {str(user.id): user.display_name for user in staff}
