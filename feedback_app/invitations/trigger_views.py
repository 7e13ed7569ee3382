"""/triggers: which events ask which survey, tried out before they do."""

from flask import Blueprint

bp = Blueprint("triggers", __name__)
