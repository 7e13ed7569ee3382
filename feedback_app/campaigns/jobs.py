"""What workers do with campaigns and plans."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import current_app

from feedback_app import clock
from feedback_app.campaigns.feeding import feed, running_campaigns
from feedback_app.campaigns.taking_turns import BATCH, active_plans, take_turns
from feedback_app.crypto import Vault
from feedback_app.db import db
from feedback_app.invitations.jobs import nudge_when_due
from feedback_app.queue import is_stopping, job, nudge

AGAIN_SECONDS = 5  # while a campaign has people left to come to


@job
def feed_campaigns() -> None:
    """Come to the next people of every running campaign, each as fast as it may."""
    goes_on = False
    for campaign_id in running_campaigns(db.session()):
        while not is_stopping():
            fed = feed(db.session(), campaign_id, vault=_vault(), zone=_zone(), now=clock.now())
            nudge_when_due(list(fed.due))
            goes_on = goes_on or fed.is_going_on
            if not fed.people or not fed.is_going_on:
                break
    if goes_on:
        nudge(feed_campaigns, delay_seconds=AGAIN_SECONDS)


@job
def take_due_turns() -> None:
    """Ask everybody on an active plan whose turn has come."""
    for plan_id in active_plans(db.session()):
        count = BATCH
        while count == BATCH and not is_stopping():
            due: list[datetime]
            count, due = take_turns(db.session(), plan_id, vault=_vault(), zone=_zone(), now=clock.now())
            nudge_when_due(due)


def _vault() -> Vault:
    vault: Vault = current_app.extensions["feedback_vault"]
    return vault


def _zone() -> ZoneInfo:
    zone: ZoneInfo = current_app.extensions["feedback_settings"].zone
    return zone
