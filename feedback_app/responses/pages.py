"""The question page: drawn once for each survey, version, language and preselected rating, then only filled in.

What is kept is the finished HTML with places for what differs from person to person, so that opening a link costs
one SELECT and a substitution. What is filled in is escaped.
"""

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

from babel.numbers import format_decimal
from flask import Response, current_app

from feedback_app.db import db
from feedback_app.mail.placeholders import NAMES, Filling, Slot, Slots
from feedback_app.responses.forms import LONGEST_COMMENT, AnswerForm
from feedback_app.schema import templates_folder
from feedback_app.scoring.bands import Tone
from feedback_app.surveys.models import Survey
from feedback_app.surveys.pages import Look, page, policy_for, respond, style_for
from feedback_app.surveys.wording import TONES, Words, page_texts, words_for

MOST_PAGES = 512  # kept at once; some 10 KB each
LONGEST_NAME = 120


class PageKey(NamedTuple):
    """What a finished page depends on. `updated_at` tells a new survey from a deleted one with its number."""

    survey_id: int
    version: int
    updated_at: datetime
    language: str
    rating: int | None
    product: str = ""


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A finished page with its policy."""

    html: Filling
    policy: str

    def response(self, values: Mapping[str, str], status: int = 200) -> Response:
        return respond(self.html.fill(values), self.policy, status)


@dataclass(frozen=True, slots=True)
class Choice:
    """One rating as the page shows it. `label` is empty where the number says all."""

    rating: int
    tone: Tone
    label: str
    spoken: str


class PageCache:
    """Finished pages, those not asked for the longest dropped first."""

    def __init__(self) -> None:
        self._pages: OrderedDict[PageKey, QuestionPage] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: PageKey, draw: Callable[[], QuestionPage]) -> QuestionPage:
        with self._lock:
            if found := self._pages.get(key):
                self._pages.move_to_end(key)
                return found
        drawn = draw()
        with self._lock:
            self._pages[key] = drawn
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
        return drawn


def question_page(key: PageKey) -> QuestionPage:
    """The finished page, drawn now if it was not kept."""
    kept: PageCache = current_app.extensions.setdefault("feedback_pages", PageCache())
    return kept.get(
        key, lambda: draw(db.session.get_one(Survey, key.survey_id), key.language, key.rating, key.product)
    )


def corrected_page(
    survey: Survey, language: str, form: AnswerForm, problems: Mapping[str, str], product: str = ""
) -> QuestionPage:
    """The page once more, saying what is wrong with what was sent; not kept."""
    ui = page_texts(language)
    facts = {
        "over": format_decimal(form.excess, locale=language),
        "limit": format_decimal(LONGEST_COMMENT, locale=language),
    }
    errors = {name: ui[text].format(**facts) for name, text in problems.items()}
    return draw(survey, language, form.rating, product, errors)


def draw(
    survey: Survey,
    language: str,
    rating: int | None = None,
    product: str = "",
    errors: Mapping[str, str] | None = None,
) -> QuestionPage:
    """The page as HTML with its places to fill."""
    words, slots = words_for(survey, language, product), Slots()
    look = Look(language, survey.brand, survey.accent)
    html = page(
        "responses/question.html",
        look,
        script=script(),
        words=words,
        shape=shape_of(survey, words),
        question=slots.mark_text(words.question),
        low_label=slots.mark_text(words.low_label),
        high_label=slots.mark_text(words.high_label),
        choices=choices_of(survey, words, slots),
        follow_ups=[("any", slots.mark_text(words.comment_label)), *_follow_ups(words, slots)],
        slots={name: slots.mark(Slot(name)) for name in ("age", "comment", "shown", "nonce")},
        rating=rating,
        errors=errors or {},
    )
    return QuestionPage(Filling(html, slots, escape), policy_for(style_for(survey.accent), script()))


def choices_of(survey: Survey, words: Words, slots: Slots) -> list[Choice]:
    """Every rating of the scale, worst first."""
    return [
        Choice(
            rating,
            survey.metric.band_of(rating).tone,
            slots.mark_text(
                "" if words.choice_labels[rating] == str(rating) else words.choice_labels[rating]
            ),
            slots.mark_text(words.spoken_labels[rating]),
        )
        for rating in survey.metric.scale.values
    ]


def shape_of(survey: Survey, words: Words) -> str:
    """How the choices are laid out: numbers that have a meaning in words are a Likert scale."""
    if words.style != "numbers":
        return words.style
    has_words = any(label != str(rating) for rating, label in words.choice_labels.items())
    return "likert" if has_words else f"n{survey.points}"


def personal_values(name: str, context: Mapping[str, Any]) -> dict[str, str]:
    """What the wording may say of the person and the case: {name}, {agent}, {topic} and so on."""
    values = {key: value[:LONGEST_NAME] for key in NAMES if isinstance(value := context.get(key), str)}
    return {"name": name[:LONGEST_NAME], "first_name": name.partition(" ")[0][:LONGEST_NAME]} | values


def personal_text(text: str, values: Mapping[str, str]) -> str:
    """A text of the survey for one person; escaping is the template's."""
    slots = Slots()
    return Filling(slots.mark_text(text), slots, str).fill(values)


@cache
def script() -> str:
    """The page's script without its comments and indentation."""
    source = (Path(templates_folder()) / "responses" / "answer.js").read_text(encoding="utf-8")
    lines = (line.strip() for line in re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL).splitlines())
    return "\n".join(line for line in lines if line)


def _follow_ups(words: Words, slots: Slots) -> list[tuple[Tone, str]]:
    return [(tone, slots.mark_text(words.follow_up[tone])) for tone in TONES]
