"""/themes/phrases: what unhappy customers write more often than happy ones, on its way to becoming themes."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.staff.models import Role
from feedback_app.themes.excerpts import examples_of
from feedback_app.themes.forms import LONGEST_LINE
from feedback_app.themes.queries import active_themes, all_themes
from feedback_app.themes.suggesting import NEWEST, unhappy_phrases
from feedback_app.themes.views import begin_of, bp, list_form, may_change, narrowed


@bp.get("/themes/phrases")
@staff(Role.CSM)
def phrases() -> str:
    """For those who see comments whole: a name that several write is a phrase too."""
    form = list_form()
    chosen: dict[str, Any] = {"since": begin_of(form), "survey_id": form.survey_id}
    connection = db.session.connection()
    found = unhappy_phrases(connection, **chosen)
    texts = [one.text for one in (*found.phrases, *found.words)]
    examples = examples_of(connection, texts, **chosen) if texts else {}
    return render_template(
        "themes/phrases.html",
        form=form,
        found=found,
        as_of=now(),
        most=NEWEST,
        examples=examples,
        narrowed=narrowed(form),
        names={theme.id: theme.name for theme in all_themes(db.session())},
        themes=active_themes(db.session()),
        may_change=may_change(),
    )


@bp.get("/themes/phrases/add")
@staff(Role.LEAD)
def add_phrase() -> ResponseReturnValue:
    """The page of the chosen theme, or of a new one, with the phrase among its patterns; nothing is saved yet."""
    phrase = request.args.get("phrase", "")[:LONGEST_LINE]
    theme_id = request.args.get("theme", type=int)
    if theme_id is None:
        return redirect(url_for("themes.new", add=phrase), 303)
    return redirect(url_for("themes.show", theme_id=theme_id, add=phrase), 303)
