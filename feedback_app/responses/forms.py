"""The answer form. Its pages are drawn by `pages.py`, once for each survey and language; this reads what comes back.

Errors are names of texts in surveys/words, so that they are told in the language of the page.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from feedback_app.responses.models import ResponseState
from feedback_app.scales import Scale

LONGEST_COMMENT = 10_000
HIGHEST_RATING = 10
LARGEST_NUMBER = 999
NONCE = re.compile(r"[A-Za-z0-9_-]{22}")


def as_written(text: str | None) -> str:
    """The comment byte for byte, but without NUL and with line breaks as people write them, not as forms send them."""
    return (text or "").replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")


def whole_number(text: object) -> int | None:
    """The number that plain digits (or JSON) write; None for anything else."""
    if type(text) is int:
        return text if -LARGEST_NUMBER <= text <= LARGEST_NUMBER else None  # databases know no larger ones
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text)
    return None


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """A rating and a comment, and what the page knew about itself.

    Read by hand: WTForms takes longer for these five fields than the database for its SELECT.
    """

    rating: int | None
    comment: str
    language: str | None = None  # of the page
    shown: bool = False  # the page showed an earlier comment: then an empty one removes it
    nonce: str | None = None  # of an open form

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "AnswerForm":
        """The form as it was sent; what is missing is empty."""
        return cls(
            rating=whole_number(sent.get("rating")),
            comment=as_written(sent.get("comment")),
            language=sent.get("language"),
            shown=bool(sent.get("shown")),
            nonce=sent.get("nonce"),
        )

    @property
    def given_rating(self) -> int:
        """The rating, once the form has no problems."""
        return cast(int, self.rating)

    @property
    def given_comment(self) -> str | None:
        """The comment; None where nothing was written and nothing was there to be removed."""
        return self.comment or ("" if self.shown else None)

    @property
    def problems(self) -> dict[str, str]:
        """Field -> name of the text that says what is wrong with it; empty if all is well.

        A rating that no scale has counts as none; whether it is on this survey's scale, recording decides.
        """
        found = {}
        if self.rating is None or self.rating > HIGHEST_RATING:
            found["rating"] = "rating_missing"
        if self.excess:
            found["comment"] = "comment_too_long"
        return found

    @property
    def excess(self) -> int:
        """How many characters too many the comment has."""
        return max(0, len(self.comment) - LONGEST_COMMENT)


@dataclass(frozen=True, slots=True)
class Intent:
    """A rating as the page's script sends it; `human` if a trusted touch, key or click came with it."""

    rating: int
    human: bool
    language: str | None = None
    nonce: str | None = None

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> "Intent | None":
        """The intent in a JSON object or form; None if it has no rating."""
        rating = whole_number(given.get("rating"))
        if rating is None:
            return None
        texts = {key: text for key in ("language", "nonce") if isinstance(text := given.get(key), str)}
        return cls(rating, given.get("human") in (True, "1", "true"), **texts)

    @property
    def state(self) -> ResponseState:
        return ResponseState.CONFIRMED if self.human else ResponseState.UNCONFIRMED


def preselected(text: str | None, scale: Scale) -> int | None:
    """The rating that a link chose beforehand, if it is one of the scale."""
    rating = whole_number(text)
    return rating if rating is not None and rating in scale.values else None


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def is_nonce(text: str | None) -> bool:
    """Whether this can be a nonce that we made; nobody gets to choose a short one."""
    return bool(text and NONCE.fullmatch(text))
