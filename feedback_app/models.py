"""Imports every model, so that the metadata is whole for migrations and mappers."""

from feedback_app import happenings, workspace
from feedback_app.accounts import models as accounts
from feedback_app.api import models as api
from feedback_app.campaigns import models as campaigns
from feedback_app.deliveries import models as deliveries
from feedback_app.imports import models as imports
from feedback_app.invitations import models as invitations
from feedback_app.people import models as people
from feedback_app.responses import models as responses
from feedback_app.reviews import models as reviews
from feedback_app.scoreboard import models as scoreboard
from feedback_app.staff import models as staff
from feedback_app.surveys import models as surveys
from feedback_app.tagging import models as tagging
from feedback_app.themes import models as themes
from feedback_app.webhooks import models as webhooks

__all__ = [
    "accounts",
    "api",
    "campaigns",
    "deliveries",
    "happenings",
    "imports",
    "invitations",
    "people",
    "responses",
    "reviews",
    "scoreboard",
    "staff",
    "surveys",
    "tagging",
    "themes",
    "webhooks",
    "workspace",
]
