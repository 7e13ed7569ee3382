"""What the options of `feedback triggers` mean: spans, hours of the week, conditions, and rows named by a number."""

import re
from collections.abc import Sequence
from datetime import time, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from feedback_app.invitations.conditions import Condition
    from feedback_app.invitations.windows import SendingWindow

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_WINDOW = re.compile(r"(?P<days>[a-z ,-]*?) *(?:(?P<opens>\d{1,2}:\d\d) *- *(?P<closes>\d{1,2}:\d\d))?")


def read_delay(_ctx: click.Context, _param: click.Parameter, value: str) -> timedelta:
    """A span such as 10s, 30m, 24h or 2d."""
    parts = re.fullmatch(r"(\d{1,7})([smhd])", value.strip())
    if parts is None:
        raise click.BadParameter(f"'{value}' is not a delay; write it like 10s, 30m, 24h or 2d.")
    return timedelta(**{UNITS[parts[2]]: int(parts[1])})


def read_window(_ctx: click.Context, _param: click.Parameter, value: str | None) -> "SendingWindow | None":
    """Hours of the week such as "Mon-Fri 09:00-17:00", "Sat, Sun" or "08:00-20:00"."""
    from feedback_app.invitations.windows import EVERY_DAY, MIDNIGHT, SendingWindow

    if value is None:
        return None
    found = _WINDOW.fullmatch(value.strip().lower().replace("–", "-"))
    if found is None or not value.strip():
        raise _no_window(value)
    try:
        days = _days(found["days"]) if found["days"].strip() else EVERY_DAY
        hours = [time.fromisoformat(f"{hour:0>5}") if hour else MIDNIGHT for hour in found.group(2, 3)]
    except ValueError as error:
        raise _no_window(value) from error
    return SendingWindow(days, *hours)


def read_conditions(
    _ctx: click.Context, _param: click.Parameter, values: Sequence[str]
) -> "tuple[Condition, ...]":
    """Conditions such as "tag is vip, gold"."""
    from feedback_app.errors import Invalid
    from feedback_app.invitations.conditions import read_condition

    try:
        return tuple(read_condition(value) for value in values)
    except Invalid as error:
        raise click.BadParameter(error.message) from error


def _days(text: str) -> frozenset[int]:
    """The numbers of named days; a range may run over the weekend."""
    from feedback_app.invitations.windows import DAYS

    names = [name.lower() for name in DAYS]
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = (one.strip()[:3] for one in part.partition("-"))
        begin, end = names.index(first), names.index(last or first)
        found.update(day % 7 for day in range(begin, end + 1 if end >= begin else end + 8))
    return frozenset(found)


def _no_window(value: str) -> click.BadParameter:
    return click.BadParameter(
        f"'{value}' is not a part of the week; write it like Mon-Fri 09:00-17:00, Sat,Sun or 08:00-20:00."
    )
