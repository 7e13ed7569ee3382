"""What is decided before the model looks: comments that say nothing.

Only what is nearly certain is decided here; each pattern takes time in proportion to the text.
"""

from dataclasses import dataclass

from feedback_app.sentiment.tagger import Label, Reason
from feedback_app.sentiment.text import Cleaned, has_words, is_non_answer

Mark = tuple[int, int, float]  # from, to (in the cleaned text), and how far these words alone lean


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict that needs no model."""

    label: Label
    polarity: float  # -1 to +1
    confidence: float  # 0 to 1
    evidence: tuple[Mark, ...] = ()  # sorted by place, never overlapping
    reason: Reason | None = None


NOTHING_SAID = Decision("neutral", 0.0, 1.0, reason=Reason.NO_CONTENT)


def decided(cleaned: Cleaned) -> Decision | None:
    """The verdict on a comment that is plain without a model, or None for the others."""
    if not has_words(cleaned.text) or is_non_answer(cleaned.text):
        return NOTHING_SAID
    return None
