"""The form of the links on a survey's thank-you page: one for each band of answers, or none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wtforms import Field, Form, StringField, URLField
from wtforms.form import BaseForm
from wtforms.validators import ValidationError

from feedback_app.scoring.bands import Band, Tone
from feedback_app.surveys import checks
from feedback_app.surveys.forms import fits
from feedback_app.surveys.models import Survey
from feedback_app.surveys.wording import Words


@dataclass(frozen=True)
class BandLink:
    """What may be linked for the answers of one band."""

    tone: Tone
    title: str
    answers: str  # those of the band, as people read them
    label: Field
    url: Field


class ThanksForm(BaseForm):
    """A web address and its label for each band of the survey's metric; both empty: no link."""

    def __init__(self, survey: Survey, sent: Any = None) -> None:
        self._bands = list(reversed(survey.metric.bands))  # a link is mostly for those who are happy
        super().__init__({name: field for band in self._bands for name, field in _fields(band.tone)})
        kept = {
            f"{tone}_{part}": text
            for tone, link in survey.thanks_links.items()
            for part, text in link.items()
        }
        self.process(sent, data=kept)

    def groups(self, words: Words) -> list[BandLink]:
        """The fields by band, with the answers called as in these words."""
        return [
            BandLink(
                band.tone,
                _named(band),
                _answers(band, words),
                self[f"{band.tone}_label"],
                self[f"{band.tone}_url"],
            )
            for band in self._bands
        ]

    @property
    def links(self) -> dict[str, dict[str, str]]:
        """The links as they are kept; a band without one has no entry."""
        given = {
            band.tone: {part: _text(self[f"{band.tone}_{part}"]) for part in ("url", "label")}
            for band in self._bands
        }
        return {tone: link for tone, link in given.items() if link["url"]}


def _fields(tone: Tone) -> Iterator[tuple[str, Any]]:
    def named(form: Form, field: Field) -> None:
        if _text(form[f"{tone}_url"]) and not _text(field):
            raise ValidationError("Say where the link leads, for example Rate us on Example.")

    def linked(form: Form, field: Field) -> None:
        if _text(field):
            fits(checks.checked_url)(form, field)
        elif _text(form[f"{tone}_label"]):
            raise ValidationError("Enter the address that the button leads to, or empty its label.")

    short = fits(lambda text: checks.checked_line("label of the link", text, checks.LONGEST_LINK_LABEL))
    yield f"{tone}_label", StringField("Button", [named, short])
    yield f"{tone}_url", URLField("Web address", [linked], render_kw={"placeholder": "https://"})


def _text(field: Field) -> str:
    return (field.data or "").strip()


def _named(band: Band) -> str:
    return band.key.replace("_", " ").capitalize()


def _answers(band: Band, words: Words) -> str:
    ends = dict.fromkeys(words.choice_labels[rating] for rating in (band.low, band.high))
    return " – ".join(ends)
