"""A theme's new rule looked for in the comments that are there already: a walk over all of them, in batches.

The theme's row says how far the walk has come, and moves on in the transaction that writes what was found: whoever is
killed loses one batch's reading. Comments that nobody has read yet are walked over too, so that none is missed by a
tagger that still had the rules of before.
"""

import logging
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from feedback_app.db import reading, transaction
from feedback_app.responses.models import Response
from feedback_app.themes.applying import Read, ReadsMany, Rule, theme_rows, write_themes
from feedback_app.themes.models import Theme

log = logging.getLogger(__name__)

_IS_DUE = Theme.active & Theme.applied_up_to.is_not(None)


class Stage(NamedTuple):
    """The next stretch of the walk: the themes that stand behind `after`, and where further ones join them."""

    rules: tuple[Rule, ...]
    after: int
    until: int | None  # None: to the end


def walk_on(session: Session, reader: ReadsMany, limit: int = 500) -> bool:
    """Look for the rules that are due in up to `limit` comments; False if none is due or there is no tagger."""
    with reading() as connection:
        stage = _next_stage(connection)
        comments = _comments(connection, stage, limit) if stage else []
    if stage is None:
        return False
    found = theme_rows(comments, reader, stage.rules)
    if not found.is_judged:
        log.error("themes cannot be looked for in older comments: the tagger did not start")
        return False
    reached = comments[-1].response_id if len(comments) == limit else stage.until
    with transaction(session):
        unchanged = _unchanged(session, comments)
        if _is_ours(session, stage):
            write_themes(session, found, unchanged)
            _move(session, stage, reached)
    return True


def left_to_walk(session: Session) -> bool:
    """Whether comments are still to be looked through for a new rule."""
    return session.scalar(select(Theme.id).where(_IS_DUE).limit(1)) is not None


def _next_stage(connection: Connection) -> Stage | None:
    """The themes that are furthest behind go first, until they reach the next ones, and then together."""
    due = connection.execute(
        select(Theme.id, Theme.version, Theme.patterns, Theme.applied_up_to).where(_IS_DUE).order_by(Theme.id)
    ).all()
    if not due:
        return None
    places = sorted({row.applied_up_to for row in due})
    rules = tuple(Rule(*row[:3]) for row in due if row.applied_up_to == places[0])
    return Stage(rules, places[0], places[1] if len(places) > 1 else None)


def _comments(connection: Connection, stage: Stage, limit: int) -> list[Read]:
    wanted = select(Response.id, Response.comment, Response.tagger_sentiment, Response.polarity).where(
        Response.id > stage.after, Response.comment != ""
    )
    if stage.until is not None:
        wanted = wanted.where(Response.id <= stage.until)
    return [Read(*row) for row in connection.execute(wanted.order_by(Response.id).limit(limit))]


def _unchanged(session: Session, comments: Sequence[Read]) -> list[int]:
    """Those that still say what was read, ours until the transaction ends; the others are read anew by the tagger."""
    read = {one.response_id: one.comment for one in comments}
    rows = session.execute(
        select(Response.id, Response.comment)
        .where(Response.id.in_(read))
        .order_by(Response.id)
        .with_for_update(key_share=True)
    )
    return [row.id for row in rows if row.comment == read[row.id]]


def _is_ours(session: Session, stage: Stage) -> bool:
    """Whether the themes still stand where we began, by the same rules; locks them."""
    rows = session.execute(
        select(Theme.id, Theme.version, Theme.patterns)
        .where(_IS_DUE, Theme.applied_up_to == stage.after)
        .where(Theme.id.in_([rule.theme_id for rule in stage.rules]))
        .order_by(Theme.id)
        .with_for_update(key_share=True)
    )
    return [Rule(*row) for row in rows] == list(stage.rules)


def _move(session: Session, stage: Stage, reached: int | None) -> None:
    session.execute(
        update(Theme)
        .where(Theme.id.in_([rule.theme_id for rule in stage.rules]))
        .values(applied_up_to=reached)
        .execution_options(synchronize_session=False)
    )
