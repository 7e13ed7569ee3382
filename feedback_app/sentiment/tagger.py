"""What a tagger says about one comment, and what it takes to be a tagger."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Protocol

Label = Literal["negative", "neutral", "positive"]


class Reason(StrEnum):
    """Why a comment was not judged."""

    NO_CONTENT = "no-content"  # empty, "n/a", "12345", or nothing that this tagger can read
    LANGUAGE = "language"  # words, but of a language that this tagger does not know


class Evidence(NamedTuple):
    """Words that led to the tag: `text[start:end] == word` in the text that was given to the tagger."""

    start: int
    end: int
    word: str
    weight: float  # -1 to +1: how far these words alone lean


class Tag(NamedTuple):
    """A tagger's verdict on one comment; all None but for the reason where it was not judged.

    Evidence is sorted by place and never overlaps, so a page can mark it in one pass.
    """

    tagger: str
    version: str
    label: Label | None = None
    polarity: float | None = None  # -1 to +1
    subjectivity: float | None = None  # 0 to 1
    confidence: float | None = None  # 0 to 1; None from a tagger that does not know how sure it is
    language: str | None = None  # ISO 639-1, or 639-3 where there is none; None if it cannot be told
    evidence: tuple[Evidence, ...] = ()
    reason: Reason | None = None  # None for a comment that was judged

    def as_dict(self) -> dict[str, Any]:
        """The tag as JSON has it, the verdict first and its maker last."""
        return {
            "label": self.label,
            "polarity": self.polarity,
            "subjectivity": self.subjectivity,
            "confidence": self.confidence,
            "language": self.language,
            "evidence": [item._asdict() for item in self.evidence],
            "reason": self.reason,
            "tagger": self.tagger,
            "version": self.version,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Tag":
        """The tag that `as_dict` was made from; further keys are ignored."""
        return cls(
            tagger=data["tagger"],
            version=data["version"],
            label=data["label"],
            polarity=data["polarity"],
            subjectivity=data["subjectivity"],
            confidence=data["confidence"],
            language=data["language"],
            evidence=tuple(Evidence(**item) for item in data["evidence"]),
            reason=None if data["reason"] is None else Reason(data["reason"]),
        )


class Tagger(Protocol):
    """Reads comments, one at a time, from any thread.

    The same text and version always give the same tag, to the byte; whoever changes a tagger's mind changes its
    version. `tag` takes any string at all and calls no network.
    """

    @property
    def name(self) -> str:
        """The name it is asked for by, as in the registry."""

    @property
    def version(self) -> str:
        """At most 40 characters; differs whenever a tag may differ."""

    def tag(self, text: str) -> Tag:
        """The verdict on one comment."""
