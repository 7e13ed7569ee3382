"""Moments as files write them: Unix seconds, ISO 8601, or a date and a time in the workspace's zone."""

import re
from datetime import UTC, datetime, time, timedelta, tzinfo

from feedback_app.imports.values import NO, DateOrder, RowRejected, date_of

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_SECONDS = re.compile(r"\d{9,10}(?:\.\d+)?\Z")
_MILLISECONDS = re.compile(r"\d{12,13}\Z")
_TIMED = re.compile(
    r"(?P<day>[^T:]*?\d)(?:[T,]\s*|\s+)(?P<time>\d{1,2}:\d\d(?::\d\d)?)(?:\.\d+)?\s*(?P<half>[AaPp][Mm])?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d:?\d\d|[+-]\d\d)?\Z"
)


def moment_of(text: str, zone: tzinfo, order: DateOrder | None = None) -> datetime:
    """The moment; what names no zone is in `zone`. Raises RowRejected for what is none, or two."""
    if _SECONDS.match(text) or _MILLISECONDS.match(text):
        seconds = float(text) / (1000 if _MILLISECONDS.match(text) else 1)
        return datetime.fromtimestamp(int(seconds), UTC)
    found = _TIMED.match(text)
    if found is None:
        return datetime.combine(date_of(text, order), time(), zone).astimezone(UTC)
    day = date_of(found["day"].strip(), order)
    try:
        at = datetime.combine(day, _time_of(found["time"], found["half"]))
    except ValueError:
        raise RowRejected(f"“{text[:40]}” is not a time; write it like 2026-12-31 18:30.") from None
    return at.replace(tzinfo=_zone_of(found["zone"], zone)).astimezone(UTC)


def _time_of(text: str, half: str | None) -> time:
    hour, minute, second = (*map(int, text.split(":")), 0)[:3]
    if half:
        hour = hour % 12 + (12 if half.lower() == "pm" else 0)
    return time(hour, minute, second)


def _zone_of(text: str | None, zone: tzinfo) -> tzinfo:
    if text is None:
        return zone
    if text in ("Z", "UTC", "GMT"):
        return UTC
    moved = datetime.strptime(text if len(text) > 3 else f"{text}00", "%z").tzinfo
    return moved or UTC


def past_moment(text: str, zone: tzinfo, order: DateOrder | None, *, now: datetime) -> datetime:
    """The moment of something that has happened; raises RowRejected if it cannot have."""
    moment = moment_of(text, zone, order)
    if moment > now + timedelta(days=1):
        raise RowRejected(f"“{text[:40]}” is in the future, so nothing can have happened then.")
    if moment < EARLIEST:
        raise RowRejected(
            f"“{text[:40]}” is before the year 2000; write the date with four digits of the year."
        )
    return moment


def happened(text: str, zone: tzinfo, order: DateOrder | None, *, now: datetime) -> datetime | None:
    """When it happened, for a cell that holds a moment, yes or no; None for no. What cannot be read counts as now."""
    if text.strip().lower() in NO:
        return None
    try:
        return past_moment(text.strip(), zone, order, now=now)
    except RowRejected:
        return now
