"""Themes over comments, read by a tagger that finds a clause with "bad" negative and all else positive."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.db import transaction
from feedback_app.responses.models import Response
from feedback_app.sentiment import Tag
from feedback_app.themes.applying import Read, theme_rows, write_themes
from feedback_app.themes.models import ResponseTheme
from feedback_app.themes.walking import walk_on
from tests.factories import NOON, keep, make_response


class Reader:
    """The tagger; notes what it was asked."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def tag_many(self, texts: Sequence[str]) -> list[Tag]:
        self.read += texts
        return [self._tag(text) for text in texts]

    def _tag(self, text: str) -> Tag:
        is_bad = "bad" in text
        return Tag("test", "1", "negative" if is_bad else "positive", -0.5 if is_bad else 0.5)


def make_comment(session: Session, words: str, **given: Any) -> int:
    """A comment that was tagged; return the response's id."""
    read = {"tagged_at": NOON, "tagger": "test 1", "sentiment": "positive", "tagger_sentiment": "positive"}
    return make_response(session, comment=words, **read | given).id


def walk(session: Session, limit: int = 500) -> None:
    while walk_on(session, Reader(), limit):
        pass


def read_anew(session: Session, response_id: int) -> None:
    """What the tagging does about the themes of a comment."""
    comment = session.get_one(Response, response_id).comment
    found = theme_rows([Read(response_id, comment, "positive")], Reader())
    with transaction(session):
        write_themes(session, found, [response_id])
        session.get_one(Response, response_id).tagger = "test 1"


def say(session: Session, response_id: int, theme_id: int, *, removed: bool = False) -> None:
    """A person's word: the comment has the theme, or (`removed`) has it not."""
    with transaction(session):
        row = session.get(ResponseTheme, (response_id, theme_id))
        if row:
            row.source, row.removed = "person", removed
            return
    keep(
        session,
        ResponseTheme(response_id=response_id, theme_id=theme_id, source="person", removed=removed, spans=[]),
    )


def rows(session: Session) -> list[tuple[int, int, str]]:
    """Each comment's themes: (response, theme, whose word), a "no" with a minus before it."""
    session.expire_all()
    found = session.scalars(select(ResponseTheme).order_by(ResponseTheme.response_id, ResponseTheme.theme_id))
    return [(row.response_id, row.theme_id, "-" * row.removed + row.source) for row in found]
