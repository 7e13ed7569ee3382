"""What staff enter about an endpoint."""

from collections.abc import Iterable

from wtforms import BooleanField, Form, PasswordField, SelectField, SelectMultipleField, StringField, URLField
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from feedback_app.happenings import Kind
from feedback_app.surveys.models import Survey
from feedback_app.webhooks.endpoints import LONGEST_NAME, EndpointDraft
from feedback_app.webhooks.models import Endpoint, Shape
from feedback_app.webhooks.targets import LONGEST_URL

EVERY_SURVEY = "all"
KIND_WORDS = {
    Kind.RESPONSE_CREATED: "A response came in",
    Kind.RESPONSE_UPDATED: "A response was changed: its rating or comment",
    Kind.RESPONSE_TAGGED: "A comment was read: its sentiment is known",
    Kind.STATUS_CHANGED: "A colleague changed a response’s status",
    Kind.UNSUBSCRIBED: "Somebody unsubscribed",
    Kind.BOUNCED: "A mail came back",
    Kind.SCORE_FELL: "A score fell by more than chance (looked at once a day)",
}
SHAPE_WORDS = {
    Shape.EVENT: "A program (signed JSON, as Delighted sent it)",
    Shape.SLACK: "Slack, an incoming webhook",
    Shape.TEAMS: "Microsoft Teams, an incoming webhook",
}
TONE_WORDS = {
    "bad": "Detractors, difficult, dissatisfied",
    "middle": "Passives and neutral",
    "good": "Promoters, easy, satisfied",
}


class _Boxes(SelectMultipleField):
    """A list of boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class EndpointForm(Form):
    name = StringField("Name", [InputRequired("Give it a name."), Length(max=LONGEST_NAME)])
    url = URLField("Address", [Optional(), Length(max=LONGEST_URL)])
    shape = SelectField("Who reads it", choices={one.value: words for one, words in SHAPE_WORDS.items()})
    secret = PasswordField("Secret", [Optional(), Length(max=200)])
    kinds = _Boxes("Tell it when", choices={one.value: words for one, words in KIND_WORDS.items()})
    survey = SelectField("Survey")
    bands = _Boxes("Ratings", choices=TONE_WORDS)
    themes = StringField("Themes", [Optional(), Length(max=500)])
    in_full = BooleanField("Send comments and notes with the personal data in them")

    @classmethod
    def about(cls, surveys: Iterable[Survey], endpoint: Endpoint | None = None) -> "EndpointForm":
        """The form for a new endpoint, or filled with one; its address and secret are never shown again."""
        form = cls()
        form.offer_surveys(surveys)
        if endpoint is None:
            form.kinds.data = [Kind.RESPONSE_CREATED.value, Kind.RESPONSE_UPDATED.value]
            return form
        form.name.data, form.shape.data, form.kinds.data = endpoint.name, endpoint.shape, endpoint.kinds
        form.survey.data = str(endpoint.filter.get("survey_id", EVERY_SURVEY))
        form.bands.data = endpoint.filter.get("bands", [])
        form.themes.data = ", ".join(endpoint.filter.get("themes", []))
        form.in_full.data = not endpoint.masks_comments
        return form

    def offer_surveys(self, surveys: Iterable[Survey]) -> None:
        self.survey.choices = {
            EVERY_SURVEY: "Every survey",
            **{str(one.id): one.name for one in surveys},
        }

    def draft(self) -> EndpointDraft:
        """What was entered."""
        chosen = self.survey.data
        return EndpointDraft(
            name=self.name.data or "",
            url=self.url.data or "",
            shape=Shape(self.shape.data),
            kinds=[Kind(one) for one in self.kinds.data or ()],
            survey_id=None if chosen == EVERY_SURVEY else int(chosen),
            bands=list(self.bands.data or ()),
            themes=(self.themes.data or "").split(","),
            masks_comments=not self.in_full.data,
        )
