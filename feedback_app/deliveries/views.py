"""/settings/mail: where providers report about our mail, and what they reported."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.config import Settings
from feedback_app.db import db
from feedback_app.deliveries.forms import HookForm
from feedback_app.deliveries.hooks import KINDS, HookKind, hook_url
from feedback_app.deliveries.jobs import MAILBOX_FACT
from feedback_app.deliveries.models import MailHook
from feedback_app.deliveries.queries import (
    COUNTED_DAYS,
    HookLine,
    counts,
    hook_line,
    hook_lines,
    listed_reports,
)
from feedback_app.deliveries.services import HookUnknown, MadeHook, add_hook, delete_hook, set_proof
from feedback_app.errors import Invalid, NotFound
from feedback_app.shown_once import show_once, shown_once
from feedback_app.staff.models import Role
from feedback_app.workspace import fact

bp = Blueprint("deliveries", __name__, url_prefix="/settings/mail")

PAGE = 50


@bp.get("/")
@staff(Role.ADMIN)
def index() -> str:
    """Hooks, mailbox, and the reports that came to nothing."""
    session, now = db.session(), clock.now()
    settings: Settings = current_app.extensions["feedback_settings"]
    before = request.args.get("before", type=int)
    listed = listed_reports(session, before, PAGE + 1)
    return render_template(
        "deliveries/index.html",
        hooks=hook_lines(session, now),
        kinds=KINDS,
        days=COUNTED_DAYS,
        mailbox=fact(session, MAILBOX_FACT),
        has_mailbox=bool(settings.imap_url),
        bounce_domain=settings.bounce_domain,
        by_mail=counts(session, None, now),
        listed=listed[:PAGE],
        older=listed[PAGE - 1].id if len(listed) > PAGE else None,
        is_first=before is None,
    )


@bp.get("/add/<kind>")
@staff(Role.ADMIN)
def add(kind: str) -> str:
    """The form for a provider's hook."""
    about = known_kind(kind)
    return render_template("deliveries/add.html", kind=about, form=HookForm.about(about))


@bp.post("/add/<kind>")
@staff(Role.ADMIN)
def save(kind: str) -> ResponseReturnValue:
    about = known_kind(kind)
    form = HookForm.about(about, request.form)
    try:
        if not form.validate():
            raise Invalid("The name or the key is too long, so nothing was saved.")
        made = add_hook(
            db.session(),
            kind,
            form.name.data or "",
            form.given.data or "",
            vault=current_app.extensions["feedback_vault"],
            user_id=current_user.id,
            now=clock.now(),
        )
    except Invalid as problem:
        return render_template("deliveries/add.html", kind=about, form=form, problem=problem.message), 422
    return shown(made)


@bp.get("/hooks/<row:hook_id>")
@staff(Role.ADMIN)
def show(hook_id: int) -> str:
    """One hook: its address, what to paste where, and what it told us."""
    return page_of(hook_id, secret=shown_once(f"mail hook {hook_id}"))


@bp.post("/hooks/<row:hook_id>/proof")
@staff(Role.ADMIN)
def replace_proof(hook_id: int) -> ResponseReturnValue:
    """Keep another key or other topics, or make a new password."""
    given = request.form.get("given", "")[:4000]
    vault = current_app.extensions["feedback_vault"]
    try:
        made = set_proof(db.session(), hook_id, given, vault=vault, user_id=current_user.id, now=clock.now())
    except Invalid as problem:
        return page_of(hook_id, problem=problem.message, given=given), 422
    return shown(made)


@bp.post("/hooks/<row:hook_id>/delete")
@staff(Role.ADMIN)
def delete(hook_id: int) -> ResponseReturnValue:
    """Take no more reports here; those that came stay."""
    name = delete_hook(db.session(), hook_id, user_id=current_user.id, now=clock.now())
    flash(f"{name} is deleted. Remove its address at the provider too.")
    return redirect(url_for("deliveries.index"), code=303)


def known_kind(kind: str) -> HookKind:
    try:
        return KINDS[kind]
    except KeyError:
        raise NotFound("There is no mail provider of that kind.") from None


def shown(made: MadeHook) -> ResponseReturnValue:
    """On to the hook's page, which shows a password of ours once."""
    if made.secret:
        show_once(f"mail hook {made.id}", made.secret)
    else:
        flash("Saved.")
    return redirect(url_for("deliveries.show", hook_id=made.id), code=303)


def page_of(hook_id: int, *, secret: str = "", problem: str = "", given: str = "") -> str:
    line = line_of(hook_id)
    kind = KINDS[line.kind]
    form = HookForm.about(kind)
    form.given.data = given or "\n".join(line.topics)
    return render_template(
        "deliveries/hook.html",
        hook=line,
        kind=kind,
        form=form,
        url=hook_url(current_app.extensions["feedback_links"], line.kind, line.key, secret),
        secret=secret,
        problem=problem,
        days=COUNTED_DAYS,
    )


def line_of(hook_id: int) -> HookLine:
    hook = db.session().get(MailHook, hook_id)
    if hook is None:
        raise HookUnknown
    return hook_line(db.session(), hook, clock.now())
