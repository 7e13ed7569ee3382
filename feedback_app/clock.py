"""The one place that asks what time it is."""

from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, always in UTC and aware of it."""
    return datetime.now(UTC)
