"""Flask-Security, told our tables and our rules.

It owns passwords, roles, and who `current_user` is. Its own routes are left out: we serve a sign-in page, one-time
links and sign-out, each small enough to be read in one go. A signed-in browser is a row (`StaffSession`), so signing
out, a new password or a deactivated account ends it at once, whatever cookies were copied.
"""

from flask import Flask, session
from flask_login.utils import _user_context_processor  # type: ignore[import-untyped]
from flask_security import Security, SQLAlchemyUserDatastore

from feedback_app import clock
from feedback_app.db import db
from feedback_app.staff.models import StaffRole, StaffUser
from feedback_app.staff.pages import set_up_pages
from feedback_app.staff.queries import user_of_session
from feedback_app.staff.services import SESSION_LIFETIME

SESSION_KEY = "staff_session"  # the random token of the StaffSession, inside the signed cookie


def set_up_security(app: Flask) -> None:
    """Passwords, roles and the loading of users; staff pages get their menu."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106
        # Argon2 salts by itself. A second hash keyed with FEEDBACK_SECRET_KEY would void every password with a new key.
        SECURITY_PASSWORD_SINGLE_HASH={"argon2"},
        SECURITY_PASSWORD_SALT="unused",  # noqa: S106
        SECURITY_CLI_USERS_NAME=False,  # `feedback users` is ours
        SECURITY_CLI_ROLES_NAME=False,
        PERMANENT_SESSION_LIFETIME=SESSION_LIFETIME,
        SESSION_REFRESH_EACH_REQUEST=False,  # it ends with its row, however often it is used
    )
    security = Security(app, SQLAlchemyUserDatastore(db, StaffUser, StaffRole), register_blueprint=False)
    security.login_manager.user_loader(load_user)
    security.login_manager.request_loader(None)  # no tokens in headers or addresses
    security.login_manager.session_protection = None  # the session's row decides, not the browser's name
    spare_public_pages(app, security)
    set_up_pages(app)


def load_user(uniquifier: str) -> StaffUser | None:
    """Who the request's session belongs to; asked only by pages that need to know."""
    return user_of_session(db.session(), session.get(SESSION_KEY, ""), uniquifier, now=clock.now())


def spare_public_pages(app: Flask, security: Security) -> None:
    """Keep the libraries from loading a user for every request and every template.

    Permissions are checked by access.py, so Flask-Principal's look at each request is dropped, and so are
    the "remember me" cookie, which we do not offer, and Flask-Login's template context: `current_user` is a
    global there, looked up when a template names it.
    """
    security.principal.identity_loaders.clear()
    app.before_request_funcs[None].remove(security.principal._on_before_request)
    app.after_request_funcs[None].remove(security.login_manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)
