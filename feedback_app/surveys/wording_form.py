"""The form of a survey's words in one language: a field for each text, the standard one shown where it is empty."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from wtforms import Field, StringField, TextAreaField
from wtforms.form import BaseForm

from feedback_app.surveys.checks import checked_text
from feedback_app.surveys.forms import fits
from feedback_app.surveys.models import Survey
from feedback_app.surveys.wording import standard_texts

# Names and labels, in the order in which people meet the texts.
MAIL = {
    "sender_name": "Sender’s name",
    "subject": "Subject",
    "preheader": "Preview line",
    "greeting": "Greeting",
    "intro": "Introduction",
    "question": "Question",
}
REMINDER = {"reminder_subject": "Subject", "reminder_intro": "Introduction"}
SCALE = {"low_label": "Lowest answer", "high_label": "Highest answer"}
FOOT = {
    "open_in_browser": "Link to the survey",
    "choose": "Above the links of the text part",
    "reference": "What it is about",
    "footer_reason": "Why they get this",
    "unsubscribe": "Link to unsubscribe",
}
PAGE = {
    "comment_label": "Asks for a comment, nothing chosen yet",
    "follow_up_bad": "Asks for a comment after a bad answer",
    "follow_up_middle": "… after a middling answer",
    "follow_up_good": "… after a good answer",
    "thanks_title_bad": "Thanks for a bad answer: heading",
    "thanks_text_bad": "Thanks for a bad answer: text",
    "thanks_title_middle": "Thanks for a middling answer: heading",
    "thanks_text_middle": "Thanks for a middling answer: text",
    "thanks_title_good": "Thanks for a good answer: heading",
    "thanks_text_good": "Thanks for a good answer: text",
}
LONG = ("intro", "question", "reminder_intro", "footer_reason", *(name for name in PAGE if "_text_" in name))
PLACEHOLDERS = {
    "brand": "The brand of this survey",
    "first_name": "The first word of the person’s name",
    "name": "The whole name",
    "company": "Their company",
    "topic": "The subject of the support case",
    "agent": "Who helped them",
}
NOTES = {
    "preheader": "What a mailbox shows behind the subject.",
    "sender_name": "Empty: the sender’s name of the look, else the brand.",
    "reference": "Left out when nothing is known of the case.",
}


@dataclass(frozen=True)
class Group:
    """Texts that stand together on the page."""

    title: str
    fields: tuple[Field, ...]


class WordingForm(BaseForm):
    """A survey's words in one language; an empty field means the standard text."""

    def __init__(self, survey: Survey, language: str, sent: Any = None) -> None:
        self._standard = standard_texts(survey.metric_key, survey.points, language, survey.about)
        self._labels = {
            "Mail": MAIL,
            "Reminder": REMINDER,
            "Answers": SCALE | choices_in_words(survey, self._standard),
            "Foot of the mail": FOOT,
            "Answer page and thanks": PAGE,
        }
        super().__init__(
            {name: self._field(name, label) for part in self._labels.values() for name, label in part.items()}
        )
        self._kept = survey.wording.get(language, {})
        self.process(sent, data=self._kept)

    @property
    def groups(self) -> list[Group]:
        return [Group(title, tuple(self[name] for name in part)) for title, part in self._labels.items()]

    @property
    def texts(self) -> dict[str, str]:
        """The words as they would be kept: those filled in here, and those that have no field here."""
        without_field = {name: text for name, text in self._kept.items() if name not in self}
        return without_field | {field.name: field.data for field in self if (field.data or "").strip()}

    def _field(self, name: str, label: str) -> Any:
        kind = TextAreaField if name in LONG else StringField
        shown = {"placeholder": self._standard[name], "dir": "auto"}
        return kind(label, [fits(partial(checked_text, name))], render_kw=shown)


def choices_in_words(survey: Survey, texts: Mapping[str, str]) -> dict[str, str]:
    """The labels of the answers that are more than their number."""
    ratings = survey.metric.scale.values
    return {f"choice_{n}": f"Answer {n}" for n in ratings if texts[f"choice_{n}"] != str(n)}
