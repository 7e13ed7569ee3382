"""What staff say about a theme, and how the list of themes is narrowed."""

from collections.abc import Iterable

from wtforms import (
    BooleanField,
    ColorField,
    Form,
    HiddenField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Regexp

from feedback_app.surveys.models import Survey
from feedback_app.themes.models import SHORT_NAME, Theme
from feedback_app.themes.starter_themes import COLOURS

PERIODS = {"7": "7 days", "30": "30 days", "90": "90 days", "365": "A year"}
EVERY_SURVEY = ""
LONGEST_LINE = 200  # characters of a pattern that an address brings


class ListForm(Form):
    """Which comments the list of themes counts."""

    days = SelectField("Period", choices=PERIODS, default="90")
    survey = SelectField("Survey", default=EVERY_SURVEY)

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {EVERY_SURVEY: "Every survey"} | {str(one.id): one.name for one in surveys}

    def take_what_fits(self) -> None:
        """Put what is not understood back to its default."""
        self.validate()
        for field in self:
            if field.errors:
                field.data, field.errors = field.default, ()

    @property
    def period(self) -> int:
        """In days."""
        return int(self.days.data)

    @property
    def is_longest(self) -> bool:
        """Whether no longer period can be chosen."""
        return self.period == max(map(int, PERIODS))

    @property
    def survey_id(self) -> int | None:
        return int(self.survey.data) if self.survey.data else None


class ThemeForm(Form):
    """A theme as it is typed; `version` is that of the rule that the page showed."""

    name = StringField(
        "Name",
        [
            InputRequired("Give the theme a name."),
            Length(max=SHORT_NAME, message=f"At most {SHORT_NAME} characters."),
        ],
    )
    colour = ColorField(
        "Colour",
        [Regexp(r"#[0-9a-fA-F]{6}\Z", message="Choose a colour, for example #3b82f6.")],
        default=COLOURS[0],
    )
    patterns = TextAreaField("Words and phrases, one a line", [InputRequired("Enter at least one word.")])
    active = BooleanField("Look for it in comments", default=True)
    version = HiddenField(default="")

    def show(self, theme: Theme) -> None:
        """Fill the form with what is kept."""
        self.name.data, self.colour.data = theme.name, theme.colour
        self.patterns.data, self.active.data = theme.patterns, theme.active
        self.version.data = str(theme.version)

    @property
    def seen_version(self) -> int | None:
        """Of the patterns that the page showed."""
        given = self.version.data or ""
        return int(given) if given.isdecimal() and len(given) < 10 else None

    def add_line(self, line: str) -> None:
        """Put one more pattern below the others, unless it is there."""
        lines = (self.patterns.data or "").splitlines()
        if line and line not in lines:
            self.patterns.data = "\n".join([*lines, line])


class MergeForm(Form):
    into = SelectField("Merge into", [InputRequired("Choose a theme.")])

    def offer(self, themes: Iterable[Theme]) -> None:
        self.into.choices = {str(one.id): one.name for one in themes}
