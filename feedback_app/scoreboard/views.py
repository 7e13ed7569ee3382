"""Pages."""

from flask import Blueprint

bp = Blueprint("scoreboard", __name__)
