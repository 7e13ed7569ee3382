"""What a tagger from outside may give, and what is refused before it is stored."""

from typing import Any

import pytest

from feedback_app.sentiment.soundness import unsound
from feedback_app.sentiment.tagger import Evidence, Reason, Tag

TEXT = "Good, but slow"
SOUND = Tag(
    "mine", "1", "positive", 0.5, evidence=(Evidence(0, 4, "Good", 1), Evidence(10, 14, "slow", -0.5))
)


@pytest.mark.parametrize(
    "tag",
    [
        SOUND,
        Tag("mine", "1", "neutral", 0),
        Tag("mine", "1", reason=Reason.NO_CONTENT),
        Tag("mine", "v" * 40, reason=Reason.LANGUAGE, language="pt-br"),
    ],
)
def test_what_keeps_the_rules_is_sound(tag: Tag) -> None:
    assert unsound(tag, TEXT) == ""


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"version": "v" * 41}, "version"),
        ({"tagger": ""}, "name"),
        ({"label": None}, "neither a label nor a reason"),
        ({"label": "weird"}, "label"),
        ({"polarity": 7.0}, "polarity"),
        ({"polarity": float("nan")}, "polarity"),
        ({"polarity": True}, "polarity"),
        ({"confidence": -0.1}, "confidence"),
        ({"subjectivity": "high"}, "subjectivity"),
        ({"language": "a very long name"}, "language"),
        ({"evidence": (Evidence(0, 4, "good", 1),)}, "evidence"),
        ({"evidence": (Evidence(0, 15, "Good, but slow", 1),)}, "evidence"),
        ({"evidence": (Evidence(5, 5, "", 1),)}, "evidence"),
        ({"evidence": (*SOUND.evidence, Evidence(0, 4, "Good", 1))}, "evidence"),
        ({"evidence": (Evidence(0, 4, "Good", 2.5),)}, "evidence"),
    ],
)
def test_what_breaks_one_is_refused_and_says_which(change: dict[str, Any], why: str) -> None:
    assert why in unsound(SOUND._replace(**change), TEXT)
