"""Quiet hours on the person's clock, also on the days when it is changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.invitations.windows import BUSINESS_DAYS, EVERY_DAY, SendingWindow, instant, zone_of

BERLIN = ZoneInfo("Europe/Berlin")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")  # its clocks change by half an hour
OFFICE = SendingWindow(BUSINESS_DAYS, time(9), time(17))
ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Africa/Casablanca",
)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


def test_inside_the_window_mail_goes_at_once() -> None:
    noon = utc(2026, 11, 20, 11)
    assert OFFICE.next_open(noon, BERLIN) == noon
    assert OFFICE.is_open(noon, BERLIN)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (utc(2026, 11, 20, 7, 59), utc(2026, 11, 20, 8)),  # Friday 8:59 in Berlin: at nine
        (utc(2026, 11, 20, 16), utc(2026, 11, 23, 8)),  # Friday 17:00, the window has just closed: on Monday
        (utc(2026, 11, 21, 12), utc(2026, 11, 23, 8)),  # Saturday: on Monday
    ],
)
def test_outside_of_it_mail_waits_until_it_opens(moment: datetime, opens: datetime) -> None:
    assert OFFICE.next_open(moment, BERLIN) == opens
    assert not OFFICE.is_open(moment, BERLIN)


def test_the_clock_is_that_of_the_person() -> None:
    moment = utc(2026, 11, 20, 16)
    assert OFFICE.next_open(moment, ZoneInfo("America/New_York")) == moment  # 11:00 there
    assert OFFICE.next_open(moment, ZoneInfo("Asia/Tokyo")) == utc(2026, 11, 23, 0)  # Saturday 1:00 there


def test_nine_oclock_stays_nine_oclock_when_the_clocks_change() -> None:
    assert OFFICE.next_open(utc(2026, 3, 27, 20), BERLIN) == utc(
        2026, 3, 30, 7
    )  # summer time began on Sunday
    assert OFFICE.next_open(utc(2026, 10, 23, 20), BERLIN) == utc(2026, 10, 26, 8)  # and ended on Sunday


def test_an_hour_that_the_clocks_skip_opens_after_the_gap() -> None:
    window = SendingWindow(EVERY_DAY, time(2, 30), time(4))
    assert window.next_open(utc(2026, 3, 29, 0), BERLIN) == utc(
        2026, 3, 29, 1
    )  # 3:00, the first moment there is
    half = SendingWindow(EVERY_DAY, time(2, 15), time(4))
    assert half.next_open(utc(2026, 10, 3, 12), LORD_HOWE) == utc(2026, 10, 3, 15, 30)


def test_an_hour_that_the_clocks_repeat_is_open_through_both() -> None:
    window = SendingWindow(EVERY_DAY, time(2, 15), time(2, 45))
    assert window.next_open(utc(2026, 10, 25, 0), BERLIN) == utc(2026, 10, 25, 0, 15)
    assert window.is_open(utc(2026, 10, 25, 1, 30), BERLIN)  # 2:30 for the second time
    assert not window.is_open(utc(2026, 10, 25, 1, 45), BERLIN)


def test_a_window_over_midnight_belongs_to_the_day_on_which_it_opens() -> None:
    friday_night = SendingWindow(frozenset({4}), time(22), time(6))
    assert friday_night.is_open(utc(2026, 11, 21, 3), BERLIN)  # Saturday 4:00
    assert friday_night.next_open(utc(2026, 11, 21, 5), BERLIN) == utc(2026, 11, 27, 21)


def test_midnight_as_the_end_is_the_end_of_the_day() -> None:
    evening = SendingWindow(EVERY_DAY, time(18), time(0))
    assert evening.is_open(utc(2026, 11, 20, 22, 59), BERLIN)
    assert not evening.is_open(utc(2026, 11, 20, 23), BERLIN)


def test_a_whole_day_that_a_country_skipped_is_skipped() -> None:
    friday = SendingWindow(frozenset({4}), time(9), time(17))
    assert instant(datetime.combine(date(2011, 12, 30), time(9)), ZoneInfo("Pacific/Apia")) == utc(
        2011, 12, 30, 10
    )
    assert friday.next_open(utc(2011, 12, 29, 12), ZoneInfo("Pacific/Apia")) == utc(2012, 1, 5, 19)


moments = st.integers(0, 3 * 365 * 24 * 60).map(lambda minutes: utc(2025, 1, 1) + timedelta(minutes=minutes))
windows = st.builds(
    SendingWindow,
    st.frozensets(st.integers(0, 6), min_size=1),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
)


@given(moments, windows, st.sampled_from(ZONES))
def test_what_opens_is_open_and_within_a_week_or_so(
    moment: datetime, window: SendingWindow, name: str
) -> None:
    zone = ZoneInfo(name)
    opens = window.next_open(moment, zone)
    assert moment <= opens <= moment + timedelta(days=8, hours=2)
    assert window.next_open(opens, zone) == opens


@given(windows)
def test_a_window_comes_back_from_its_column_as_it_was(window: SendingWindow) -> None:
    assert SendingWindow.of_json(window.to_json()) == window


def test_no_window_is_none() -> None:
    assert SendingWindow.of_json(None) is None


def test_a_window_without_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one day"):
        SendingWindow(frozenset())


def test_staff_read_it_in_a_few_words() -> None:
    assert OFFICE.words() == "Mon–Fri 09:00–17:00"
    assert SendingWindow(frozenset({0, 2, 3, 6})).words() == "Mon, Wed–Thu, Sun"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Europe/Berlin", "Europe/Berlin"),
        (None, "UTC"),
        ("", "UTC"),
        ("Mars/Base", "UTC"),
        ("../etc/passwd", "UTC"),
    ],
)
def test_a_time_zone_that_nobody_knows_is_the_workspaces(name: str | None, expected: str) -> None:
    assert zone_of(name, ZoneInfo("UTC")).key == expected
