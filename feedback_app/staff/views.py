"""Signing in and out, and one's own profile. No GET signs anybody in: mail scanners open every link."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_security import current_user, login_user, logout_user

from feedback_app.access import anyone, staff
from feedback_app.clock import now
from feedback_app.config import Settings
from feedback_app.crypto import token_hash
from feedback_app.db import db
from feedback_app.limiting import limiter
from feedback_app.staff import services
from feedback_app.staff.forms import LinkForm, PasswordForm, ProfileForm, SignInForm
from feedback_app.staff.mailing import mail_link_soon
from feedback_app.staff.models import Role
from feedback_app.staff.queries import usable_link
from feedback_app.staff.security import SESSION_KEY
from feedback_app.staff.services import SignedIn, SignInLinkGone, WrongSignIn

bp = Blueprint("staff", __name__)

SIGNED_IN = 303


def named_account() -> str:
    """The account that a form is about, for the limit on attempts; a hash, so that the store names nobody."""
    return token_hash(request.form.get("email", "").strip().lower())


# Only what failed counts; an office behind one address has many honest people.
per_address = limiter.limit(
    "30 per 5 minutes",
    key_func=get_remote_address,
    methods=["POST"],
    deduct_when=lambda response: response.status_code != SIGNED_IN,
)
per_account = limiter.limit(
    "10 per 15 minutes",
    key_func=named_account,
    methods=["POST"],
    deduct_when=lambda response: response.status_code != SIGNED_IN,
)


@bp.get("/login")
@anyone("whoever signs in is nobody before")
def sign_in() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(own_page(request.args.get("next", "")))
    return sign_in_page(SignInForm(email=request.args.get("email", "")))


@bp.post("/login")
@anyone("signing in; limited per address and per account")
@per_address
@per_account
def check_sign_in() -> ResponseReturnValue:
    form = SignInForm(request.form)
    if not form.validate():
        return sign_in_page(form), 422
    try:
        signed_in = services.sign_in_by_password(db.session(), form.email.data, form.password.data, now=now())
    except WrongSignIn as error:
        return sign_in_page(form, error.message), 422
    keep_session(signed_in)
    return redirect(own_page(request.form.get("next", "")), SIGNED_IN)


def sign_in_page(form: SignInForm, problem: str = "") -> str:
    settings: Settings = current_app.extensions["feedback_settings"]
    target = request.values.get("next", "")
    return render_template(
        "staff/sign_in.html", form=form, problem=problem, target=target, is_demo=settings.demo
    )


@bp.get("/login/link")
@anyone("the page that mails a sign-in link")
def ask_for_link() -> str:
    return link_page(LinkForm(), is_asked=False)


@bp.post("/login/link")
@anyone("mails a link to whoever has an account; limited per address and per account, same answer to all")
@limiter.limit("30 per 15 minutes", key_func=get_remote_address)
@limiter.limit("5 per 15 minutes", key_func=named_account)
def mail_link() -> ResponseReturnValue:
    form = LinkForm(request.form)
    if not form.validate() or not can_mail():
        return link_page(form, is_asked=False), 422
    mail_link_soon(current_app._get_current_object(), form.email.data)  # type: ignore[attr-defined]
    return link_page(form, is_asked=True)


def link_page(form: LinkForm, *, is_asked: bool) -> str:
    return render_template("staff/ask_for_link.html", form=form, is_asked=is_asked, can_mail=can_mail())


def can_mail() -> bool:
    """Whether there is a mail server. The outbox takes no sign-in links: all who read it could use them."""
    settings: Settings = current_app.extensions["feedback_settings"]
    return bool(settings.smtp_url)


@bp.get("/login/<token>")
@anyone("a one-time link; shows a button and signs nobody in")
def show_link(token: str) -> str:
    if usable_link(db.session(), token, now=now()) is None:
        raise SignInLinkGone
    return render_template("staff/sign_in_link.html", token=token)


@bp.post("/login/<token>")
@anyone("the button of a one-time link; limited per address")
@per_address
def use_link(token: str) -> ResponseReturnValue:
    keep_session(services.sign_in_by_link(db.session(), token, now=now()))
    return redirect("/", SIGNED_IN)


@bp.post("/logout")
@staff(Role.VIEWER)
def sign_out() -> ResponseReturnValue:
    services.sign_out(db.session(), session.get(SESSION_KEY, ""))
    logout_user()
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("staff.sign_in"), 303)


@bp.get("/settings/profile")
@staff(Role.VIEWER)
def profile() -> str:
    form = ProfileForm(name=current_user.name, time_zone=current_user.time_zone or "")
    return profile_page(form, PasswordForm())


@bp.post("/settings/profile")
@staff(Role.VIEWER)
def save_profile() -> ResponseReturnValue:
    form = ProfileForm(request.form)
    form.offer_zones(current_app.extensions["feedback_settings"].time_zone)
    if not form.validate():
        return profile_page(form, PasswordForm()), 422
    services.save_profile(
        db.session(), current_user.id, name=form.name.data, time_zone=form.time_zone.data or None, now=now()
    )
    flash("Your profile is saved.")
    return redirect(url_for("staff.profile"), 303)


@bp.post("/settings/password")
@staff(Role.VIEWER)
@limiter.limit("10 per 15 minutes", key_func=lambda: str(current_user.id))
def change_password() -> ResponseReturnValue:
    form = PasswordForm(request.form)
    own = ProfileForm(name=current_user.name, time_zone=current_user.time_zone or "")
    if not form.validate():
        return profile_page(own, form), 422
    token = session.get(SESSION_KEY, "")
    try:
        signed_in = services.change_password(
            db.session(), current_user.id, token, form.current.data or "", form.new.data, now=now()
        )
    except WrongSignIn:
        form.current.errors = ["This is not your current password; it stays as it is."]
        return profile_page(own, form), 422
    keep_session(signed_in)
    flash("Your new password is set, and every other browser is signed out.")
    return redirect(url_for("staff.profile"), 303)


def profile_page(form: ProfileForm, password_form: PasswordForm) -> str:
    settings: Settings = current_app.extensions["feedback_settings"]
    form.offer_zones(settings.time_zone)
    needs_current = not services.may_skip_current(
        db.session(), current_user, session.get(SESSION_KEY, ""), now=now()
    )
    return render_template(
        "staff/profile.html", form=form, password_form=password_form, needs_current=needs_current
    )


def keep_session(signed_in: SignedIn) -> None:
    """Make the browser's cookie the new session's; whatever it held before is dropped."""
    session.clear()
    session.permanent = True
    login_user(signed_in.user, remember=False)
    session[SESSION_KEY] = signed_in.token


def own_page(target: str) -> str:
    """Where to go after signing in: a page of ours, else the start page."""
    parts = urlsplit(target)
    is_ours = target.startswith("/") and not parts.scheme and not parts.netloc
    # Browsers take "/\evil" and "/<tab>/evil" for "//evil": another site.
    if not is_ours or "\\" in target or any(ord(letter) <= 32 or ord(letter) == 127 for letter in target):
        return "/"
    return "/" if target.startswith("//") else target
