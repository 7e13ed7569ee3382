"""Quiet hours in a form: on which days and between which hours mail may arrive. For triggers, campaigns and plans."""

from wtforms import Form, SelectMultipleField, TimeField
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from feedback_app.invitations.windows import DAYS, EVERY_DAY, MIDNIGHT, SendingWindow


class WindowFields(Form):
    """The fields of a sending window; no day and no hour chosen means at any time."""

    days = SelectMultipleField(
        "Days",
        choices={str(number): name for number, name in enumerate(DAYS)},
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    opens = TimeField("From", [Optional()])
    closes = TimeField("Until", [Optional()])

    def show_window(self, window: SendingWindow | None) -> None:
        """Fill the fields with a window."""
        if window is not None:
            self.days.data = [str(day) for day in sorted(window.days)]
            self.opens.data = window.start
            self.closes.data = window.end

    def window(self) -> SendingWindow | None:
        """What was chosen: without a day every day, without an hour the whole day, without anything None."""
        days = frozenset(int(day) for day in self.days.data or ()) or EVERY_DAY
        opens, closes = self.opens.data or MIDNIGHT, self.closes.data or MIDNIGHT
        if days == EVERY_DAY and opens == closes == MIDNIGHT:
            return None
        return SendingWindow(days, opens, closes)
