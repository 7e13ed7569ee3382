"""The mail that asks a person: compiled once for a survey, its version and a language, then filled in quickly."""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

from feedback_app.mail.colours import palette
from feedback_app.mail.placeholders import Filling, Slot, Slots
from feedback_app.mail.templates import html_of, rendered_template
from feedback_app.scoring.bands import Tone

Style: TypeAlias = Literal["numbers", "stars", "smileys", "thumbs", "words"]

_FACES: Mapping[Tone, tuple[str, ...]] = {"bad": ("😠", "🙁"), "middle": ("😐",), "good": ("🙂", "😀")}
_MOST_IN_A_ROW = 7  # of touch targets on a phone 320 px wide; a longer scale goes on two rows there
_LONGEST_VALUE = 120
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_BLANKS = re.compile(r"[^\S\u00a0\u202f]+")  # no-break spaces stay: French sets them before ? and inside « »
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Choice:
    """One rating that a person can tap. The tone chooses the face or thumb; it never colours a button."""

    value: int
    label: str
    tone: Tone = "middle"


@dataclass(frozen=True, slots=True)
class SurveyMail:
    """What the mail says, in one language. Subject, preheader, greeting, intro and question may hold {placeholders}.

    `footer` lines say why the person gets this and from whom (postal address). `reference_marks` are lines such as
    "Case {topic}" that are left out for whom the value is missing.
    """

    language: str
    direction: Literal["ltr", "rtl"]
    brand: str
    accent: str  # #rrggbb
    subject: str
    preheader: str
    greeting: str
    intro: str  # paragraphs with an empty line between them
    question: str
    choices: tuple[Choice, ...]  # worst first
    style: Style
    low_label: str
    high_label: str
    footer: tuple[str, ...]
    unsubscribe_label: str = "Unsubscribe"
    browser_label: str = "Or open the survey in your browser"
    sender_name: str = ""  # in the From line; the brand unless given
    choose_label: str = "Choose your answer by opening its link:"  # in the text part
    reference_marks: tuple[str, ...] = ()
    plain: frozenset[str] = frozenset()  # which of subject and intro are taken word for word


@dataclass(frozen=True, slots=True)
class PersonValues:
    """What differs from person to person. `answer_url` has no query string; `extras`: agent, company, topic, ..."""

    name: str
    answer_url: str
    unsubscribe_url: str
    trap_url: str
    first_name: str = ""  # the first word of the name unless given
    extras: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One person's mail, ready for an OutgoingMail."""

    subject: str
    text: str
    html: str


class _Button(NamedTuple):
    value: int
    picture: str  # what stands on it
    meaning: str  # what the rating means, if that is more than its number


class CompiledMail:
    """A survey's mail in one language; each person costs a substitution and no template engine."""

    def __init__(self, content: SurveyMail) -> None:
        self.sender_name = content.sender_name or content.brand
        slots = Slots()
        context = _context(content, slots)
        self._subject = Filling(rendered_template("survey/subject.txt", **context).strip(), slots, str)
        self._text = Filling(rendered_template("survey/body.txt", **context), slots, str)
        self._html = Filling(html_of(rendered_template("survey/body.mjml", **context)), slots, _html)

    def render(self, person: PersonValues) -> Rendered:
        """The mail for one person: values escaped in the HTML, and nowhere a line break that was not there."""
        values = _values(person)
        return Rendered(self._subject.fill(values), self._text.fill(values), self._html.fill(values))


def compile_survey_mail(content: SurveyMail) -> CompiledMail:
    """The content as a mail that can be filled in; Jinja and MJML run here and only here."""
    return CompiledMail(content)


def _context(content: SurveyMail, slots: Slots) -> dict[str, Any]:
    """What the templates see: markers instead of texts, and for the rest values that we chose."""
    if not _LANGUAGE.fullmatch(content.language):
        raise ValueError(f"The language is {content.language!r}; it must look like en or pt-BR.")
    ltr = content.direction == "ltr"
    return {
        "language": content.language,
        "direction": "ltr" if ltr else "rtl",
        "start": "left" if ltr else "right",
        "end": "right" if ltr else "left",
        "style": content.style,
        "colours": palette(content.accent),
        "rows": _rows(_buttons(content, slots)),
        **_wording(content, slots),
        **{name: slots.mark(Slot(name)) for name in ("answer_url", "trap_url", "unsubscribe_url")},
    }


def _wording(content: SurveyMail, slots: Slots) -> dict[str, Any]:
    texts = ("subject", "preheader", "greeting", "question")
    labels = ("brand", "low_label", "high_label", "unsubscribe_label", "browser_label", "choose_label")
    return {
        **{name: _marker(content, slots, name)(_one_line(getattr(content, name))) for name in texts},
        **{name: slots.mark_plain(_one_line(getattr(content, name))) for name in labels},
        "paragraphs": [
            [_marker(content, slots, "intro")(line) for line in lines] for lines in _paragraphs(content.intro)
        ],
        "marks": [slots.mark_line(_one_line(line)) for line in content.reference_marks],
        "footer": [slots.mark_text(_one_line(line)) for line in content.footer if line.strip()],
    }


def _marker(content: SurveyMail, slots: Slots, name: str) -> Callable[[str], str]:
    return slots.mark_plain if name in content.plain else slots.mark_text


def _values(person: PersonValues) -> dict[str, str]:
    values = {name: _shortened(_collapsed(value)) for name, value in person.extras.items()}
    name = _shortened(_collapsed(person.name))
    values["name"] = name
    values["first_name"] = _shortened(_collapsed(person.first_name)) or name.partition(" ")[0]
    values["answer_url"] = person.answer_url
    values["unsubscribe_url"] = person.unsubscribe_url
    values["trap_url"] = person.trap_url
    return values


def _rows(buttons: list[_Button]) -> list[list[_Button]]:
    if len(buttons) <= _MOST_IN_A_ROW:
        return [buttons]
    half = (len(buttons) + 1) // 2
    return [buttons[:half], buttons[half:]]


def _buttons(content: SurveyMail, slots: Slots) -> list[_Button]:
    return [
        _Button(
            choice.value,
            picture=slots.mark_plain(_picture(choice, content)),
            meaning=slots.mark_plain("" if choice.label == str(choice.value) else _one_line(choice.label)),
        )
        for choice in content.choices
    ]


def _picture(choice: Choice, content: SurveyMail) -> str:
    if content.style == "stars":
        return "★"
    if content.style == "thumbs":
        return "👎" if choice.tone == "bad" else "👍"
    if content.style == "smileys":
        return _face(choice, content.choices)
    return choice.label if content.style == "words" else str(choice.value)


def _face(choice: Choice, choices: tuple[Choice, ...]) -> str:
    """The face of a choice by its tone: of several with the same tone the outer one is the stronger."""
    faces = _FACES[choice.tone]
    alike = [other.value for other in choices if other.tone == choice.tone]
    place = alike.index(choice.value)
    if choice.tone == "bad":
        return faces[max(0, place + len(faces) - len(alike))]
    return faces[min(place, len(faces) - 1)]


def _paragraphs(text: str) -> list[list[str]]:
    """The lines of each paragraph; paragraphs have an empty line between them."""
    lines = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n").strip()
    return [paragraph.split("\n") for paragraph in re.split(r"\n\s*\n", lines) if paragraph]


def _one_line(text: str) -> str:
    """Wording without line breaks and double blanks."""
    return _BLANKS.sub(" ", text.replace("\0", "")).strip()


def _collapsed(value: str) -> str:
    """A person's value, with nothing but plain blanks between its words."""
    return " ".join(value.replace("\0", "").split())


def _shortened(value: str) -> str:
    return value if len(value) <= _LONGEST_VALUE else f"{value[: _LONGEST_VALUE - 1]}…"


def _html(text: str) -> str:
    return html.escape(text).replace("\n", "<br />")
