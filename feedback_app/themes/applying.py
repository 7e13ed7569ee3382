"""Themes written to comments: what their rules find, beside what people have said.

A row of a person's stays through every new reading, a "no" included. Only when the customer writes another comment
does it go, at the next reading, because it was about other words.

A theme's sentiment is that of the clauses it is mentioned in. It is left empty where that is the comment's own: in a
comment of one clause, or where the tagger has no verdict. So it follows when a person corrects the comment's.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, delete, exists, or_, select
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, reading
from feedback_app.privacy.masking import without_placeholders
from feedback_app.responses.models import Response, ResponseVersion
from feedback_app.sentiment import Tag
from feedback_app.sentiment.guard import TaggerFailed, TaggerNotStarted
from feedback_app.sentiment.themes import (
    ThemeHit,
    ThemeMatcher,
    ThemeRule,
    clauses_about,
    theme_sentiment,
)
from feedback_app.themes.models import ResponseTheme, Theme

RULE, PERSON = "rule", "person"
MOST_PLACES = 50  # of a theme's words that are kept of one comment


class ReadsMany(Protocol):
    """What tags a batch: the guarded tagger, or a test's own."""

    def tag_many(self, texts: Sequence[str]) -> Sequence[Tag | TaggerFailed]: ...


class Read(NamedTuple):
    """A comment, and what the tagger makes of all of it; None if it has no verdict."""

    response_id: int
    comment: str
    label: str | None
    polarity: float | None = None


class Rule(NamedTuple):
    """A theme's patterns at one moment."""

    theme_id: int
    version: int
    patterns: str


@dataclass(frozen=True)
class FoundThemes:
    """What the rules of one moment found in some comments, to be written by `write_themes`."""

    rules: tuple[Rule, ...]
    rows: list[dict[str, Any]]
    new_ids: frozenset[int]  # of comments that have not been read since the customer wrote them
    is_judged: bool  # False if there was no tagger to read clauses


def theme_rows(items: Sequence[Read], reader: ReadsMany, rules: Sequence[Rule] | None = None) -> FoundThemes:
    """The themes of these comments by the rules given, or those in force; to be called outside of a transaction."""
    rules = tuple(rules_in_force() if rules is None else rules)
    matcher = matcher_of(rules)
    items = [item._replace(comment=without_placeholders(item.comment)) for item in items]
    hits = [(item, hit) for item in items for hit in matcher.find(item.comment)]
    rows = [_row(*both) for both in hits]
    abouts = [_About(row, *both) for row, both in zip(rows, hits, strict=True) if both[0].label]
    return FoundThemes(rules, rows, _not_read_yet(items), _judge(abouts, reader))


def write_themes(session: Session, found: FoundThemes, response_ids: Collection[int]) -> None:
    """Write what was found in these responses, within the caller's transaction, which has locked them.

    The others' rows are not touched, and a second time changes nothing. What a rule found that has changed since, or
    was switched off, is left to the walk of that theme over all comments.
    """
    connection = session.connection()
    current, active = _themes_now(connection, found.rules)
    _forget_other_words(connection, found.new_ids & set(response_ids))
    rule_row = ResponseTheme.response_id.in_(response_ids) & (ResponseTheme.source == RULE)
    is_ours = ResponseTheme.theme_id.in_(current)
    is_about_other_words = ResponseTheme.response_id.in_(found.new_ids)
    others = active - current
    connection.execute(
        delete(ResponseTheme).where(
            rule_row, or_(is_ours, is_about_other_words), ResponseTheme.theme_id.not_in(others)
        )
    )
    wanted = set(response_ids)
    rows = [row for row in found.rows if row["theme_id"] in current and row["response_id"] in wanted]
    if rows:
        connection.execute(insert_into(session, ResponseTheme).on_conflict_do_nothing(), rows)


def rules_in_force() -> list[Rule]:
    """The patterns of the themes that are switched on."""
    with reading() as connection:
        rows = connection.execute(
            select(Theme.id, Theme.version, Theme.patterns).where(Theme.active).order_by(Theme.id)
        )
        return [Rule(*row) for row in rows]


@lru_cache(maxsize=8)
def matcher_of(rules: tuple[Rule, ...]) -> ThemeMatcher:
    """The matcher of these rules, kept for the next batch."""
    return ThemeMatcher([ThemeRule(rule.theme_id, rule.patterns) for rule in rules])


def _row(item: Read, hit: ThemeHit) -> dict[str, Any]:
    return {
        "response_id": item.response_id,
        "theme_id": hit.theme_id,
        "source": RULE,
        "removed": False,
        "sentiment": None,
        "polarity": None,
        "spans": [list(span) for span in hit.spans[:MOST_PLACES]],
    }


class _About:
    """A row whose sentiment is to be told from the clauses about its theme."""

    def __init__(self, row: dict[str, Any], item: Read, hit: ThemeHit) -> None:
        self.row, self.item = row, item
        self.clauses = clauses_about(item.comment, hit)

    def judge(self, tags: Mapping[str, Tag | TaggerFailed]) -> None:
        """Fill in the sentiment, unless no clause has a verdict: then it is the comment's own."""
        read = [tags[clause] for clause in self.clauses]
        leans = [tag.polarity or 0.0 for tag in read if isinstance(tag, Tag) and tag.label and not tag.reason]
        if leans and self.item.label:
            said = theme_sentiment(leans, self.item.label, self.item.polarity or 0.0)
            self.row["sentiment"], self.row["polarity"] = said


def _judge(abouts: Sequence[_About], reader: ReadsMany) -> bool:
    """Fill in the sentiment of each theme; False if there is no tagger to read the clauses."""
    texts = list(dict.fromkeys(clause for about in abouts for clause in about.clauses))
    if not texts:
        return True
    tags = dict(zip(texts, reader.tag_many(texts), strict=True))
    for about in abouts:
        about.judge(tags)
    return not all(isinstance(tag, TaggerNotStarted) for tag in tags.values())


def _not_read_yet(items: Sequence[Read]) -> frozenset[int]:
    """A new comment takes the tagger's name from a response; reading it again does not."""
    with reading() as connection:
        is_new = Response.id.in_([item.response_id for item in items]) & Response.tagger.is_(None)
        return frozenset(connection.scalars(select(Response.id).where(is_new)))


def _themes_now(connection: Connection, rules: Sequence[Rule]) -> tuple[set[int], set[int]]:
    """Which of the rules are in force, and all themes that are; they stay so until the transaction ends."""
    known = {rule.theme_id: rule.version for rule in rules}
    rows = connection.execute(
        select(Theme.id, Theme.version).where(Theme.active).order_by(Theme.id).with_for_update(read=True)
    ).all()
    return {row.id for row in rows if known.get(row.id) == row.version}, {row.id for row in rows}


def _forget_other_words(connection: Connection, new_ids: Collection[int]) -> None:
    """Delete what people said of a comment in whose place the customer has written another one."""
    other = exists().where(
        ResponseVersion.response_id == Response.id,
        ResponseVersion.comment != "",
        ResponseVersion.comment != Response.comment,
    )
    replaced = select(Response.id).where(Response.id.in_(new_ids), other)
    connection.execute(
        delete(ResponseTheme).where(ResponseTheme.source == PERSON, ResponseTheme.response_id.in_(replaced))
    )
