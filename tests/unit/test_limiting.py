"""Limits go on without their store."""

import pytest
from limits import parse

from feedback_app.limiting import limiter, seconds_to_wait


class Gone:
    def hit(self, *_args: object) -> bool:
        raise ConnectionError("no Redis")


def test_without_its_store_a_limit_is_counted_by_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "_limiter", Gone())
    twice = parse("2 per hour")
    assert [seconds_to_wait(twice, "a test", "without a store") == 0 for _ in range(3)] == [True, True, False]
    assert 0 < seconds_to_wait(twice, "a test", "without a store") <= 3600
