"""Flask-Security, told our tables and our rules."""

from flask import Flask


def set_up_security(app: Flask) -> None:
    """Sessions, passwords and sign-in of staff."""
    from flask_security import Security, SQLAlchemyUserDatastore

    from feedback_app.db import db
    from feedback_app.staff.models import StaffRole, StaffUser

    app.config.update(SECURITY_PASSWORD_SALT=app.config["SECRET_KEY"], SECURITY_PASSWORD_HASH="argon2")  # noqa: S106
    Security(app, SQLAlchemyUserDatastore(db, StaffUser, StaffRole))
