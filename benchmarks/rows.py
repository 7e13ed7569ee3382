"""As many rows as a measurement needs, through Core and in batches: people, invitations, responses."""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account, account_name_key
from feedback_app.db import Base
from feedback_app.invitations.models import Invitation, InvitationState
from feedback_app.people.models import Person
from feedback_app.responses.models import DailyCount, Response
from feedback_app.surveys.models import Survey

BATCH = 5_000
DAYS = 730  # that bulk responses are spread over
WORDS = ("support", "export", "quick", "friendly", "slow", "invoice", "great", "confusing", "fixed", "again")
SENTIMENTS = (("negative", -0.4), ("neutral", 0.0), ("positive", 0.5))
PEOPLE, ACCOUNTS = 2_000, 50  # behind bulk responses


def add_invitations(session: Session, count: int, *, state: InvitationState) -> range:
    """That many, each to a person of its own, in the caller's transaction; gives their ids."""
    survey_id = session.scalar(select(func.min(Survey.id)))
    people, ids = next_ids(session, Person, count), next_ids(session, Invitation, count)
    connection = session.connection()
    add_rows(connection, Person, (a_person(row) for row in people))
    pairs = zip(ids, people, strict=True)
    add_rows(connection, Invitation, (an_invitation(row, person, survey_id, state) for row, person in pairs))
    return ids


def ten_words(chance: random.Random) -> str:
    """A short comment."""
    return " ".join(chance.choices(WORDS, k=10))


def add_responses(
    session: Session,
    count: int,
    *,
    invited: bool = False,
    comment: Callable[[random.Random], str] = ten_words,
) -> range:
    """That many confirmed, tagged and folded responses over two years, in the caller's transaction; gives their ids.

    With `invited` each answers an invitation of its own. `comment` makes up what each says.
    """
    survey_id = session.scalar(select(func.min(Survey.id)))
    assert survey_id is not None
    accounts = next_ids(session, Account, ACCOUNTS)
    people, ids = next_ids(session, Person, PEOPLE), next_ids(session, Response, count)
    connection, chance = session.connection(), random.Random(count)
    add_rows(connection, Account, (an_account(row) for row in accounts))
    add_rows(connection, Person, (a_person(row) | {"account_id": chance.choice(accounts)} for row in people))
    begin, step = datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / count
    given = [(row, people[row % PEOPLE], begin + step * place) for place, row in enumerate(ids)]
    answered = next_ids(session, Invitation, count) if invited else [None] * count
    if invited:
        asked = zip(answered, given, strict=True)
        sent = (an_answered_invitation(row, survey_id, person, at) for row, (_, person, at) in asked)
        add_rows(connection, Invitation, sent)
    counts: Counter[tuple[Any, int]] = Counter()
    rows = (
        a_response(row, survey_id, person, at, chance, counts)
        | {"invitation_id": invitation, "comment": comment(chance)}
        for (row, person, at), invitation in zip(given, answered, strict=True)
    )
    add_rows(connection, Response, rows)
    cells = (
        {"survey_id": survey_id, "day": day, "rating": rating, "state": "confirmed", "responses": n}
        for (day, rating), n in counts.items()
    )
    add_rows(connection, DailyCount, cells)
    return ids


def next_ids(session: Session, model: Any, count: int) -> range:
    """Ids that no row has had; PostgreSQL's sequence goes on behind them."""
    first = int(session.scalar(select(func.coalesce(func.max(model.id), 0))) or 0) + 1
    if session.get_bind().dialect.name == "postgresql":
        name = model.__tablename__
        session.connection().exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {first + count})"
        )
    return range(first, first + count)


def a_person(row: int) -> dict[str, Any]:
    """Somebody with an address of their own."""
    now, email = datetime.now(UTC), f"person{row}@example.org"
    known = {"email": email, "email_key": email, "name": f"Ana Number {row}", "locale": "en"}
    return {"id": row, **known, "properties": {"plan": "pro"}, "created_at": now, "updated_at": now}


def an_account(row: int) -> dict[str, Any]:
    """A company with revenue."""
    now, name = datetime.now(UTC), f"Company {row}"
    known = {
        "name": name,
        "name_key": account_name_key(name),
        "monthly_revenue": 100 * row,
        "currency": "EUR",
    }
    return {"id": row, **known, "properties": {}, "created_at": now, "updated_at": now}


def an_invitation(row: int, person: int, survey_id: int | None, state: InvitationState) -> dict[str, Any]:
    """An invitation as if it had been sent, or had become due, an hour ago."""
    now = datetime.now(UTC)
    before = now - timedelta(hours=1)
    return {
        "id": row,
        "survey_id": survey_id,
        "person_id": person,
        "state": state,
        "context": {"agent": "Sam", "topic": "Export fails"},
        "created_at": before,
        "changed_at": before,
        "due_at": before,
        "expires_at": now + timedelta(days=30),
        "sent_at": before if state is InvitationState.SENT else None,
    }


def an_answered_invitation(row: int, survey_id: int, person: int, at: datetime) -> dict[str, Any]:
    """An invitation that was sent and answered at that moment."""
    times = dict.fromkeys(("created_at", "changed_at", "due_at", "sent_at", "answered_at"), at)
    asked = an_invitation(row, person, survey_id, InvitationState.ANSWERED)
    return asked | times | {"expires_at": at + timedelta(days=30)}


def a_response(
    row: int,
    survey_id: int,
    person: int,
    at: datetime,
    chance: random.Random,
    counts: Counter[tuple[Any, int]],
) -> dict[str, Any]:
    """An answer given at that moment; `counts` is told of it."""
    rating = chance.randrange(11)
    sentiment, polarity = chance.choice(SENTIMENTS)
    counts[at.date(), rating] += 1
    return {
        "id": row,
        "permalink": secrets.token_hex(16),
        "survey_id": survey_id,
        "person_id": person,
        "rating": rating,
        "position": rating * 10,
        "comment": "",
        "state": "confirmed",
        "channel": "email",
        "locale": "en",
        "properties": {},
        "created_at": at,
        "updated_at": at,
        "confirmed_at": at,
        "answered_on": at.date(),
        "fold_due": False,
        "folded_on": at.date(),
        "folded_rating": rating,
        "folded_state": "confirmed",
        "sentiment": sentiment,
        "polarity": polarity,
        "subjectivity": 0.5,
        "comment_language": "en",
        "tagger": "textblob 1",
        "tagged_at": at,
        "tag_attempts": 1,
    }


def add_rows(connection: Connection, model: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows in batches, through Core."""
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            connection.execute(insert(model), batch)
            batch = []
    if batch:
        connection.execute(insert(model), batch)
