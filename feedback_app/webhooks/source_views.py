"""/triggers/sources: connecting a helpdesk, with the exact texts to paste there. Hooks and secrets are for admins."""

from cryptography.fernet import InvalidToken
from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import NotFound
from feedback_app.invitations import services
from feedback_app.invitations.blueprint import bp, vault
from feedback_app.invitations.drafts import SourceDraft
from feedback_app.invitations.models import Source
from feedback_app.invitations.overview import last_event
from feedback_app.shown_once import show_once, shown_once
from feedback_app.staff.models import Role
from feedback_app.webhooks.helpdesks.provider import Provider
from feedback_app.webhooks.helpdesks.registry import provider, providers
from feedback_app.webhooks.trigger_forms import SecretForm, SourceForm, source_form

SOURCE = "/triggers/sources/<row:source_id>"
NOT_SHOWN = "(the secret that was shown once)"


@bp.get("/triggers/sources/new")
@staff(Role.ADMIN)
def new_source() -> str:
    """Choose the helpdesk, then what its kind needs to be told."""
    kind = request.args.get("kind", "")
    if kind not in providers():
        return render_template("triggers/choose.html", helpdesks=providers().values())
    helpdesk = provider(kind)
    return new_page(helpdesk, source_form(helpdesk, name=helpdesk.title, **defaults(helpdesk)))


@bp.post("/triggers/sources")
@staff(Role.ADMIN)
def add_source() -> ResponseReturnValue:
    """Make the source; a secret of ours is on the page that follows, once."""
    helpdesk = provider(request.form.get("kind", ""))
    form = source_form(helpdesk, request.form)
    if not form.validate():
        return new_page(helpdesk, form), 422
    secret = "" if helpdesk.makes_its_own_secret else helpdesk.new_secret()
    draft = SourceDraft(helpdesk.kind, form.name.data, secret, form.settings(helpdesk.setup))
    made = services.add_source(db.session(), draft, vault=vault(), user_id=current_user.id, now=now())
    return to_page(made.source_id, secret, is_new=True)


@bp.get(SOURCE)
@staff(Role.ADMIN)
def source(source_id: int) -> str:
    return source_page(the_source(source_id), secret=shown_once(f"source {source_id}"))


@bp.post(SOURCE)
@staff(Role.ADMIN)
def save_source(source_id: int) -> ResponseReturnValue:
    source = the_source(source_id)
    helpdesk = provider(source.kind)
    form = source_form(helpdesk, request.form)
    if not form.validate():
        return source_page(source, form=form), 422
    services.change_source(
        db.session(),
        source_id,
        name=form.name.data,
        settings=form.settings(helpdesk.setup),
        vault=vault(),
        user_id=current_user.id,
        now=now(),
    )
    flash("The source is saved.")
    return redirect(url_for("triggers.source", source_id=source_id), 303)


@bp.post(f"{SOURCE}/secret")
@staff(Role.ADMIN)
def save_secret(source_id: int) -> ResponseReturnValue:
    """Keep the helpdesk's own secret; of another helpdesk make a new one and show it once."""
    source = the_source(source_id)
    helpdesk, form = provider(source.kind), SecretForm(request.form)
    if helpdesk.makes_its_own_secret and not form.validate():
        return source_page(source, secret_form=form), 422
    secret = form.secret.data if helpdesk.makes_its_own_secret else helpdesk.new_secret()
    services.change_source(
        db.session(), source_id, secret=secret, vault=vault(), user_id=current_user.id, now=now()
    )
    if not helpdesk.makes_its_own_secret:
        return to_page(source_id, secret)
    flash("The secret is kept, sealed. Send something from the helpdesk now to see whether it fits.")
    return redirect(url_for("triggers.source", source_id=source_id), 303)


def to_page(source_id: int, secret: str, *, is_new: bool = False) -> ResponseReturnValue:
    """On to the source's page, which shows the secret of ours, if there is one, once."""
    if secret:
        show_once(f"source {source_id}", secret)
    return redirect(url_for("triggers.source", source_id=source_id, new=1 if is_new else None), 303)


def the_source(source_id: int) -> Source:
    source = db.session().get(Source, source_id)
    if source is None:
        raise NotFound("There is no such source.")
    return source


def lacks_secret(source: Source) -> bool:
    """Whether the hook refuses everything: no secret was kept yet, or another FEEDBACK_SECRET_KEY sealed it."""
    try:
        return not vault().unseal(source.sealed_secret).strip()
    except InvalidToken:
        return True


def defaults(helpdesk: Provider) -> dict[str, str]:
    return {one.name: "\n".join(one.default) for one in helpdesk.setup.settings_fields}


def new_page(helpdesk: Provider, form: SourceForm) -> str:
    return render_template("triggers/new_source.html", helpdesk=helpdesk, form=form)


def source_page(
    source: Source,
    *,
    form: SourceForm | None = None,
    secret_form: SecretForm | None = None,
    secret: str = "",
) -> str:
    helpdesk = provider(source.kind)
    url = current_app.extensions["feedback_links"].hook(source.kind, source.key)
    chosen = {one.name: "\n".join(one.chosen(source.settings)) for one in helpdesk.setup.settings_fields}
    return render_template(
        "triggers/source.html",
        source=source,
        helpdesk=helpdesk,
        url=url,
        pasted=helpdesk.setup.pasted(url, secret or NOT_SHOWN),
        form=form or source_form(helpdesk, name=source.name, **chosen),
        secret_form=secret_form or SecretForm(),
        secret=secret,
        lacks_secret=lacks_secret(source),
        is_new="new" in request.args,
        last=last_event(db.session(), source.id),
    )
