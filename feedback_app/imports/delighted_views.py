"""/settings/migrate: files from Delighted, what they were taken for, the move, and whether both sides agree."""

from collections.abc import Iterator
from typing import BinaryIO, cast

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user
from sqlalchemy import select

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import Invalid
from feedback_app.http import takes_files
from feedback_app.imports import uploads
from feedback_app.imports.delighted import runs, words
from feedback_app.imports.delighted.comparing import month_of
from feedback_app.imports.delighted.moving import Done
from feedback_app.imports.files import RejectsFile, Shape
from feedback_app.imports.jobs import run_imports
from feedback_app.imports.models import ImportRun, ImportState
from feedback_app.imports.queries import all_rejects, earlier_runs, first_rejects
from feedback_app.imports.views import AT_WORK, SHOWN_REJECTS, how_far
from feedback_app.imports.words import STATE_WORDS
from feedback_app.queue import nudge
from feedback_app.staff.models import Role
from feedback_app.surveys.models import Survey

bp = Blueprint("moves", __name__)

RUN = "/settings/migrate/<int(max=9223372036854775807):run_id>"


@bp.get("/settings/migrate")
@staff(Role.LEAD)
def index() -> str:
    surveys = db.session().scalars(select(Survey).order_by(Survey.name)).all()
    lines = earlier_runs(db.session(), runs.KIND)
    return render_template("imports/delighted.html", surveys=surveys, lines=lines, state_words=STATE_WORDS)


@bp.post("/settings/migrate")
@staff(Role.LEAD)
@takes_files(uploads.LARGEST_FILE)
def upload() -> ResponseReturnValue:
    files = [file for file in request.files.getlist("files") if file.filename]
    survey_id = request.form.get("survey", type=int)
    if not files or survey_id is None:
        raise Invalid("No file or no survey was chosen, so nothing was imported. Go back and choose both.")
    given = [(str(file.filename), cast("BinaryIO", file.stream)) for file in files]
    run_id = runs.receive(db.session(), survey_id, given, user_id=current_user.id, now=now())
    return redirect(url_for("moves.show", run_id=run_id), 303)


@bp.get(RUN)
@staff(Role.LEAD)
def show(run_id: int) -> ResponseReturnValue:
    run = move_or_404(run_id)
    survey = db.session().get(Survey, run.options["survey"])
    if run.state == ImportState.UPLOADED:
        tables = run.options["tables"]
        return render_template("imports/delighted_preview.html", run=run, tables=tables, survey=survey)
    if run.state in AT_WORK:
        return render_template("imports/progress.html", run=run, **how_far(run), state_words=STATE_WORDS)
    months = [month_of(kept) for kept in run.options.get("months", ())]
    return render_template(
        "imports/delighted_result.html",
        run=run,
        survey=survey,
        said=words.summaries(Done.of(run.options.get("done", {}))),
        limit=words.LIMIT_LIFTED if run.options.get("limit_is_off") else words.LIMIT_CHOSEN,
        months=months,
        verdict=words.verdict(months),
        score_text=words.score_text,
        rejects=first_rejects(run.id, SHOWN_REJECTS),
        tables=run.options["tables"],
        state_words=STATE_WORDS,
    )


@bp.post(RUN)
@staff(Role.LEAD)
def begin(run_id: int) -> ResponseReturnValue:
    run = move_or_404(run_id)
    runs.begin(db.session(), run.id, user_id=current_user.id, now=now())
    nudge(run_imports)
    return redirect(url_for("moves.show", run_id=run_id), 303)


@bp.get(f"{RUN}/rejected-<int:number>.csv")
@staff(Role.LEAD)
def rejected(run_id: int, number: int) -> ResponseReturnValue:
    """The rejected rows of one table, to be mended and given again."""
    run = move_or_404(run_id)
    tables = run.options["tables"]
    if number >= len(tables):
        abort(404)
    shape = Shape("utf-8", ",", tuple(tables[number]["columns"]))
    headers = {"Content-Disposition": f'attachment; filename="rejected-{number}.csv"'}
    return Response(rejects_file(shape, run.id, str(number)), mimetype="text/csv", headers=headers)


def rejects_file(shape: Shape, run_id: int, number: str) -> Iterator[bytes]:
    file = RejectsFile(shape)
    yield file.head()
    for line, reason, cells in all_rejects(run_id):
        if cells[0] == number:
            yield file.row(line, reason, cells[1:])


def move_or_404(run_id: int) -> ImportRun:
    run = uploads.require_run(db.session(), run_id)
    if run.kind != runs.KIND:
        abort(404)
    return run
