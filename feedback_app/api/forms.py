"""The forms of /settings/keys."""

from collections.abc import Sequence

from wtforms import BooleanField, Form, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from feedback_app.api.keys import LONGEST_NAME
from feedback_app.api.models import Scope

SCOPES = [
    (str(Scope.FULL), "Everything"),
    (str(Scope.INGEST), "Send in only"),
    (str(Scope.READ), "Read only"),
]
OVERLAPS = [(0, "not at all"), (1, "an hour"), (24, "a day"), (168, "a week"), (720, "30 days")]  # hours
MOST_PER_MINUTE = 1_000_000


class KeyForm(Form):
    """A new key."""

    survey = SelectField("Survey", validators=[InputRequired("Choose the survey that the key is for.")])
    scope = SelectField("It may", choices=[SelectChoice(*one) for one in SCOPES])
    name = StringField(
        "Name", validators=[Length(max=LONGEST_NAME, message=f"At most {LONGEST_NAME} characters.")]
    )
    per_minute = IntegerField(
        "Requests a minute",
        validators=[
            Optional(),
            NumberRange(0, MOST_PER_MINUTE, message="A whole number from 0, which is no limit."),
        ],
    )

    @classmethod
    def of(cls, surveys: Sequence[tuple[str, str]], *given: object) -> "KeyForm":
        """The form with these surveys to choose from."""
        form = cls(*given)
        form.survey.choices = [SelectChoice(*one) for one in surveys]
        return form


class ReplaceForm(Form):
    """For how long the old key stays good."""

    hours = SelectField(
        "The old key stays good for",
        coerce=int,
        choices=[SelectChoice(*one) for one in OVERLAPS],
        default=24,
    )


class RevokeForm(Form):
    """That it is meant."""

    sure = BooleanField(
        "Programs with this key stop at once", validators=[InputRequired("Tick the box to revoke the key.")]
    )
