"""The forms of a survey: a new one, its rules, its look. What a field may hold is asked of `checks`."""

from collections.abc import Callable
from typing import Any

from babel import Locale
from wtforms import (
    BooleanField,
    ColorField,
    Field,
    Form,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from feedback_app.errors import Invalid
from feedback_app.surveys import checks
from feedback_app.surveys.services import LONGEST_DAYS
from feedback_app.surveys.wording import BRAND, LANGUAGES, SUPPORT

METRICS = {
    "nps11": "NPS: how likely to recommend, 0 to 10",
    "ces7": "CES: how easy it was, 1 to 7",
    "ces5": "CES: how easy it was, 1 to 5",
    "csat5": "CSAT: how satisfied, 1 to 5",
    "csat3": "CSAT: how satisfied, 1 to 3",
    "stars5": "Stars, 1 to 5",
    "smileys5": "Smileys, 1 to 5",
    "thumbs2": "Thumbs: yes or no",
    "enps11": "eNPS: how likely employees are to recommend, 0 to 10",
    "pmf3": "Product-market fit: how disappointed without it, 1 to 3",
}
LANGUAGE_NAMES = {
    tag: str(Locale(tag).get_display_name()).capitalize() for tag in LANGUAGES
}  # each in its own
ABOUT_WORDS = {
    BRAND: "The company or product as a whole",
    SUPPORT: "The help with a support case",
}


def fits(check: Callable[[str], Any]) -> Callable[[Form, Field], None]:
    """A validator that asks one of `checks`; its sentence is shown beside the field."""

    def validate(_form: Form, field: Field) -> None:
        try:
            check(field.data or "")
        except Invalid as error:
            raise ValidationError(error.message) from error

    return validate


def line(label: str, what: str, longest: int, *, required: bool = False) -> StringField:
    """A field of one line, which may go into a mail header."""
    validators: list[Any] = [DataRequired(f"A survey needs a {what}.")] if required else []
    return StringField(label, [*validators, fits(lambda text: checks.checked_line(what, text, longest))])


def whole(label: str, least: int, *, required: bool = True) -> IntegerField:
    told = f"Enter a whole number from {least} to {LONGEST_DAYS:,}."
    first = InputRequired(told) if required else Optional()
    return IntegerField(label, [first, NumberRange(least, LONGEST_DAYS, told)])


def address(label: str, what: str) -> StringField:
    return StringField(
        label, [fits(lambda text: checks.checked_address(what, text))], render_kw={"type": "email"}
    )


class NewSurveyForm(Form):
    """What a survey must have before anything else can be said about it."""

    metric = SelectField("What to ask", choices=METRICS, default="csat5")
    name = line("Name", "name", 120, required=True)
    brand = line("Brand", "brand", 80, required=True)
    about = SelectField("Asks about", choices=ABOUT_WORDS, default=BRAND)
    language = SelectField("Language", choices=LANGUAGE_NAMES, default="en")

    @property
    def metric_key(self) -> str:
        return str(self.metric.data).rstrip("0123456789")

    @property
    def points(self) -> int:
        return int(str(self.metric.data)[len(self.metric_key) :])


class RulesForm(Form):
    """When people are asked, and how long they may answer."""

    name = line("Name", "name", 120, required=True)
    about = SelectField("Asks about", choices=ABOUT_WORDS)
    language = SelectField("Language", choices=LANGUAGE_NAMES)
    throttle_days = whole("Days between two invitations", 0)
    reserves_turn = BooleanField("Reserve its turn")
    reminder_days = whole("Remind after days", 1, required=False)
    edit_hours = whole("Hours in which an answer can be changed", 0)
    link_days = whole("Days that a link lives", 1)
    counts_unconfirmed = BooleanField("Count unconfirmed answers")


class LookForm(Form):
    """Who the mail comes from and in which colour."""

    brand = line("Brand", "brand", 80, required=True)
    accent = ColorField("Colour", [fits(checks.checked_accent)])
    sender_name = line("Sender’s name", "sender's name", checks.LONGEST_SENDER_NAME)
    sender_address = address("Sender’s address", "sender's address")
    reply_to = address("Replies go to", "address for replies")
    postal_address = TextAreaField("Postal address", [fits(checks.checked_postal_address)])
