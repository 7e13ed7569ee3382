"""Waits that differ a little from one another, so that what failed together does not come back together."""

from datetime import timedelta
from hashlib import sha256


def jittered(pause: timedelta, share: float, *what: object) -> timedelta:
    """The pause, up to this share of it longer or shorter: the same whenever one asks for the same `what`."""
    digest = sha256(" ".join(map(str, what)).encode()).digest()
    drawn = int.from_bytes(digest[:4]) / 2**31 - 1  # from -1 to 1
    return pause * (1 + share * drawn)
