"""The upload, and what its columns mean."""

from collections.abc import Sequence

from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField, StringField
from wtforms.validators import Length

from feedback_app.imports.columns import LABELS, Field
from feedback_app.imports.files import ENCODINGS, MOST_COLUMNS
from feedback_app.imports.preview import Choices, Preview
from feedback_app.imports.values import DateOrder
from feedback_app.people.lists import LONGEST_NAME
from feedback_app.staff.forms import one_line

MEANINGS = {str(means): label for means, label in LABELS.items()}


class PlanForm(Form):
    """How the file is read; the columns' meanings are fields `column-0`, `column-1`, … beside these."""

    list_name = StringField(
        "Put everybody on a list (optional)", [Length(max=LONGEST_NAME)], filters=[one_line]
    )
    encoding = SelectField("Letters are written as")
    dates = SelectField(
        "Dates such as 03/04/2026",
        choices={
            "": "As the file shows",
            DateOrder.DAY_FIRST: "Day first",
            DateOrder.MONTH_FIRST: "Month first",
        },
        default="",
    )
    decimals = SelectField(
        "The mark before the cents",
        choices={"": "As the file shows", ",": "Comma: 1.200,50", ".": "Point: 1,200.50"},
        default="",
    )

    def offer_encodings(self, found: str) -> None:
        """Fill the list of encodings; the one that was found comes first."""
        self.encoding.choices = {found: f"{found} (as found)"} | {
            name: name for name in ENCODINGS if name != found
        }

    def choices(self, given: MultiDict[str, str]) -> Choices:
        """What was chosen, for a form that fits."""
        fields = []
        for place in range(MOST_COLUMNS):
            means = given.get(f"column-{place}")
            if means not in MEANINGS:
                break
            fields.append(Field(means))
        dates = DateOrder(self.dates.data) if self.dates.data else None
        name = self.list_name.data or ""
        return Choices(fields, self.encoding.data, dates, self.decimals.data, name)


def column_selects(preview: Preview) -> Sequence[SelectField]:
    """A choice for each column, of what it is kept as."""

    class Columns(Form):
        """One field for each column of the file."""

    for place, column in enumerate(preview.shape.columns):
        setattr(Columns, f"column-{place}", SelectField(column, choices=MEANINGS))
    meaning = preview.plan.meaning
    chosen = {f"column-{place}": str(meaning[name]) for place, name in enumerate(preview.shape.columns)}
    return list(Columns(data=chosen))
