"""Quiet hours: when in a person's week mail may arrive, right through both clock changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = frozenset(range(7))
BUSINESS_DAYS = frozenset(range(5))
MIDNIGHT = time(0)


@dataclass(frozen=True, slots=True)
class SendingWindow:
    """The hours of the week in which mail may arrive, on the clock where the person is.

    Each of the `days` (0 is Monday) opens at `start` and closes at `end`, which does not belong to it; an `end` of
    midnight is the end of the day, and one before `start` falls on the day after.

    >>> SendingWindow(BUSINESS_DAYS, time(9), time(17)).words()
    'Mon–Fri 09:00–17:00'
    """

    days: frozenset[int] = EVERY_DAY
    start: time = MIDNIGHT
    end: time = MIDNIGHT

    def __post_init__(self) -> None:
        if not self.days or not self.days <= EVERY_DAY:
            raise ValueError("A sending window needs at least one day of the week, Monday 0 to Sunday 6.")

    def is_open(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether mail may arrive at that moment."""
        return self.next_open(moment, zone) == moment

    def next_open(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The moment itself if the window is open, else when it opens next; in UTC.

        An hour that the clocks skip opens at the first moment after the gap, one that they repeat at its first time
        (and is open through both).
        """
        moment = moment.astimezone(UTC)
        today = moment.astimezone(zone).date()
        for ahead in range(-1, 9):
            day = today + timedelta(days=ahead)
            if day.weekday() not in self.days:
                continue
            opens = instant(datetime.combine(day, self.start), zone)
            closing_day = day if self.start < self.end else day + timedelta(days=1)
            closes = instant(datetime.combine(closing_day, self.end), zone, last=True)
            if moment < closes and opens < closes:  # a window that lies in a gap does not open that day
                return max(moment, opens)
        raise AssertionError("unreachable: some day of the week is open")

    def to_json(self) -> dict[str, Any]:
        """As a JSON column keeps it; `of_json` reads it back."""
        return {"days": sorted(self.days), "start": f"{self.start:%H:%M}", "end": f"{self.end:%H:%M}"}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any] | None) -> "SendingWindow | None":
        """The window of a JSON column; None for none."""
        if not kept:
            return None
        return cls(
            frozenset(kept["days"]), time.fromisoformat(kept["start"]), time.fromisoformat(kept["end"])
        )

    def words(self) -> str:
        """For staff: days that follow each other as a range, then the hours."""
        hours = "" if self.start == self.end == MIDNIGHT else f" {self.start:%H:%M}–{self.end:%H:%M}"
        return ", ".join(_ranges(sorted(self.days))) + hours


def zone_of(name: str | None, default: ZoneInfo) -> ZoneInfo:
    """The person's time zone; the default for none, or for a name that the tz database does not know."""
    if not name:
        return default
    try:
        return ZoneInfo(name)
    except (
        ValueError,
        OSError,
        KeyError,
    ):  # ZoneInfoNotFoundError is a KeyError; odd names are refused as paths
        return default


def instant(wall: datetime, zone: ZoneInfo, *, last: bool = False) -> datetime:
    """The UTC moment of a wall-clock time: the first moment after a gap, the first (or `last`) of a repeated one."""
    local = wall.replace(tzinfo=zone, fold=1 if last else 0)
    found = local.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # In a gap. Read with the offset before it, the time lies past the gap by as much as it lay past its beginning.
    before = wall.replace(tzinfo=zone, fold=0).utcoffset()
    after = wall.replace(tzinfo=zone, fold=1).utcoffset()
    assert before is not None
    assert after is not None
    return _gap_end((wall - after).replace(tzinfo=UTC), (wall - before).replace(tzinfo=UTC), zone)


def _gap_end(early: datetime, late: datetime, zone: ZoneInfo) -> datetime:
    """The first second at which the zone's offset is that of `late`."""
    offset = late.astimezone(zone).utcoffset()
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            late = middle
        else:
            early = middle
    return late.replace(microsecond=0)


def _ranges(days: list[int]) -> list[str]:
    found: list[list[int]] = []
    for day in days:
        if found and found[-1][-1] == day - 1:
            found[-1].append(day)
        else:
            found.append([day])
    return [DAYS[run[0]] if len(run) == 1 else f"{DAYS[run[0]]}–{DAYS[run[-1]]}" for run in found]
