"""/accounts: customer companies and their people."""

from flask import Blueprint

bp = Blueprint("accounts", __name__)
