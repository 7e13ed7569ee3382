"""What every staff page has: its menu, and how moments are written in the reader's time zone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, request, url_for
from flask_security import current_user

from feedback_app import clock
from feedback_app.access import access_of
from feedback_app.config import Settings
from feedback_app.staff.seeing import set_up_filters

# Endpoint and label, in the order of the menu; a page that does not exist (yet, or here) is not linked.
MENU = (
    ("scoreboard.home", "Home"),
    ("reviews.inbox", "Inbox"),
    ("themes.index", "Themes"),
    ("people.index", "People"),
    ("accounts.index", "Accounts"),
    ("surveys.index", "Surveys"),
    ("triggers.index", "Triggers"),
    ("campaigns.index", "Campaigns"),
    ("ledger.index", "Ledger"),
    ("outbox.index", "Outbox"),
)
# In the menu under the user's name: what is set up once and then left alone.
SETTINGS_MENU = (
    ("triggers.sending_settings", "Limits and sending"),
    ("learning.index", "Reading comments"),
    ("checking.show", "Check tags blind"),
    ("deliveries.index", "Bounces and complaints"),
    ("keys.index", "API keys"),
    ("endpoints.index", "Webhooks"),
    ("moves.index", "Move from Delighted"),
)


@dataclass(frozen=True)
class MenuPage:
    label: str
    url: str
    is_current: bool


def set_up_pages(app: Flask) -> None:
    """Give the templates their menu and filters."""
    app.jinja_env.globals.update(
        menu_pages=menu_pages, settings_pages=settings_pages, current_user=current_user
    )
    app.jinja_env.filters.update(moment=moment, ago=ago, day=day, language_name=language_name)
    set_up_filters(app)


def menu_pages() -> list[MenuPage]:
    """The pages that the signed-in user may open."""
    in_settings = request.endpoint in [endpoint for endpoint, _ in SETTINGS_MENU]
    return [
        MenuPage(label, url_for(endpoint), not in_settings and request.blueprint == endpoint.split(".")[0])
        for endpoint, label in MENU
        if is_offered(endpoint)
    ]


def settings_pages() -> list[MenuPage]:
    """The pages of settings that the signed-in user may open."""
    return [
        MenuPage(label, url_for(endpoint), request.endpoint == endpoint)
        for endpoint, label in SETTINGS_MENU
        if is_offered(endpoint)
    ]


def is_offered(endpoint: str) -> bool:
    """Whether the page exists in this installation and the signed-in user's role is enough for it."""
    if endpoint not in current_app.view_functions or (endpoint == "outbox.index" and not has_outbox()):
        return False
    access = access_of(current_app, endpoint)
    return access is not None and (access.role is None or current_user.role >= access.role)


def has_outbox() -> bool:
    """Whether mail goes to the built-in catcher, which /outbox shows."""
    settings: Settings = current_app.extensions["feedback_settings"]
    return not settings.smtp_url


def reader_zone() -> ZoneInfo:
    """The signed-in user's time zone, else the workspace's."""
    chosen = getattr(current_user, "time_zone", None)
    return ZoneInfo(chosen) if chosen else workspace_zone()


def workspace_zone() -> ZoneInfo:
    """Where the workspace's days begin."""
    settings: Settings = current_app.extensions["feedback_settings"]
    return settings.zone


def moment(value: datetime) -> str:
    """For example 20 Nov 2026, 13:00 CET."""
    return f"{value.astimezone(reader_zone()):%-d %b %Y, %H:%M %Z}"


@lru_cache(maxsize=512)
def language_name(tag: str) -> str:
    """A language in English words; a tag that is none stays as it is.

    >>> language_name("de-AT"), language_name("pt_BR"), language_name("klingon!")
    ('German (Austria)', 'Portuguese (Brazil)', 'klingon!')
    """
    try:
        return Locale.parse(tag.replace("_", "-"), sep="-").get_display_name("en") or tag
    except (UnknownLocaleError, ValueError):
        return tag


def day(value: datetime) -> str:
    """For example 20 Nov 2026."""
    return f"{value.astimezone(reader_zone()):%-d %b %Y}"


def ago(value: datetime) -> str:
    """How long ago in one short word - now, 5 min, 3 h, 6 d - and the day once that says more."""
    passed = clock.now() - value
    if passed < timedelta(minutes=1):
        return "now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h"
    if passed < timedelta(days=7):
        return f"{passed.days} d"
    return day(value)
