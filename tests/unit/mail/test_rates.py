"""Each domain gets mail at its own pace."""

from datetime import timedelta

import pytest
from limits.errors import StorageError

from feedback_app.config import SettingError, read_settings
from feedback_app.mail.rates import LONGEST_WAIT, Rates, rates_from
from tests.factories import NOON


def seconds(rates: Rates, domain: str, count: int) -> list[int]:
    return [round((turn - NOON).total_seconds()) for turn in rates.turns(domain, count, NOON)]


def test_each_domain_has_its_own_rate() -> None:
    rates = Rates("gmail.com=2/minute, *=3/hour")
    assert [rates.allow("gmail.com") for _ in range(3)] == [True, True, False]
    assert [rates.allow("web.example") for _ in range(4)] == [True, True, True, False]
    assert rates.allow("other.example")


def test_without_a_rate_everything_may_go() -> None:
    assert all(Rates().allow("gmail.com") for _ in range(1000))
    assert all(Rates("gmail.com=1/hour").allow("harrow.example") for _ in range(10))


def test_what_must_wait_gets_its_turns_one_after_the_other() -> None:
    rates = Rates("gmail.com=2/minute")
    while rates.allow("gmail.com"):
        pass
    assert seconds(rates, "gmail.com", 3) == [60, 90, 120]
    assert seconds(rates, "gmail.com", 2) == [150, 180]  # behind those that wait already


def test_nobody_waits_for_a_queue_longer_than_a_quarter_of_an_hour() -> None:
    rates = Rates("gmail.com=1/hour")
    rates.allow("gmail.com")
    assert rates.turns("gmail.com", 2, NOON) == [NOON + LONGEST_WAIT] * 2
    later = NOON + timedelta(hours=5)
    assert rates.turns("gmail.com", 1, later) == [later + LONGEST_WAIT]


def test_the_reason_names_the_domain_and_its_rate() -> None:
    assert Rates("*=60/minute").reason("harrow.example") == (
        "harrow.example gets at most 60 per 1 minute; this mail waits its turn."
    )


def test_without_the_store_each_process_counts_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    rates = Rates("*=1/hour")

    class Gone:
        def hit(self, *_args: object) -> bool:
            raise StorageError(ConnectionError("no Redis"))

        def get_window_stats(self, *_args: object) -> None:
            raise StorageError(ConnectionError("no Redis"))

    monkeypatch.setattr(rates, "_limiter", Gone())
    assert [rates.allow("harrow.example") for _ in range(2)] == [True, False]
    assert rates.turns("harrow.example", 1, NOON) == [NOON]


def test_names_are_read_in_any_case_and_spacing() -> None:
    found = rates_from(" Gmail.com = 60/minute,, *=5/second ")
    assert {domain: (rate.amount, rate.get_expiry()) for domain, rate in found.items()} == {
        "gmail.com": (60, 60),
        "*": (5, 1),
    }


@pytest.mark.parametrize(
    "bad", ["gmail.com", "=3/minute", "ann@gmail.com=3/minute", "gmail.com=fast", "gmail.com=0/minute"]
)
def test_a_bad_rate_stops_the_start_with_an_example(bad: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_settings({"FEEDBACK_MAIL_RATES": bad})
    assert str(refused.value) == (
        f"FEEDBACK_MAIL_RATES is '{bad}'; a good value looks like gmail.com=60/minute, *=600/minute"
    )
