"""/people/import: a file of people, its columns matched, its progress, and the rows that did not fit."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, BinaryIO, cast

from flask import (
    Blueprint,
    Response,
    flash,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_security import current_user
from werkzeug.utils import secure_filename

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.http import takes_files
from feedback_app.imports import runs, uploads
from feedback_app.imports.files import RejectsFile, Shape
from feedback_app.imports.forms import PlanForm, column_selects
from feedback_app.imports.jobs import run_imports
from feedback_app.imports.models import ImportRun, ImportState
from feedback_app.imports.people import Tally
from feedback_app.imports.preview import Choices, Preview, preview_of
from feedback_app.imports.queries import all_rejects, earlier_runs, first_rejects
from feedback_app.imports.words import STATE_WORDS
from feedback_app.people.lists import all_lists
from feedback_app.queue import nudge
from feedback_app.staff.models import Role

bp = Blueprint("imports", __name__)

RUN = "/people/import/<row:run_id>"
SHOWN_REJECTS = 10
AT_WORK = (ImportState.WAITING, ImportState.RUNNING)


@bp.get("/people/import")
@staff(Role.LEAD)
def index() -> str:
    return render_template("imports/index.html", lines=earlier_runs(db.session()), **words())


@bp.post("/people/import")
@staff(Role.LEAD)
@takes_files(uploads.LARGEST_FILE)
def upload() -> ResponseReturnValue:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("No file was chosen, so nothing was imported. Go back and choose a CSV file.")
    stream = cast("BinaryIO", file.stream)
    run_id = uploads.receive(db.session(), stream, file.filename, user_id=current_user.id, now=now())
    return redirect(url_for("imports.show", run_id=run_id), 303)


@bp.get(RUN)
@staff(Role.LEAD)
def show(run_id: int) -> ResponseReturnValue:
    run = uploads.require_run(db.session(), run_id)
    if run.kind != "people":
        return redirect(url_for("moves.show", run_id=run_id))
    if run.state == ImportState.UPLOADED:
        return preview_page(run, plan_form(run), Choices())
    if run.state in AT_WORK:
        return render_template("imports/progress.html", run=run, **how_far(run), **words())
    return render_template(
        "imports/result.html",
        run=run,
        tally=tally_of(run),
        rejects=first_rejects(run.id, SHOWN_REJECTS),
        **words(),
    )


@bp.post(RUN)
@staff(Role.LEAD)
def begin(run_id: int) -> ResponseReturnValue:
    """Look again with what was chosen, or begin."""
    run = uploads.require_run(db.session(), run_id)
    if run.state != ImportState.UPLOADED or run.kind != "people":
        return redirect(url_for("imports.show", run_id=run_id), 303)
    form = plan_form(run)
    if not form.validate():
        return preview_page(run, form, Choices()), 422
    choices = form.choices(request.form)
    preview = preview_of(db.session(), uploads.stored_file(run.id), choices, run.encoding)
    if request.form.get("then") != "begin":
        return preview_page(run, form, choices, preview)
    if preview.problems:
        return preview_page(run, form, choices, preview), 422
    runs.begin(db.session(), run_id, preview.plan, preview.shape, user_id=current_user.id, now=now())
    nudge(run_imports)
    return redirect(url_for("imports.show", run_id=run_id), 303)


@bp.get(f"{RUN}/progress")
@staff(Role.LEAD)
def progress(run_id: int) -> dict[str, Any]:
    run = uploads.require_run(db.session(), run_id)
    return {"state": run.state, "at_work": run.state in AT_WORK, **how_far(run)}


@bp.post(f"{RUN}/cancel")
@staff(Role.LEAD)
def cancel(run_id: int) -> ResponseReturnValue:
    run = uploads.require_run(db.session(), run_id)
    runs.cancel(db.session(), run_id, user_id=current_user.id, now=now())
    flash("The import is cancelled. What was stored before stays.")
    return redirect(url_for("imports.index" if run.kind == "people" else "moves.index"), 303)


@bp.get(f"{RUN}/rejected.csv")
@staff(Role.LEAD)
def rejected(run_id: int) -> ResponseReturnValue:
    run = uploads.require_run(db.session(), run_id)
    name = secure_filename(PurePath(run.file_name).stem) or "people"
    headers = {"Content-Disposition": f'attachment; filename="{name}.rejected.csv"'}
    shape = Shape(run.encoding, run.delimiter, tuple(run.columns))
    return Response(stream_with_context(rejects_file(shape, run.id)), mimetype="text/csv", headers=headers)


def rejects_file(shape: Shape, run_id: int) -> Iterator[bytes]:
    file = RejectsFile(shape)
    yield file.head()
    for reject in all_rejects(run_id):
        yield file.row(*reject)


def plan_form(run: ImportRun) -> PlanForm:
    form = PlanForm(request.form) if request.method == "POST" else PlanForm(encoding=run.encoding)
    form.offer_encodings(run.encoding)
    return form


def preview_page(run: ImportRun, form: PlanForm, choices: Choices, preview: Preview | None = None) -> str:
    preview = preview or preview_of(db.session(), uploads.stored_file(run.id), choices, run.encoding)
    return render_template(
        "imports/preview.html",
        run=run,
        form=form,
        preview=preview,
        selects=column_selects(preview),
        lists=all_lists(db.session()),
    )


def tally_of(run: ImportRun) -> Tally:
    return Tally(**run.options.get("tally", {}))


def how_far(run: ImportRun) -> dict[str, Any]:
    """Rows done and rows in all; the latter is None until they are counted."""
    return {"done": run.rows_done, "total": run.options.get("rows"), "rejected": run.rejected}


def words() -> dict[str, Any]:
    return {"state_words": STATE_WORDS}
