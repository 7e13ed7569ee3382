"""/people: who can be asked, what they were asked and what they said."""

from flask import Blueprint

bp = Blueprint("people", __name__)
