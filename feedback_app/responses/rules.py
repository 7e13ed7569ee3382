"""The times that decide what an answer link still does."""

from datetime import datetime, timedelta

SHORTEST_EDIT = timedelta(hours=1)  # a comment can always follow the tap that was saved at once
JUST_SENT = timedelta(seconds=15)  # a person needs longer to read a mail; a scanner does not
SCANNING = timedelta(seconds=10)
SCANNED_RATINGS = 3  # that many differing ratings within SCANNING are no person's
MOST_VERSIONS = 60  # of one answer, by a person and by machines each


def editable_since(now: datetime, edit_hours: int) -> datetime:
    """An answer first confirmed after this moment may still be changed."""
    return now - max(timedelta(hours=edit_hours), SHORTEST_EDIT)


def time_left(confirmed_at: datetime, edit_hours: int, now: datetime) -> timedelta:
    """How long the answer may still be changed; zero or less when that is over."""
    return confirmed_at - editable_since(now, edit_hours)


def link_ends(sent_at: datetime, link_days: int) -> datetime:
    """When an answer link stops working."""
    return sent_at + timedelta(days=link_days)
