"""/surveys: what each asks, how it looks in a mail, and its rules."""

from flask import Blueprint

bp = Blueprint("surveys", __name__)
