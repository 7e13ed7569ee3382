"""/inbox and /responses/<id>: reading what customers said, and working on it."""

from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import exists, select
from werkzeug.datastructures import MultiDict
from wtforms import Form

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.responses.models import Response
from feedback_app.reviews import services
from feedback_app.reviews.cursor import Cursor
from feedback_app.reviews.details import response_details, response_id_of
from feedback_app.reviews.filters import InboxFilters
from feedback_app.reviews.finding import query_of
from feedback_app.reviews.forms import STATUS_WORDS, AssigneeForm, InboxForm, NoteForm, StatusForm
from feedback_app.reviews.models import ReviewStatus
from feedback_app.reviews.queries import COUNTED, EXCERPT, inbox_page, neighbours
from feedback_app.search.kinds import Kind
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone
from feedback_app.staff.queries import active_staff
from feedback_app.staff.seeing import sees_people
from feedback_app.surveys.models import Survey
from feedback_app.surveys.queries import all_surveys
from feedback_app.tagging.correcting import LABELS
from feedback_app.tagging.looking import open_count
from feedback_app.themes.queries import active_themes, all_themes, themes_of

bp = Blueprint("reviews", __name__)

LONGEST_QUERY = 1000
RESPONSE = "/responses/<row:response_id>"


@bp.get("/inbox")
@staff(Role.VIEWER)
def inbox() -> str:
    surveys = surveys_by_id()
    form, ignored = inbox_form(request.args, surveys)
    filters = read_filters(form)
    after, before = (Cursor.read(request.args.get(name, "")) for name in ("after", "before"))
    connection = db.session.connection()  # the one that the request has already
    query = form.query()
    is_narrowed = bool(query.keys() - {"order"})
    page = inbox_page(connection, surveys, filters, after=after, before=before, is_counted=is_narrowed)
    is_empty = not page.rows and not connection.scalar(select(exists().select_from(Response)))
    return render_template(
        "reviews/inbox.html",
        form=form,
        ignored=ignored,
        page=page,
        counted=COUNTED,
        has_no_words=bool(filters.text) and not query_of(Kind.COMMENT, filters.text),
        themes=themes_of(connection, [line.row.id for line in page.rows if line.row.excerpt]),
        query=query,
        back=urlencode(query),
        is_empty=is_empty,
        to_look_at=open_count(db.session()),
        status_words=STATUS_WORDS,
        longest_excerpt=EXCERPT,
    )


@bp.get(RESPONSE)
@staff(Role.VIEWER)
def show(response_id: int) -> str:
    return details_page(response_id, NoteForm())


@bp.get("/r/<permalink>")
@staff(Role.VIEWER)
def show_permalink(permalink: str) -> ResponseReturnValue:
    return redirect(url_for("reviews.show", response_id=response_id_of(db.session(), permalink)))


@bp.post(f"{RESPONSE}/status")
@staff(Role.CSM)
def set_status(response_id: int) -> ResponseReturnValue:
    form = StatusForm(request.form)
    require_known(form)
    services.set_status(
        db.session(), response_id, ReviewStatus(form.status.data), user_id=current_user.id, now=now()
    )
    return back_to(response_id)


@bp.post(f"{RESPONSE}/assignee")
@staff(Role.CSM)
def assign(response_id: int) -> ResponseReturnValue:
    form = AssigneeForm(request.form)
    form.offer_staff(active_staff(db.session()))
    require_known(form)
    assignee_id = int(form.assignee.data) if form.assignee.data else None
    services.assign(db.session(), response_id, assignee_id, user_id=current_user.id, now=now())
    return back_to(response_id)


@bp.post(f"{RESPONSE}/notes")
@staff(Role.CSM)
def add_note(response_id: int) -> ResponseReturnValue:
    form = NoteForm(request.form)
    if not form.validate():
        return details_page(response_id, form), 422
    services.add_note(db.session(), response_id, form.text.data, user_id=current_user.id, now=now())
    flash("Your note is added.")
    return back_to(response_id)


def details_page(response_id: int, note_form: NoteForm) -> str:
    details = response_details(db.session(), response_id)
    surveys = surveys_by_id()
    back = MultiDict(parse_qsl(request.args.get("back", "")[:LONGEST_QUERY]))
    form, _ = inbox_form(back, surveys)
    above, below = neighbours(db.session.connection(), surveys, read_filters(form), details.cursor)
    assignee = details.review.assignee_id if details.review else None
    assignee_form = AssigneeForm(assignee=str(assignee or ""))
    assignee_form.offer_staff(active_staff(db.session()))
    return render_template(
        "reviews/response.html",
        details=details,
        above=above,
        below=below,
        back=urlencode(form.query()),
        status_form=StatusForm(status=details.status),
        assignee_form=assignee_form,
        note_form=note_form,
        labels=LABELS,
        active_themes=active_themes(db.session()),
        at=request.args.get("at"),
        chosen_theme=details.theme(request.args.get("theme", type=int)),
        status_words=STATUS_WORDS,
        may_work=current_user.role >= Role.CSM,
    )


def inbox_form(given: MultiDict[str, str], surveys: dict[int, Survey]) -> tuple[InboxForm, list[str]]:
    """The filters in an address, and the labels of those that were not understood."""
    form = InboxForm(given)
    form.offer_surveys(surveys.values())
    form.offer_themes(all_themes(db.session()))
    return form, form.take_what_fits()


def read_filters(form: InboxForm) -> InboxFilters:
    return form.filters(current_user.id, reader_zone(), may_search_people=sees_people())


def surveys_by_id() -> dict[int, Survey]:
    return {survey.id: survey for survey in all_surveys(db.session())}


def require_known(form: Form) -> None:
    """Refuse a choice that the form did not offer."""
    if not form.validate():
        raise Invalid(
            "This choice is not known, so nothing was changed. Open the response again and choose anew."
        )


def back_to(response_id: int, *, at: str | None = None) -> ResponseReturnValue:
    """The response's page again; `at`: the part that the keyboard goes on from, "words" or "themes"."""
    back = request.args.get("back", "")[:LONGEST_QUERY] or None
    return redirect(url_for("reviews.show", response_id=response_id, back=back, at=at), 303)
