"""How often somebody may try: counted where FEEDBACK_RATELIMIT_URL says, and by each process while that is away."""

import time

import structlog
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import RateLimitItem
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

limiter = Limiter(
    get_remote_address,
    default_limits=[],
    headers_enabled=False,
    in_memory_fallback_enabled=True,  # of routes with a decorator
)
_alone = FixedWindowRateLimiter(MemoryStorage())
log = structlog.get_logger(__name__)


def seconds_to_wait(limit: RateLimitItem, *who: str) -> int:
    """0 if `who` may go on, and then it is counted; else how long until they may, at least 1."""
    for counts in (limiter.limiter, _alone):
        try:
            if counts.hit(limit, *who):
                return 0
            return max(1, round(counts.get_window_stats(limit, *who).reset_time - time.time()))
        except Exception as error:  # whatever a store's client raises
            log.warning("rate limits cannot be shared", error=type(error).__name__)
    raise AssertionError("unreachable: memory is always there")
