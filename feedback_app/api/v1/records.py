"""Responses as /v1 gives them, with notes, person and what was made of them: one statement for each kind of row."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select
from sqlalchemy.orm import aliased

from feedback_app.api.v1 import shapes
from feedback_app.api.v1.shapes import ID, RESPONSE, TEXT, a_list_of, nullable, object_of
from feedback_app.links import Links
from feedback_app.people.models import Person
from feedback_app.responses.listing import ResponseFilter, ResponsePlace, Shape, ordered, picked
from feedback_app.responses.models import Response
from feedback_app.responses.payload import RESPONSE_COLUMNS, person_item, response_item, unix
from feedback_app.responses.people import PEOPLE
from feedback_app.reviews.models import Note, Review, ReviewStatus
from feedback_app.scoring.metrics import metric
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.themes.queries import ThemeOf, themes_of

Assignee = aliased(StaffUser)

RECORDS: Any = (
    select(
        *RESPONSE_COLUMNS,
        Response.survey_id,
        Response.state,
        Response.channel,
        Response.locale,
        Response.sentiment,
        Response.sentiment_source,
        Response.polarity,
        Response.comment_language,
        Response.evidence,
        Response.tagger,
        func.coalesce(Review.status, ReviewStatus.NEW).label("status"),
        Assignee.email.label("assignee_email"),
    )
    .select_from(Response)
    .join(Survey, Survey.id == Response.survey_id)
    .outerjoin(Review, Review.response_id == Response.id)
    .outerjoin(Assignee, Assignee.id == Review.assignee_id)
)
NOTES: Any = (
    select(Note.id, Note.response_id, Note.text, Note.created_at, StaffUser.email.label("user_email"))
    .outerjoin(StaffUser, StaffUser.id == Note.author_id)
    .where(Note.response_id.in_(bindparam("ids", expanding=True)))
    .order_by(Note.id)
)
_PEOPLE: Any = PEOPLE.where(Person.id.in_(bindparam("ids", expanding=True)))
_ONE: Any = RECORDS.where(
    Response.id == bindparam("response_id"),
    Response.survey_id == bindparam("of_survey"),
    Response.state.in_(bindparam("states", expanding=True)),
)

_WORD = object_of(start={"type": "integer"}, end={"type": "integer"}, word=TEXT, weight={"type": "number"})
_THEME = object_of(
    id=ID,
    name=TEXT,
    sentiment=nullable(TEXT | {"description": "Of what is said about it."}),
    source=TEXT | {"description": "rule, or person: somebody gave it by hand."},
)
FEEDBACK: shapes.Shape = object_of(
    state={"enum": ["confirmed", "unconfirmed", "suspect"]},
    channel=TEXT | {"description": "How it came: email, link, api, import."},
    locale=TEXT,
    band=TEXT | {"description": "The group of ratings that the score counts it in."},
    sentiment=nullable(
        TEXT | {"description": "negative, neutral, positive; null until the comment is read."}
    ),
    sentiment_source=nullable(
        TEXT
        | {
            "description": "words; rating: the comment is in a language that is not read; person: corrected by hand."
        }
    ),
    polarity=nullable({"type": "number", "description": "-1 to +1, of the words."}),
    language=nullable(TEXT | {"description": "Of the comment."}),
    evidence=a_list_of(_WORD),
    tagger=nullable(TEXT | {"description": "Name and version of what read the comment."}),
    themes=a_list_of(_THEME) | {"description": "What the comment is about, by name."},
    status=TEXT | {"description": "new, open, waiting, closed."},
    assignee_email=nullable(TEXT),
)
RECORD: shapes.Shape = RESPONSE | {
    "properties": RESPONSE["properties"] | {"feedback": FEEDBACK},
    "required": [*RESPONSE["required"], "feedback"],
}


def records_page(
    connection: Connection,
    wanted: ResponseFilter,
    *,
    after: ResponsePlace | None = None,
    offset: int = 0,
    size: int,
) -> Sequence[Row[Any]]:
    """The rows of at most `size` responses in the filter's order, after a place or from a number on."""
    values = wanted.values(after=after, offset=offset, size=size)
    return connection.execute(_page(wanted.shape(after)), values).all()


@cache
def _page(shape: Shape) -> Any:
    chosen = picked(shape)
    return RECORDS.join(chosen, chosen.c.id == Response.id).order_by(*ordered(shape, chosen))


def one_record(
    connection: Connection, survey_id: int, response_id: int, states: Iterable[str]
) -> Row[Any] | None:
    """The row of one response of the survey, if it is in one of these states."""
    values = {"response_id": response_id, "of_survey": survey_id, "states": list(states)}
    row: Row[Any] | None = connection.execute(_ONE, values).one_or_none()
    return row


def record_items(
    connection: Connection,
    rows: Sequence[Row[Any]],
    links: Links,
    *,
    survey_id: int,
    with_people: bool = False,
    with_notes: bool = True,
) -> list[dict[str, Any]]:
    """The rows as /v1 gives them; with their people in full where these are wanted."""
    people = people_of(connection, rows, survey_id) if with_people else {}
    notes = notes_of(connection, rows) if with_notes else {}
    with_words = [row.id for row in rows if row.comment]
    themes = themes_of(connection, with_words) if with_words else {}
    return [
        response_item(row, links, notes=notes.get(row.id, ()), person=people.get(row.person_id))
        | {"feedback": feedback_of(row, themes.get(row.id, ()))}
        for row in rows
    ]


def feedback_of(row: Row[Any], themes: Sequence[ThemeOf]) -> dict[str, Any]:
    """What became of the response here, under one key, so that none of ours meets one of theirs."""
    return {
        "state": row.state,
        "channel": row.channel,
        "locale": row.locale,
        "band": _band(row.metric_key, row.points, row.rating),
        "sentiment": row.sentiment,
        "sentiment_source": row.sentiment_source,
        "polarity": row.polarity,
        "language": row.comment_language,
        "evidence": list(row.evidence or ()),
        "tagger": row.tagger,
        "themes": [theme_item(theme) for theme in themes],
        "status": row.status,
        "assignee_email": row.assignee_email,
    }


def theme_item(theme: ThemeOf) -> dict[str, Any]:
    return {
        "id": str(theme.theme_id),
        "name": theme.name,
        "sentiment": theme.sentiment,
        "source": theme.source,
    }


@cache
def _band(metric_key: str, points: int, rating: int) -> str:
    return metric(metric_key, points).band_of(rating).key


def people_of(connection: Connection, rows: Sequence[Row[Any]], survey_id: int) -> dict[int, dict[str, Any]]:
    """The people of these responses as the survey sees them, by id."""
    ids = sorted({row.person_id for row in rows if row.person_id is not None})
    if not ids:
        return {}
    found = connection.execute(_PEOPLE, {"survey_id": survey_id, "ids": ids})
    return {row.id: person_item(row) for row in found}


def notes_of(connection: Connection, rows: Sequence[Row[Any]]) -> dict[int, list[dict[str, Any]]]:
    """The notes of colleagues on these responses, oldest first."""
    notes: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    if not rows:
        return notes
    for row in connection.execute(NOTES, {"ids": [row.id for row in rows]}):
        notes[row.response_id].append(
            {
                "id": str(row.id),
                "text": row.text,
                "user_email": row.user_email,
                "created_at": unix(row.created_at),
            }
        )
    return notes
