"""/search: what customers and colleagues wrote, and who they are, by the words in it."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy import Connection
from wtforms import StringField

from feedback_app.access import staff
from feedback_app.db import LARGEST_ID, db
from feedback_app.excerpts import Piece
from feedback_app.reviews.finding import PAGE_SIZE, Hits, hits, language_of_row, query_of, unread_count
from feedback_app.reviews.forms import FilterForm
from feedback_app.reviews.views import surveys_by_id
from feedback_app.search.highlight import excerpt, highlighted
from feedback_app.search.index import COUNTED
from feedback_app.search.index import count as index_count
from feedback_app.search.kinds import Kind
from feedback_app.search.query import LONGEST, MOST_TERMS, How, Query
from feedback_app.staff.models import Role
from feedback_app.staff.seeing import comment_text, sees_people

bp = Blueprint("search", __name__)

HEADINGS = {Kind.COMMENT: "Comments", Kind.NOTE: "Notes", Kind.PERSON: "People"}
FIRST = {Kind.COMMENT: 10, Kind.NOTE: 5, Kind.PERSON: 5}  # hits of each kind that the first page shows


class SearchForm(FilterForm):
    """The search box."""

    q = StringField("Search", default="", render_kw={"type": "search"})


@dataclass(frozen=True)
class Group:
    """The hits of one kind."""

    kind: Kind
    heading: str
    hits: Hits
    count: int | None  # up to COUNTED + 1; None where it is not known


@bp.get("/search")
@staff(Role.VIEWER)
def index() -> str:
    form = SearchForm(request.args)
    form.take_what_fits()
    typed = form.q.data or ""
    query = Query.read(typed)
    kind = next((one for one in kinds() if one == request.args.get("kind")), None)
    groups = list(found(typed, kind)) if query else []
    return render_template(
        "reviews/search.html",
        typed=typed,
        kind=kind,
        groups=groups,
        query=query,
        longest=LONGEST,
        most_terms=MOST_TERMS,
        surveys=surveys_by_id(),
        marked=lambda row: marked(row, query),
        marked_name=lambda text: highlighted(text, Query.read(typed, How.NAMES), ""),
        sees_people=sees_people(),
        counted=COUNTED,
        unread=unread_count(db.session.connection()) if query else 0,
    )


def kinds() -> list[Kind]:
    """What the reader may look for."""
    return [kind for kind in Kind if kind is not Kind.PERSON or sees_people()]


def found(typed: str, kind: Kind | None) -> list[Group]:
    """The groups that have hits: a page of one kind, or the first hits of each."""
    connection = db.session.connection()
    after = request.args.get("after", type=int)
    is_row = after is not None and 0 < after <= LARGEST_ID
    groups = (
        group(connection, one, typed, after if is_row else None, FIRST[one] if kind is None else PAGE_SIZE)
        for one in ([kind] if kind else kinds())
    )
    return [one for one in groups if one.hits.rows]


def group(connection: Connection, kind: Kind, typed: str, after: int | None, size: int) -> Group:
    """The hits of one kind, counted where they begin and where nothing is masked."""
    page = hits(connection, kind, typed, sees_people=sees_people(), after=after, size=size)
    count = None
    if after is None and page.older is None:
        count = len(page.rows)
    elif after is None and sees_people():
        count = index_count(connection, kind, query_of(kind, typed))
    return Group(kind, HEADINGS[kind], page, count)


def marked(row: object, query: Query) -> list[Piece]:
    """The stretch of a comment or a note around the first hit, masked for who sees people masked."""
    shown = comment_text(row.text, row.person_name, row.person_email)  # type: ignore[attr-defined]
    return excerpt(shown, query, language_of_row(row))  # type: ignore[arg-type]
