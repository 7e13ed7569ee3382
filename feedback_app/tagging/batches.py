"""Tagging comments: what is due, claimed and written in batches, and read outside of any transaction.

A comment is due while `tagged_at` is null. A worker claims it under a lease, so that two share the work and one that
dies loses nothing but time. The tags are written only to comments that still are what was read; one that was edited
meanwhile is due again. A comment that the tagger fails on is tried again later, and after three times set aside
with the reason "failed"; its neighbours do not notice. What a person has said of a comment stays, see verdicts.py.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import ColumnElement, Result, Update, bindparam, func, literal_column, or_, select, update
from sqlalchemy.orm import Session

from feedback_app import clock
from feedback_app.db import transaction
from feedback_app.privacy.masking import without_placeholders
from feedback_app.responses.models import Response
from feedback_app.responses.news import note_tagged
from feedback_app.sentiment import Tag
from feedback_app.sentiment.guard import TaggerFailed, TaggerNotStarted
from feedback_app.surveys.models import Survey
from feedback_app.tagging import verdicts
from feedback_app.tagging.tagger_in_use import shared_tagger
from feedback_app.tagging.verdicts import VERDICT, Standing
from feedback_app.themes.applying import FoundThemes, Read, theme_rows, write_themes

LEASE = timedelta(minutes=10)
BATCH = 50  # comments: on SQLite, answers wait for as long as writing their tags takes, some 25 ms
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=10),
)  # after the first and second failure; then it is given up

# In the words of its index, or SQLite does not use it.
IS_UNTAGGED: ColumnElement[bool] = literal_column("response.tagged_at IS NULL AND response.comment <> ''")

log = logging.getLogger(__name__)


class Claimed(NamedTuple):
    """A comment as it was read."""

    id: int
    comment: str
    failures: int


@dataclass
class Tally:
    """What several batches came to, for whoever waits for them."""

    changed: int = 0  # the sentiment is another than before
    kept: int = 0  # a person's word stands, whatever the tagger says
    failed: int = 0  # not read this time


class ReadsMany(Protocol):
    """What tags a batch: the guarded tagger, or a test's own."""

    def tag_many(self, texts: Sequence[str]) -> Sequence[Tag | TaggerFailed]: ...


def untagged_count(session: Session) -> int:
    """How many comments nobody has read yet."""
    return session.scalar(select(func.count()).select_from(Response).where(IS_UNTAGGED)) or 0


def tag_batch(
    session: Session,
    limit: int = BATCH,
    *,
    reader: ReadsMany | None = None,
    now: datetime | None = None,
    tally: Tally | None = None,
) -> int:
    """Read up to `limit` comments that are due, oldest first; return how many were read, well or not.

    `reader` is the tagger in use and `now` the clock's moment unless given. What they came to is added to `tally`.
    """
    now = now or clock.now()
    claimed = _claim(session, limit, now)
    if not claimed:
        return 0
    reader = reader or shared_tagger()
    results = reader.tag_many([without_placeholders(one.comment) for one in claimed])
    if all(isinstance(result, TaggerNotStarted) for result in results):
        log.error("no comment can be tagged: %s", results[0])
        with transaction(session):
            _let_go(session, claimed, now + LEASE, until=now + PAUSES[0])
        return 0
    themes = theme_rows([_read(*both) for both in zip(claimed, results, strict=True)], reader)
    _write(session, claimed, results, themes, now, tally or Tally())
    return len(claimed)


def tag_again(session: Session, batch: int = 1000) -> int:
    """Make every comment due again, for example after a new version of the tagger; return how many.

    Each keeps its tag until it has the new one.
    """
    marked, last = 0, 0
    while True:
        with transaction(session):
            ids = session.scalars(
                select(Response.id)
                .where(Response.id > last, Response.tagged_at.is_not(None), Response.comment != "")
                .order_by(Response.id)
                .limit(batch)
                .with_for_update()
            ).all()
            _set(session, ids, tagged_at=None, tag_attempts=0, tag_lease_until=None)
        if not ids:
            return marked
        marked, last = marked + len(ids), ids[-1]


def _claim(session: Session, limit: int, now: datetime) -> list[Claimed]:
    """The oldest comments that are due and that no other worker has, ours until the lease ends."""
    is_free = or_(Response.tag_lease_until.is_(None), Response.tag_lease_until <= now)
    with transaction(session):
        rows = session.execute(
            select(Response.id, Response.comment, Response.tag_attempts)
            .where(IS_UNTAGGED, is_free)
            .order_by(Response.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        ).all()
        _set(session, [row.id for row in rows], tag_lease_until=now + LEASE)
    return [Claimed(*row) for row in rows]


def _write(
    session: Session,
    claimed: Sequence[Claimed],
    results: Sequence[Tag | TaggerFailed],
    themes: FoundThemes,
    now: datetime,
    tally: Tally,
) -> None:
    """Write what became of each comment, in one transaction, to those that still say what was read."""
    with transaction(session):
        standing = _as_they_stand(session, claimed)
        settled, postponed, changed = [], [], []
        for one, result in zip(claimed, results, strict=True):
            if one.id not in standing:
                continue
            row = _settled(one, result, standing[one.id], now)
            if row is None:
                postponed.append(_postponed(one, now))
                continue
            settled.append({"read_id": one.id, **row})
            if row["new_sentiment"] != standing[one.id].sentiment:
                changed.append(one.id)
        if settled:
            session.connection().execute(SETTLE, settled)
            write_themes(session, themes, [row["read_id"] for row in settled])
            note_tagged(session, changed, now=now)
        if postponed:
            session.connection().execute(POSTPONE, postponed)
        _let_go(session, claimed, now + LEASE)
    tally.changed += len(changed)
    tally.kept += sum(one.is_a_persons for one in standing.values())
    tally.failed += sum(isinstance(result, TaggerFailed) for result in results)


def _read(one: Claimed, result: Tag | TaggerFailed) -> Read:
    """The comment as those see it who look for its themes."""
    if isinstance(result, Tag) and not result.reason:
        return Read(one.id, one.comment, result.label, result.polarity)
    return Read(one.id, one.comment, None)


def _as_they_stand(session: Session, claimed: Collection[Claimed]) -> dict[int, Standing]:
    """What is known by now of those that are untagged and read as they did, theirs until the transaction ends."""
    read = {one.id: one.comment for one in claimed}
    rows: Result[Any] = session.execute(
        select(
            Response.id,
            Response.comment,
            Response.rating,
            Survey.metric_key,
            Survey.points,
            Response.sentiment,
            Response.sentiment_source,
            Response.looked_at,
        )
        .join(Survey, Survey.id == Response.survey_id)
        .where(Response.id.in_(read), Response.tagged_at.is_(None))
        .order_by(Response.id)
        .with_for_update(of=Response, key_share=True)
    )
    return {row.id: Standing._make(row[1:]) for row in rows if row.comment == read[row.id]}


def _settled(
    one: Claimed, result: Tag | TaggerFailed, standing: Standing, now: datetime
) -> dict[str, Any] | None:
    """The columns of a comment that was read or given up; None for one that is to be tried again."""
    if isinstance(result, Tag):
        return verdicts.judged(result, standing, now)
    failures = one.failures + 1
    log.warning("comment of response %d not tagged: %s (failure %d)", one.id, result.reason, failures)
    return verdicts.given_up(failures, standing, now) if failures > len(PAUSES) else None


def _postponed(one: Claimed, now: datetime) -> dict[str, Any]:
    until = now + PAUSES[one.failures]
    return {"read_id": one.id, "new_tag_attempts": one.failures + 1, "new_tag_lease_until": until}


def _let_go(
    session: Session, claimed: Collection[Claimed], lease: datetime, until: datetime | None = None
) -> None:
    """End our claim on what is still untagged, so that it is due at once, or at `until`."""
    still_ours = Response.tagged_at.is_(None), Response.tag_lease_until == lease
    _set(session, [one.id for one in claimed], *still_ours, tag_lease_until=until)


def _set(session: Session, ids: Collection[int], *conditions: ColumnElement[bool], **values: Any) -> None:
    session.execute(
        update(Response)
        .where(Response.id.in_(ids), *conditions)
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def _setting(*columns: str) -> Update:
    """Sets these columns of a comment to `new_<column>`."""
    return (
        update(Response)
        .where(Response.id == bindparam("read_id"))
        .values({column: bindparam(f"new_{column}") for column in columns})
    )


SETTLE = _setting(*VERDICT)
POSTPONE = _setting("tag_attempts", "tag_lease_until")
