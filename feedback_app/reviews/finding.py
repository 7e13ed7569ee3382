"""Finding responses, notes and people by words: for the inbox and for /search.

Who sees people masked must not find out by searching what is hidden from them. So for them a comment or a note counts
only if it still fits without the stretches that are masked, and people are not looked for at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    SelectBase,
    bindparam,
    func,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from feedback_app.accounts.models import Account
from feedback_app.people.models import Person
from feedback_app.privacy.personal import find
from feedback_app.responses.models import Response
from feedback_app.reviews.models import Note
from feedback_app.search import index
from feedback_app.search.highlight import fits
from feedback_app.search.kinds import Kind
from feedback_app.search.query import How, Query
from feedback_app.search.words import language_of
from feedback_app.staff.models import StaffUser
from feedback_app.tagging.batches import IS_UNTAGGED

PAGE_SIZE = 20
AT_ONCE = 100  # hits that are read in order to see which of them a viewer may find
LOOKED_THROUGH = 2_000  # of these, at most
UNREAD_COUNTED = 1_000  # comments that wait for the tagger

# Whose rules a text is read by, and who gave the answer.
OF_RESPONSE = (
    Response.comment_language,
    Response.locale,
    Person.name.label("person_name"),
    Person.email.label("person_email"),
    Account.name.label("account_name"),
)
COMMENTS = (
    select(
        Response.id,
        Response.survey_id,
        Response.rating,
        Response.state,
        Response.created_at,
        Response.comment.label("text"),
        *OF_RESPONSE,
    )
    .select_from(Response)
    .outerjoin(Person, Person.id == Response.person_id)
    .outerjoin(Account, Account.id == Person.account_id)
)
NOTES = (
    select(
        Note.id,
        Note.response_id,
        Note.created_at,
        Note.text,
        func.coalesce(func.nullif(StaffUser.name, ""), StaffUser.email, Note.author_name).label("author"),
        *OF_RESPONSE,
    )
    .select_from(Note)
    .join(Response, Response.id == Note.response_id)
    .outerjoin(StaffUser, StaffUser.id == Note.author_id)
    .outerjoin(Person, Person.id == Response.person_id)
    .outerjoin(Account, Account.id == Person.account_id)
)
PEOPLE = select(Person.id, Person.name, Person.email, Account.name.label("account_name")).outerjoin(
    Account, Account.id == Person.account_id
)
IDS: Any = bindparam("ids", expanding=True)
ROWS: dict[Kind, Any] = {
    Kind.COMMENT: COMMENTS.where(Response.id.in_(IDS)),
    Kind.NOTE: NOTES.where(Note.id.in_(IDS)),
    Kind.PERSON: PEOPLE.where(Person.id.in_(IDS)),
}


@dataclass(frozen=True)
class Hits:
    """Some hits, newest first, and the row behind which the next ones begin, if there are any."""

    rows: list[Row[Any]]
    older: int | None


def unread_count(connection: Connection) -> int:
    """How many of the newest comments no tagger has read, so that they are not found yet."""
    newest = (
        select(Response.tagger)
        .where(IS_UNTAGGED)
        .order_by(Response.id.desc())
        .limit(UNREAD_COUNTED)
        .subquery()
    )
    return connection.scalar(select(func.count()).select_from(newest).where(newest.c.tagger.is_(None))) or 0


def hits(
    connection: Connection,
    kind: Kind,
    typed: str,
    *,
    sees_people: bool,
    after: int | None = None,
    size: int = PAGE_SIZE,
) -> Hits:
    """The newest hits of one kind; those behind row `after`, if it is given."""
    if sees_people:
        ids = index.newest(connection, kind, query_of(kind, typed), after=after, limit=size + 1)
        rows, is_end = _rows(connection, kind, ids[:size]), len(ids) <= size
    else:
        found = [] if kind is Kind.PERSON else _shown(connection, kind, typed, after, size + 1)
        rows, is_end = found[:size], len(found) <= size
    return Hits(rows, rows[-1].id if rows and not is_end else None)


def query_of(kind: Kind, typed: str) -> Query:
    """What is looked for: of people, each word may be the beginning of a name."""
    return Query.read(typed, How.NAMES if kind is Kind.PERSON else How.WORDS)


def mentions(connection: Connection, text: str, *, sees_people: bool) -> ColumnElement[bool]:
    """Whether the comment, a note, the account or (for who sees them) the person has these words."""
    other = aliased(Response)
    of_people = select(other.id).where(other.person_id.in_(_people(connection, text, sees_people)))
    if not sees_people:
        return or_(Response.id.in_(_responses_shown(connection, text)), Response.id.in_(of_people))
    query, dialect = Query.read(text), connection.dialect.name
    notes = select(Note.response_id).where(Note.id.in_(index.matching(dialect, Kind.NOTE, query)))
    found = union_all(index.matching(dialect, Kind.COMMENT, query), notes, of_people)
    is_common = dialect == "sqlite" and index.count(connection, Kind.COMMENT, query) > index.COUNTED
    # SQLite would look up and sort every hit; of many, it had better read the newest rows and see which are hits.
    number: Any = Response.id + 0 if is_common else Response.id
    is_found: ColumnElement[bool] = number.in_(found)
    return is_found


def language_of_row(row: Row[Any]) -> str:
    """Whose rules a comment, or a note on it, is read by."""
    return language_of(row.comment_language, row.locale)


def _people(connection: Connection, text: str, sees_people: bool) -> SelectBase:
    """The people who have the words in their account's name, or (if wanted) in their own."""
    accounts = select(Account.id).where(Account.name.icontains(text, autoescape=True))
    of_accounts = select(Person.id).where(Person.account_id.in_(accounts))
    if not sees_people:
        return of_accounts
    named = index.matching(connection.dialect.name, Kind.PERSON, Query.read(text, How.NAMES))
    return union_all(of_accounts, named)


def _responses_shown(connection: Connection, text: str) -> list[int]:
    comments = [row.id for row in _shown(connection, Kind.COMMENT, text, None, LOOKED_THROUGH)]
    return comments + [row.response_id for row in _shown(connection, Kind.NOTE, text, None, LOOKED_THROUGH)]


def _shown(connection: Connection, kind: Kind, typed: str, after: int | None, limit: int) -> list[Row[Any]]:
    """The newest hits that still are some where personal data are masked."""
    # What is to be excluded may stand in a masked stretch: leaving such hits out would tell that it is there.
    candidates, query = Query.read(typed, How.WANTED), Query.read(typed)
    found: list[Row[Any]] = []
    for _ in range(LOOKED_THROUGH // AT_ONCE):
        ids = index.newest(connection, kind, candidates, after=after, limit=AT_ONCE)
        found += (row for row in _rows(connection, kind, ids) if _is_shown(row, query))
        if len(ids) < AT_ONCE or len(found) >= limit:
            break
        after = ids[-1]
    return found[:limit]


def _is_shown(row: Row[Any], query: Query) -> bool:
    names = [name for name in (row.person_name, row.person_email) if name]
    hidden = [(one.start, one.end) for one in find(row.text, names)]
    if not hidden and not query.excluded:
        return True  # the index has said so
    return fits(row.text, query, language_of_row(row), hidden)


def _rows(connection: Connection, kind: Kind, ids: Sequence[int]) -> list[Row[Any]]:
    """The rows with these ids, in their order; one that is gone meanwhile is left out."""
    there = {row.id: row for row in connection.execute(ROWS[kind], {"ids": ids})}
    return [there[one] for one in ids if one in there]
