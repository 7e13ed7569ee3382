"""/people/lists: the lists that campaigns ask, who is on them, and what uses them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.directory.blueprint import bp, vault
from feedback_app.directory.forms import ListForm
from feedback_app.directory.lists import delete_list, rename_list, require_list, uses_by_list
from feedback_app.directory.pages import row_id
from feedback_app.directory.people import people_page
from feedback_app.people.filters import PeopleFilter
from feedback_app.people.lists import all_lists
from feedback_app.staff.models import Role
from feedback_app.staff.seeing import sees_people

LIST = "/people/lists/<row:list_id>"


@bp.get("/people/lists")
@staff(Role.VIEWER)
def lists() -> str:
    return render_template(
        "directory/lists.html", lines=all_lists(db.session()), uses=uses_by_list(db.session())
    )


@bp.get(LIST)
@staff(Role.VIEWER)
def show_list(list_id: int) -> str:
    return list_page(list_id)


@bp.post(f"{LIST}/name")
@staff(Role.LEAD)
def rename(list_id: int) -> ResponseReturnValue:
    form = ListForm(request.form)
    if not form.validate():
        return list_page(list_id, form), 422
    rename_list(db.session(), list_id, form.name.data, user_id=current_user.id, now=now())
    flash(f"The list is called “{form.name.data}” from now on.")
    return redirect(url_for("people.show_list", list_id=list_id), 303)


@bp.post(f"{LIST}/delete")
@staff(Role.LEAD)
def remove_list(list_id: int) -> ResponseReturnValue:
    line = delete_list(db.session(), list_id, user_id=current_user.id, now=now())
    flash(f"The list “{line.name}” is deleted. Nobody on it was removed.")
    return redirect(url_for("people.lists"), 303)


def list_page(list_id: int, form: ListForm | None = None) -> str:
    """Who is on the list, a page of them, and what may be done with it."""
    line = require_list(db.session(), list_id)
    page = people_page(
        db.session.connection(),
        PeopleFilter(list_id=list_id),
        "newest",
        vault=vault(),
        may_search_people=sees_people(),
        after=request.args.get("after", type=row_id),
        before=request.args.get("before", type=row_id),
    )
    return render_template(
        "directory/list.html",
        line=line,
        page=page,
        form=form or ListForm(name=line.name),
        uses=uses_by_list(db.session()).get(list_id, []),
    )
