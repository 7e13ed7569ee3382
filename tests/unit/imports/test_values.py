"""Amounts, dates, yes and no as people write them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.imports.values import (
    DateOrder,
    RowRejected,
    amount_of,
    currency_of,
    date_of,
    date_order,
    decimal_mark,
    is_yes,
    language_of,
    time_zone_of,
)


@pytest.mark.parametrize(
    ("written", "amount", "currency"),
    [
        ("1200", "1200", None),
        ("1200.5", "1200.50", None),
        ("1.234,50", "1234.50", None),
        ("1,234.50", "1234.50", None),
        ("1.234.567", "1234567", None),
        ("1,234,567.8", "1234567.80", None),
        ("12,5", "12.50", None),
        ("€ 1.234,50", "1234.50", "€"),
        ("1 234,50 €", "1234.50", "€"),
        ("1\u202f234,50\xa0€", "1234.50", "€"),
        ("$99", "99", "$"),
        ("EUR 99.90", "99.90", "EUR"),
        ("99.90USD", "99.90", "USD"),
        ("1'250.00 CHF", "1250.00", "CHF"),
        ("1234.567", "1234.57", None),
    ],
)
def test_amounts_are_read_as_written(written: str, amount: str, currency: str | None) -> None:
    assert amount_of(written, None) == (Decimal(amount), currency)


@pytest.mark.parametrize("written", ["1.234", "1,234", "€ 12.500", "123,456"])
def test_an_amount_that_could_be_two_is_refused_with_the_reason(written: str) -> None:
    with pytest.raises(RowRejected, match="could be read in two ways"):
        amount_of(written, None)


def test_the_columns_mark_decides_what_one_amount_leaves_open() -> None:
    assert amount_of("1.234", ",") == (Decimal(1234), None)
    assert amount_of("1.234", ".") == (Decimal("1.23"), None)
    assert amount_of("1,234", ".") == (Decimal(1234), None)


@pytest.mark.parametrize(
    "written", ["a lot", "-5", "12.34.5", "1,2,3", "1.23,456,7", "5-10", "€", "99999999999"]
)
def test_what_is_no_amount_is_refused(written: str) -> None:
    with pytest.raises(RowRejected):
        amount_of(written, None)


@pytest.mark.parametrize(
    ("values", "mark"),
    [
        (["1.234", "99,50"], ","),
        (["1,234", "99.50"], "."),
        (["1.234.567"], ","),
        (["1.234", "1200"], None),
        (["99,50", "99.50"], None),
        ([], None),
    ],
)
def test_a_column_tells_which_mark_is_before_the_cents(values: list[str], mark: str | None) -> None:
    assert decimal_mark(values) == mark


@given(cents=st.integers(0, 10**11))
def test_an_amount_is_the_same_in_german_and_in_english(cents: int) -> None:
    english = f"{Decimal(cents) / 100:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert amount_of(english, None)[0] == amount_of(german, None)[0] == Decimal(cents) / 100


@pytest.mark.parametrize(
    ("column", "mark", "currency"),
    [("", None, None), ("eur", None, "EUR"), ("", "€", "EUR"), ("CAD", "$", "CAD"), ("USD", "USD", "USD")],
)
def test_the_currency_is_in_its_column_or_at_the_amount(
    column: str, mark: str | None, currency: str | None
) -> None:
    assert currency_of(column, mark) == currency


@pytest.mark.parametrize(("column", "mark"), [("USD", "€"), ("euros", None), ("", "credits")])
def test_a_currency_that_is_none_or_two_is_refused(column: str, mark: str | None) -> None:
    with pytest.raises(RowRejected):
        currency_of(column, mark)


@pytest.mark.parametrize(
    "written",
    [
        "2026-12-31", "2026/12/31", "31.12.2026", "31/12/2026", "12/31/2026", "31-12-2026", "2026-12-31T08:00:00Z",
        "2026-12-31 08:00:00", "31 Dec 2026", "31. December 2026", "Dec 31, 2026", "December 31 2026",
    ],
)  # fmt: skip
def test_dates_are_read_as_written(written: str) -> None:
    assert date_of(written, None) == date(2026, 12, 31)


def test_the_columns_order_decides_which_number_is_the_day() -> None:
    assert date_of("03/04/2026", DateOrder.DAY_FIRST) == date(2026, 4, 3)
    assert date_of("03/04/2026", DateOrder.MONTH_FIRST) == date(2026, 3, 4)
    assert date_of("04/04/2026", None) == date(2026, 4, 4)
    with pytest.raises(RowRejected, match="could be two days"):
        date_of("03/04/2026", None)


@pytest.mark.parametrize(
    "written", ["soon", "2026-13-01", "31.02.2026", "31/12/26", "2026", "31 Foo 2026", "Dec 2026"]
)
def test_what_is_no_date_is_refused(written: str) -> None:
    with pytest.raises(RowRejected, match="is not a date"):
        date_of(written, None)


def test_a_day_that_the_columns_order_does_not_allow_is_refused() -> None:
    with pytest.raises(RowRejected, match="is not a date"):
        date_of("31/12/2026", DateOrder.MONTH_FIRST)


@pytest.mark.parametrize(
    ("values", "order"),
    [
        (["03/04/2026", "31/01/2026"], DateOrder.DAY_FIRST),
        (["03/04/2026", "01/31/2026"], DateOrder.MONTH_FIRST),
        (["03/04/2026", "05/06/2026"], None),
        (["31/01/2026", "01/31/2026"], None),
        (["2026-01-31", "31.01.2026"], None),
    ],
)
def test_a_column_of_dates_tells_its_order(values: list[str], order: DateOrder | None) -> None:
    assert date_order(values) == order


@pytest.mark.parametrize(
    "written", ["yes", "TRUE", "1", "x", "Ja", "unsubscribed", "2026-01-31", "2026-01-31 10:00:00"]
)
def test_yes_and_the_day_it_happened_mean_yes(written: str) -> None:
    assert is_yes(written)


@pytest.mark.parametrize("written", ["", "no", "False", "0", "nein", "never", " - "])
def test_no_and_nothing_mean_no(written: str) -> None:
    assert not is_yes(written)


def test_a_word_that_is_neither_is_refused() -> None:
    with pytest.raises(RowRejected, match="neither yes nor no"):
        is_yes("maybe")


def test_languages_are_codes_or_names() -> None:
    assert [language_of(text) for text in ("de", "pt-BR", "fr-x-name", "zh_Hant", "German")] == [
        "de", "pt-BR", "fr-x-name", "zh_Hant", "de",
    ]  # fmt: skip
    with pytest.raises(RowRejected, match="is not a language"):
        language_of("Klingon!")


def test_time_zones_are_the_known_ones() -> None:
    assert time_zone_of("Europe/Berlin") == "Europe/Berlin"
    with pytest.raises(RowRejected, match="write it like Europe/Berlin"):
        time_zone_of("Berlin")
