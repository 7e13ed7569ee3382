"""The forms of sources and triggers. What a draft may hold is decided by `drafts` and `conditions`."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, NumberRange

from feedback_app.invitations.conditions import FIELDS as CONDITION_FIELDS
from feedback_app.invitations.conditions import OPS, PROPERTY, Condition, Previous
from feedback_app.invitations.drafts import CLOSED, LONGEST_NAME, LONGEST_TYPE, TriggerDraft
from feedback_app.invitations.window_fields import WindowFields
from feedback_app.surveys.models import Survey, SurveyState
from feedback_app.webhooks.helpdesks.provider import Provider
from feedback_app.webhooks.helpdesks.setup import Setup

UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}
FEWEST_ROWS = 3
ABOUT = {key: word.capitalize() for key, word in CONDITION_FIELDS.items()} | {PROPERTY: "Property"}
NOT_CLOSED_BY_RULE = Condition("auto_closed", "is_not", ("yes",))
NOT_OWN_CASE = Condition("own_case", "is_not", ("yes",))
PREVIOUS = {
    "": "Whatever came before",
    str(Previous.NEVER_ASKED): "Only people who were never asked this survey",
    str(Previous.ANSWERED): "Only people who answered it last time",
    str(Previous.UNANSWERED): "Only people who did not answer it last time",
}


class ConditionRow(Form):
    """One condition; a row without a text to compare with is no condition."""

    about = SelectField("About", choices=ABOUT)
    name = StringField("Name of the property", render_kw={"placeholder": "property name"})
    op = SelectField("How", choices=OPS)
    texts = StringField("Text, or several with commas", render_kw={"placeholder": "vip, gold"})

    def condition(self) -> Condition | None:
        texts = [text for text in (self.texts.data or "").split(",") if text.strip()]
        name = (self.name.data or "").strip()
        if not texts and not name:
            return None
        about = f"{PROPERTY}{name}" if self.about.data == PROPERTY else self.about.data
        return Condition(about, self.op.data, tuple(texts))


class TriggerForm(WindowFields):
    """Which events ask which survey, and when."""

    name = StringField("Name", [Length(max=LONGEST_NAME)])
    survey = SelectField("Survey", coerce=int)
    delay = IntegerField("Ask after", [InputRequired("Enter a whole number."), NumberRange(0, 5_184_000)])
    unit = SelectField("Unit of the delay", choices={unit: unit for unit in UNITS}, default="hours")
    sample_percent = IntegerField(
        "Percent of the people",
        [InputRequired("Enter a whole number from 0 to 100."), NumberRange(0, 100)],
        default=100,
    )
    event_type = StringField("Type of event", [Length(max=LONGEST_TYPE)], default=CLOSED)
    not_auto_closed = BooleanField("Not cases that were closed automatically")
    not_own_case = BooleanField("Not the agent’s own case, nor of somebody in the agent’s company")
    previous = SelectField("Last invitation of this survey", choices=PREVIOUS)
    conditions = FieldList(FormField(ConditionRow), max_entries=25)

    def offer(self, surveys: Sequence[Survey], chosen: int | None = None) -> None:
        """The surveys that can be asked, and the one that the trigger has."""
        self.survey.choices = {
            str(survey.id): survey.name
            for survey in surveys
            if survey.state != SurveyState.CLOSED or survey.id == chosen
        }

    def draft(self, more: Iterable[Condition] = ()) -> TriggerDraft:
        """What was entered, with `more` conditions that the form has no field for. It is checked when it is saved."""
        rows = [row.form.condition() for row in self.conditions]
        return TriggerDraft(
            self.survey.data,
            self.name.data or "",
            self.event_type.data or CLOSED,
            (*(row for row in rows if row is not None), *self._ticked(), *more),
            timedelta(seconds=self.delay.data * UNITS[self.unit.data]),
            self.sample_percent.data,
            self.window(),
        )

    def _ticked(self) -> Iterable[Condition]:
        if self.not_auto_closed.data:
            yield NOT_CLOSED_BY_RULE
        if self.not_own_case.data:
            yield NOT_OWN_CASE
        if self.previous.data:
            yield Condition("previous", "is", (self.previous.data,))


def trigger_form(draft: TriggerDraft) -> TriggerForm:
    """The form filled with a draft, with two empty rows for more conditions."""
    seconds = int(draft.delay.total_seconds())
    unit = next(name for name in reversed(UNITS) if seconds % UNITS[name] == 0)
    rows = [row for one in draft.conditions if (row := _row(one)) is not None]
    given: dict[str, Any] = {
        "name": draft.name,
        "survey": draft.survey_id,
        "delay": seconds // UNITS[unit],
        "unit": unit,
        "sample_percent": draft.sample_percent,
        "event_type": draft.event_type,
        "not_auto_closed": any(one.words() == NOT_CLOSED_BY_RULE.words() for one in draft.conditions),
        "not_own_case": any(one.words() == NOT_OWN_CASE.words() for one in draft.conditions),
        "previous": next((one.values[0] for one in draft.conditions if _is_previous(one)), ""),
        "conditions": [*rows, *[{}] * max(2, FEWEST_ROWS - len(rows))],
    }
    form = TriggerForm(data=given)
    form.show_window(draft.window)
    return form


def other_choices(draft: TriggerDraft) -> list[Condition]:
    """Conditions that the form has no field for (made at the command line): they are shown, and kept."""
    shown = (NOT_CLOSED_BY_RULE.words(), NOT_OWN_CASE.words())
    return [
        one
        for one in draft.conditions
        if _row(one) is None and one.words() not in shown and not _is_previous(one)
    ]


def _row(one: Condition) -> dict[str, str] | None:
    texts = ", ".join(one.values)
    if one.field.startswith(PROPERTY):
        return {"about": PROPERTY, "name": one.field.removeprefix(PROPERTY), "op": one.op, "texts": texts}
    return {"about": one.field, "op": one.op, "texts": texts} if one.field in CONDITION_FIELDS else None


def _is_previous(one: Condition) -> bool:
    return one.field == "previous" and one.op == "is" and len(one.values) == 1


class SourceForm(Form):
    """A source, and what its kind of helpdesk needs to be told: a field for each, one text a line."""

    name = StringField("Name", [InputRequired("A source needs a name."), Length(max=LONGEST_NAME)])

    def settings(self, setup: Setup) -> dict[str, list[str]]:
        """The lists of texts that were entered."""
        return {one.name: (self[one.name].data or "").splitlines() for one in setup.settings_fields}


def source_form(helpdesk: Provider, formdata: Any = None, **data: Any) -> SourceForm:
    """The form for this kind of helpdesk."""
    fields = {
        one.name: TextAreaField(one.label, render_kw={"rows": 2}) for one in helpdesk.setup.settings_fields
    }
    made: SourceForm = type("SourceFormOfKind", (SourceForm,), fields)(formdata, data=data)
    return made


class SecretForm(Form):
    """The secret that the helpdesk signs with."""

    secret = StringField(
        "Signing secret",
        [InputRequired("Copy the secret from the helpdesk.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )


class TryForm(Form):
    """A body to try out."""

    body = TextAreaField(
        "What the helpdesk sends",
        [InputRequired("Paste a body first."), Length(max=200_000)],
        render_kw={"rows": 14, "spellcheck": "false", "class": "mono"},
    )
