"""What the pages of people have in common."""

from flask import Blueprint, current_app

from feedback_app.crypto import Vault

bp = Blueprint("people", __name__)


def vault() -> Vault:
    kept: Vault = current_app.extensions["feedback_vault"]
    return kept
