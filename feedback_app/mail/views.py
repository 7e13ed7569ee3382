"""/outbox: the mails that the built-in catcher holds."""

from flask import Blueprint

bp = Blueprint("outbox", __name__)
