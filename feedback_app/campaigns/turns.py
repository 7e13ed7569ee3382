"""When whose turn is: people spread evenly over a cadence, on the open days and in the open hours of a window."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from feedback_app.invitations.windows import SendingWindow, instant

GOLDEN = (math.sqrt(5) - 1) / 2
WEEK = 7


@dataclass(frozen=True, slots=True)
class Cadence:
    """Everybody once in `days` (a week or more), in the hours of the window, on the workspace's clock."""

    days: int
    window: SendingWindow
    zone: ZoneInfo

    def __post_init__(self) -> None:
        if self.days < WEEK:  # shorter, and a window may have no open day in it
            raise ValueError("A cadence is at least seven days.")

    def spread(self, count: int, *, start: datetime, before: int = 0) -> list[datetime]:
        """Turns of `count` people who join now, evenly over the open time of the coming cadence, in order.

        `before` says how many joined earlier. Those who join one at a time each take the next place of the golden
        ratio, which leaves no part of the cadence empty or crowded, however many there come to be.
        """
        stretches = self._open_stretches(start.astimezone(UTC))
        shift = (before * GOLDEN) % 1
        return [stretches.at((place + shift) / count) for place in range(count)]

    def following(self, turn: datetime, person_id: int) -> datetime:
        """The next turn after one: the same time of day, `days` later.

        Should that day be closed, it is one of the open days of the week after it, by the person's number: else all
        whose turn falls on a weekend would be asked on Mondays.
        """
        local = turn.astimezone(self.zone)
        day = local.date() + timedelta(days=self.days)
        if day.weekday() not in self.window.days:
            coming = [day + timedelta(days=ahead) for ahead in range(1, WEEK + 1)]
            open_days = [one for one in coming if one.weekday() in self.window.days]
            day = open_days[person_id % len(open_days)]
        wall = datetime.combine(day, local.time().replace(fold=0))
        return self.window.next_open(instant(wall, self.zone), self.zone)

    def _open_stretches(self, start: datetime) -> "Stretches":
        end = start + timedelta(days=self.days)
        first = start.astimezone(self.zone).date() - timedelta(days=1)
        days = [first + timedelta(days=ahead) for ahead in range(self.days + 3)]
        open_days = [self._hours_of(day) for day in days if day.weekday() in self.window.days]
        clipped = [(max(opens, start), min(closes, end)) for opens, closes in open_days]
        return Stretches([(opens, closes) for opens, closes in clipped if opens < closes])

    def _hours_of(self, day: date) -> tuple[datetime, datetime]:
        closing = day if self.window.start < self.window.end else day + timedelta(days=1)
        return (
            instant(datetime.combine(day, self.window.start), self.zone),
            instant(datetime.combine(closing, self.window.end), self.zone, last=True),
        )


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of time, one after the other, as if there were nothing between them."""

    pairs: Sequence[tuple[datetime, datetime]]

    def at(self, share: float) -> datetime:
        """The moment that lies at this share (0 up to 1) of all the time in them, to the second."""
        total = sum((closes - opens).total_seconds() for opens, closes in self.pairs)
        left = round(share * total, 3)  # a place on the hour must not fall a hair before it
        for opens, closes in self.pairs:
            length = (closes - opens).total_seconds()
            if left < length:
                return opens + timedelta(seconds=int(left))
            left -= length
        return self.pairs[-1][1] - timedelta(seconds=1)
