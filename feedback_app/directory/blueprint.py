"""What the pages of people have in common."""

from flask import Blueprint, current_app
from flask_security import current_user

from feedback_app.crypto import Vault
from feedback_app.staff.models import Role

bp = Blueprint("people", __name__)


def vault() -> Vault:
    kept: Vault = current_app.extensions["feedback_vault"]
    return kept


def sees_people() -> bool:
    """Whether personal data are shown in full, and people may be searched."""
    return bool(current_user.role >= Role.CSM)
