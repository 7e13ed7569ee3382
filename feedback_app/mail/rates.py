"""How fast mail may go to each domain, counted where FEEDBACK_RATELIMIT_URL counts."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

import structlog
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

EVERYWHERE = "*"  # each domain that is not named
LONGEST_WAIT = timedelta(minutes=15)  # so that a queue that got shorter meanwhile is not waited for
_NAMESPACE = "feedback-mail"

log = structlog.get_logger(__name__)


def rates_from(text: str) -> dict[str, RateLimitItem]:
    """What `gmail.com=60/minute, *=600/minute` means, by domain; raises ValueError.

    >>> rates_from("gmail.com=60/minute")
    {'gmail.com': 60 per 1 minute}
    """
    found = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        domain, is_given, rate = (side.strip() for side in part.partition("="))
        if not is_given or not domain or "@" in domain or parse(rate).amount < 1:
            raise ValueError(f"{part!r} is no rate of a domain")
        found[domain.lower()] = parse(rate)
    return found


class Rates:
    """Whether another mail may go to a domain now, and when those that may not get their turn."""

    def __init__(self, text: str = "", storage_url: str = "memory://") -> None:
        self._rates: Mapping[str, RateLimitItem] = rates_from(text)
        self._url = storage_url
        self._limiter: MovingWindowRateLimiter | None = None
        self._alone = MovingWindowRateLimiter(MemoryStorage())
        self._last_turns: dict[str, datetime] = {}
        self._lock = Lock()

    def allow(self, domain: str) -> bool:
        """Whether a mail may go there now; then it is counted."""
        rate = self._rate_of(domain)
        if rate is None:
            return True
        try:
            return self._shared().hit(rate, _NAMESPACE, domain)
        except StorageError as error:  # mail goes on, counted by each process for itself
            log.warning("mail rates cannot be shared", error=type(error).__name__)
            return self._alone.hit(rate, _NAMESPACE, domain)

    def turns(self, domain: str, count: int, now: datetime) -> list[datetime]:
        """When so many more mails may go there, one after the other, behind those that wait already."""
        rate = self._rate_of(domain)
        assert rate is not None  # else nothing had to wait
        each = timedelta(seconds=rate.get_expiry() / rate.amount)
        free = now + timedelta(seconds=self._seconds_until_free(rate, domain))
        with self._lock:
            first = max(self._last_turns.get(domain, free - each) + each, free)
            turns = [min(first + each * place, now + LONGEST_WAIT) for place in range(count)]
            self._last_turns[domain] = turns[-1]
        return turns

    def reason(self, domain: str) -> str:
        """Why a mail waits, for staff."""
        return f"{domain} gets at most {self._rate_of(domain)}; this mail waits its turn."

    def _rate_of(self, domain: str) -> RateLimitItem | None:
        return self._rates.get(domain) or self._rates.get(EVERYWHERE)

    def _shared(self) -> MovingWindowRateLimiter:
        if self._limiter is None:
            self._limiter = MovingWindowRateLimiter(storage_from_string(self._url, wrap_exceptions=True))
        return self._limiter

    def _seconds_until_free(self, rate: RateLimitItem, domain: str) -> float:
        """Until the first of those that fill the limit no longer counts."""
        try:
            window = self._shared().get_window_stats(rate, _NAMESPACE, domain)
        except StorageError:
            return 0
        return max(0.0, window.reset_time - time.time()) if window.remaining < 1 else 0
