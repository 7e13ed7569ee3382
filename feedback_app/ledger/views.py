"""/ledger: every event with its outcome and its reason."""

from flask import Blueprint

bp = Blueprint("ledger", __name__)
