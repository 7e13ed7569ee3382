"""/settings/mail: where providers report about our mail, and what they reported."""

from flask import Blueprint

bp = Blueprint("deliveries", __name__)
