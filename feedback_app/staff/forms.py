"""Forms of staff about themselves. The CSRF token is checked for every form of the application, see app.py."""

import unicodedata
from zoneinfo import available_timezones

from wtforms import EmailField, Form, PasswordField, SelectField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from feedback_app.staff.services import SHORTEST_PASSWORD

LONGEST_PASSWORD = 200


def one_line(text: str | None) -> str:
    """The text as a name or an address can be: one line, without control characters."""
    shown = (letter for letter in " ".join((text or "").split()) if unicodedata.category(letter) != "Cc")
    return "".join(shown)


class SignInForm(Form):
    """Address and password."""

    email = EmailField(
        "E-mail address",
        [InputRequired("Enter your e-mail address."), Length(max=254)],
        filters=[one_line],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        "Password",
        [InputRequired("Enter your password."), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )


class LinkForm(Form):
    """Where to send a one-time sign-in link."""

    email = EmailField(
        "E-mail address",
        [InputRequired("Enter your e-mail address."), Length(max=254)],
        filters=[one_line],
        render_kw={"autocomplete": "username"},
    )


class ProfileForm(Form):
    """What colleagues see, and how times are shown."""

    name = StringField("Name", [Length(max=200)], filters=[one_line], render_kw={"autocomplete": "name"})
    time_zone = SelectField("Time zone")

    def offer_zones(self, of_workspace: str) -> None:
        """Fill the list of time zones; the first one is the workspace's."""
        zones = {zone: zone.replace("_", " ") for zone in sorted(available_timezones())}
        self.time_zone.choices = {"": f"As the workspace ({of_workspace})"} | zones


class PasswordForm(Form):
    """A new password, typed twice."""

    current = PasswordField("Current password", render_kw={"autocomplete": "current-password"})
    new = PasswordField(
        "New password",
        [
            Length(
                SHORTEST_PASSWORD,
                LONGEST_PASSWORD,
                f"Choose at least {SHORTEST_PASSWORD} characters; a few words are easy to remember.",
            )
        ],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password again",
        [EqualTo("new", "The two new passwords are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )
