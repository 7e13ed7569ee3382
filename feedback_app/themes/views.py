"""/themes: what comments are about, how often and how it sounds; and the words that each theme is found by."""

from datetime import datetime, time, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.db import db
from feedback_app.errors import Invalid, NotFound
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone
from feedback_app.surveys.queries import all_surveys
from feedback_app.themes import previewing, services, suggesting
from feedback_app.themes.excerpts import excerpt
from feedback_app.themes.forms import LONGEST_LINE, ListForm, MergeForm, ThemeForm
from feedback_app.themes.history import history_of
from feedback_app.themes.models import SHORT_NAME, Theme
from feedback_app.themes.overview import comments_of, overview, walked
from feedback_app.themes.queries import active_themes, all_themes
from feedback_app.themes.starters import SETS

bp = Blueprint("themes", __name__)

THEME = "/themes/<row:theme_id>"
REFRESH_SECONDS = 10

bp.app_template_filter("excerpt")(excerpt)


@bp.get("/themes")
@staff(Role.VIEWER)
def index() -> str:
    form = list_form()
    themes = all_themes(db.session())
    waiting = [theme for theme in themes if theme.active and theme.applied_up_to is not None]
    furthest_behind = min(waiting, key=lambda theme: theme.applied_up_to or 0, default=None)
    shown = overview(
        db.session.connection(), since=begin_of(form), days=form.period, survey_id=form.survey_id
    )
    return render_template(
        "themes/index.html",
        form=form,
        shown=shown,
        narrowed=narrowed(form),
        switched_off=[theme for theme in themes if not theme.active],
        names={theme.id: theme.name for theme in themes},
        waiting=[theme.name for theme in waiting],
        progress=walked(db.session(), furthest_behind) if furthest_behind else None,
        refresh=REFRESH_SECONDS,
        sets=SETS,
        may_change=may_change(),
    )


@bp.post("/themes/starters")
@staff(Role.LEAD)
def begin() -> ResponseReturnValue:
    added = services.use_starter_set(db.session(), request.form.get("set", ""), **who())
    said = "1 theme is" if len(added) == 1 else f"{len(added)} themes are"
    if added:
        flash(f"{said} added. Older comments are looked through now; change the words as you like.")
    else:
        flash("All themes of this set are here already; nothing was added.")
    return redirect(url_for("themes.index"), 303)


@bp.get("/themes/new")
@staff(Role.LEAD)
def new() -> str:
    """The form of a new theme; a phrase in the address is its first pattern, and names it."""
    form = ThemeForm()
    phrase = request.args.get("add", "")[:LONGEST_LINE]
    form.add_line(phrase)
    form.name.data = phrase[:SHORT_NAME].capitalize()
    return edit_page(form)


@bp.post("/themes/new")
@staff(Role.LEAD)
def add() -> ResponseReturnValue:
    form = ThemeForm(request.form)
    if request.form.get("what") == "preview":
        return edit_page(form)
    if not form.validate():
        return edit_page(form), 422
    try:
        theme_id = services.add_theme(
            db.session(), form.name.data or "", form.patterns.data or "", colour=form.colour.data, **who()
        )
    except Invalid as problem:
        return edit_page(form, problem=problem.message), 422
    flash("Added. Older comments are looked through for it now.")
    return back_to(theme_id)


@bp.get(THEME)
@staff(Role.VIEWER)
def show(theme_id: int) -> ResponseReturnValue:
    """One theme: its words, what they find, what became of it. A merged one leads to what it became."""
    theme = theme_of(theme_id)
    if theme.merged_into_id is not None:
        flash(f"“{theme.name}” was merged into this theme.")
        return back_to(theme.merged_into_id)
    form = ThemeForm()
    form.show(theme)
    form.add_line(request.args.get("add", "")[:LONGEST_LINE])
    return edit_page(form, theme)


@bp.post(THEME)
@staff(Role.LEAD)
def change(theme_id: int) -> ResponseReturnValue:
    """Save the theme; other patterns only when the page before has shown what they would change."""
    theme, form = theme_of(theme_id), ThemeForm(request.form)
    what = request.form.get("what")
    if what == "preview":
        return edit_page(form, theme)
    if not form.validate():
        return edit_page(form, theme), 422
    try:
        patterns = services.checked_patterns(form.patterns.data or "")
        if what != "confirmed" and patterns != theme.patterns and theme.active and form.active.data:
            return confirm_page(form, theme)
        services.change_theme(
            db.session(),
            theme_id,
            name=form.name.data,
            patterns=patterns,
            colour=form.colour.data,
            active=form.active.data,
            seen_version=form.seen_version,
            **who(),
        )
    except services.ChangedMeanwhile as problem:
        now_saved = theme_of(theme_id)
        form.version.data = str(now_saved.version)  # they have theirs before them: the next time counts
        mine, theirs = (form.patterns.data or "").splitlines(), now_saved.patterns.splitlines()
        apart = [one for one in theirs if one not in mine], [one for one in mine if one not in theirs]
        return edit_page(form, now_saved, problem=problem.message, apart=apart), 422
    except Invalid as problem:
        return edit_page(form, theme_of(theme_id), problem=problem.message), 422
    flash("Saved.")
    return back_to(theme_id)


@bp.post("/themes/preview")
@staff(Role.LEAD)
def preview() -> ResponseReturnValue:
    """What the typed patterns would find, as a part of the page; nothing is saved."""
    theme_id = request.args.get("theme", type=int)
    theme = theme_of(theme_id) if theme_id is not None else None
    return render_template("themes/preview.html", **previewed(ThemeForm(request.form), theme))


@bp.get(f"{THEME}/merge")
@staff(Role.LEAD)
def ask_merge(theme_id: int) -> str:
    """What merging would do, before it does."""
    theme, into = theme_of(theme_id), theme_of(request.args.get("into", -1, type=int))
    n = comments_of(db.session.connection(), theme_id)
    return render_template(
        "themes/merge.html", theme=theme, into=into, n=n, problems=problems_of_merging(theme, into)
    )


@bp.post(f"{THEME}/merge")
@staff(Role.LEAD)
def merge(theme_id: int) -> ResponseReturnValue:
    into = request.form.get("into", -1, type=int)
    services.merge_themes(db.session(), theme_id, into, **who())
    flash("Merged.")
    return back_to(into)


def edit_page(
    form: ThemeForm,
    theme: Theme | None = None,
    *,
    problem: str = "",
    apart: tuple[list[str], list[str]] | None = None,
) -> str:
    """The form, filled, with what its patterns would find.

    `apart`: the patterns that somebody has saved meanwhile and that are not in the form, and those only in the form.
    """
    merge_form = MergeForm()
    merge_form.offer(one for one in active_themes(db.session()) if theme and one.id != theme.id)
    return render_template(
        "themes/edit.html",
        form=form,
        problem=problem,
        apart=apart,
        merge_form=merge_form,
        activity=history_of(db.session(), theme.id) if theme else [],
        progress=walked(db.session(), theme) if theme else None,
        may_change=may_change(),
        **(learned(theme) if theme and may_change() else {}),
        **(previewed(form, theme) if may_change() else {"theme": theme}),
    )


def confirm_page(form: ThemeForm, theme: Theme) -> str:
    return render_template("themes/confirm.html", form=form, **previewed(form, theme))


def problems_of_merging(theme: Theme, into: Theme) -> tuple[str, ...]:
    """Why the patterns of both are no theme; nothing if they are."""
    try:
        services.patterns_of_both(theme, into)
    except services.PatternsWrong as wrong:
        return wrong.problems
    return ()


def previewed(form: ThemeForm, theme: Theme | None) -> dict[str, Any]:
    """What the preview shows: the finds of the typed patterns, or what is wrong with them."""
    try:
        patterns = services.checked_patterns(form.patterns.data or "")
    except services.PatternsWrong as wrong:
        return {"preview": None, "problems": wrong.problems, "theme": theme}
    if theme is None and not patterns:
        return {"preview": None, "problems": (), "theme": theme}
    found = previewing.preview(db.session.connection(), patterns, theme_id=theme.id if theme else None)
    return {"preview": found, "problems": (), "theme": theme, "most": previewing.NEWEST}


def learned(theme: Theme) -> dict[str, Any]:
    """What people's corrections of comments say about the theme's patterns."""
    connection = db.session.connection()
    return {
        "suggestions": suggesting.suggested_patterns(connection, theme.id),
        "exceptions": suggesting.suggested_exceptions(connection, theme.id),
        "doubtful": suggesting.doubtful_patterns(connection, theme.id),
    }


def theme_of(theme_id: int) -> Theme:
    theme = db.session().get(Theme, theme_id)
    if theme is None:
        raise NotFound("There is no such theme.")
    return theme


def list_form() -> ListForm:
    form = ListForm(request.args)
    form.offer_surveys(all_surveys(db.session()))
    form.take_what_fits()
    return form


def begin_of(form: ListForm) -> datetime:
    """When the period's first day begins where the reader is: the inbox's filter counts from there as well."""
    zone = reader_zone()
    first = clock.now().astimezone(zone).date() - timedelta(days=form.period - 1)
    return datetime.combine(first, time.min, zone)


def narrowed(form: ListForm) -> dict[str, Any]:
    """The filters of the inbox that leave the same comments."""
    return {"since": begin_of(form).date().isoformat(), "survey": form.survey.data or None}


def may_change() -> bool:
    return bool(current_user.role >= Role.LEAD)


def who() -> dict[str, Any]:
    """Who acts, and when."""
    return {"user_id": current_user.id, "now": clock.now()}


def back_to(theme_id: int) -> ResponseReturnValue:
    return redirect(url_for("themes.show", theme_id=theme_id), 303)
