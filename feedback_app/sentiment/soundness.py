"""Whether a tag is one: what a tagger from outside gives is looked at before it is stored."""

from typing import Any

from feedback_app.sentiment.comparing import LABELS
from feedback_app.sentiment.tagger import Tag

LONGEST_NAME = 19
LONGEST_VERSION = 40
LONGEST_LANGUAGE = 12


def unsound(tag: Tag, text: str) -> str:
    """Why this is no tag of that text, without a word of the text; empty if it is one."""
    if not _is_word(tag.tagger, LONGEST_NAME) or not _is_word(tag.version, LONGEST_VERSION):
        return f"its name has more than {LONGEST_NAME} characters or its version more than {LONGEST_VERSION}, or none"
    if tag.label is None and tag.reason is None:
        return "it has neither a label nor a reason"
    if tag.label is not None and tag.label not in LABELS:
        return "its label is none of negative, neutral and positive"
    if not _is_within(tag.polarity, -1):
        return "its polarity is no number from -1 to 1"
    if not _is_within(tag.subjectivity, 0) or not _is_within(tag.confidence, 0):
        return "its subjectivity or confidence is no number from 0 to 1"
    if tag.language is not None and not _is_word(tag.language, LONGEST_LANGUAGE):
        return "its language is no code"
    return "" if _stands_in(tag, text) else "its evidence does not stand in the text, sorted and apart"


def _is_word(value: Any, longest: int) -> bool:
    return isinstance(value, str) and 0 < len(value) <= longest


def _is_within(value: Any, least: int) -> bool:
    """Whether it is a number from `least` to 1, or None."""
    return value is None or (type(value) in (float, int) and least <= value <= 1)


def _stands_in(tag: Tag, text: str) -> bool:
    end = 0
    for found in tag.evidence:
        if type(found.start) is not int or type(found.end) is not int:
            return False
        if not end <= found.start < found.end <= len(text):
            return False
        if found.word != text[found.start : found.end]:
            return False
        if found.weight is None or not _is_within(found.weight, -1):
            return False
        end = found.end
    return True
