"""The blueprint of /triggers; its pages that show helpdesks are in webhooks/, which knows them."""

from zoneinfo import ZoneInfo

from flask import Blueprint, current_app

from feedback_app.config import Settings
from feedback_app.crypto import Vault

bp = Blueprint("triggers", __name__)


def vault() -> Vault:
    """What seals secrets and hashes addresses."""
    kept: Vault = current_app.extensions["feedback_vault"]
    return kept


def workspace_zone() -> ZoneInfo:
    """The clock of people without one of their own."""
    settings: Settings = current_app.extensions["feedback_settings"]
    return settings.zone
