"""What can be found: comments, notes and people, each in an index table of its own.

A comment is indexed once the tagger has read it: with others in one transaction, and not in the request that brings it,
which others wait for. The expressions are SQL of both databases; `row` stands for the row's name in a statement, as in
NEW.
"""

# ruff: noqa: S608 - these statements are put together of names and expressions in this package alone

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    COMMENT = "comment"
    NOTE = "note"
    PERSON = "person"


@dataclass(frozen=True)
class Indexed:
    """Where the texts of one kind stand, which of them are indexed, and what that changes with."""

    kind: Kind
    table: str
    text: str
    language: str
    watched: tuple[str, ...]
    is_ready: str = "true"  # to be indexed

    @property
    def index(self) -> str:
        return f"{self.kind}_search"

    def is_indexed(self, row: str) -> str:
        """The condition on which the row is in the index."""
        ready = self.is_ready.format(row=row)
        return f"({ready} AND {self.text.format(row=row)} <> '')"


LANGUAGE = "feedback_language({row}.comment_language, {row}.locale)"

INDEXED = {
    one.kind: one
    for one in (
        Indexed(
            Kind.COMMENT,
            "response",
            text="{row}.comment",
            language=LANGUAGE,
            watched=("comment", "comment_language", "locale", "created_at", "tagged_at", "tagger"),
            # Has been read, now or before: one that is to be read again stays.
            is_ready="({row}.tagged_at IS NOT NULL OR {row}.tagger IS NOT NULL)",
        ),
        Indexed(
            Kind.NOTE,
            "note",
            text="{row}.text",
            # Staff write of a comment in its own language, or else in that of the page.
            language=f"(SELECT {LANGUAGE.format(row='response')} FROM response WHERE id = {{row}}.response_id)",
            watched=("text", "response_id", "created_at"),
        ),
        Indexed(
            Kind.PERSON,
            "person",
            text="{row}.name || ' ' || coalesce({row}.email, '')",
            language="''",  # a name has no other forms
            watched=("name", "email", "created_at"),
        ),
    )
}
INDEXES = tuple(one.index for one in INDEXED.values())
LANGUAGES_SEEN = "search_language"
