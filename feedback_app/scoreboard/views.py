"""The home page: what each survey came to lately, and what people are unhappy about."""

from flask import Blueprint, current_app, render_template

from feedback_app import clock
from feedback_app.access import staff
from feedback_app.config import Settings
from feedback_app.db import db
from feedback_app.ledger.attention import attention
from feedback_app.scoreboard import words
from feedback_app.scoreboard.charts import bar_chart, trend_chart
from feedback_app.scoreboard.queries import last_days, scorecards
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone
from feedback_app.themes.overview import most_blamed

bp = Blueprint("scoreboard", __name__)

THEME_DAYS = 30


@bp.get("/")
@staff(Role.VIEWER)
def home() -> str:
    """Every survey's score of the last 90 days."""
    settings: Settings = current_app.extensions["feedback_settings"]
    now = clock.now()
    zone = reader_zone()  # the inbox, which the card of themes opens, begins its days there
    since, _ = last_days(now.astimezone(zone).date(), THEME_DAYS).moments(zone)
    return render_template(
        "scoreboard/home.html",
        attention=attention(db.session(), now),
        cards=scorecards(db.session(), now=now, zone=settings.zone),
        blamed=most_blamed(db.session.connection(), since=since),
        blamed_since=since.date().isoformat(),
        period=last_days(now.astimezone(settings.zone).date()),
        links=current_app.extensions["feedback_links"],
        words=words,
        trend_chart=trend_chart,
        bar_chart=bar_chart,
    )
