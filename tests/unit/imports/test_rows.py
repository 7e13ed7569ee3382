"""One row: what it says, or why it does not fit."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.errors import Invalid
from feedback_app.imports.addresses import address_key
from feedback_app.imports.columns import Sample, plan_for
from feedback_app.imports.rows import ReadRow, RowReader
from feedback_app.imports.values import RowRejected
from feedback_app.people.addresses import normalised_address

OWNERS = {"lena@ours.example": 7}


def read(row: dict[str, str]) -> ReadRow:
    columns = list(row)
    plan = plan_for(Sample(columns, [list(row.values())]))
    return RowReader(columns, plan, OWNERS).read(list(row.values()))


def reason(row: dict[str, str]) -> str:
    with pytest.raises(RowRejected) as raised:
        read(row)
    return str(raised.value)


def test_a_full_row_is_read() -> None:
    found = read(
        {
            "Email": " Ana.Lind@Customer.Example ",
            "First name": "Ana",
            "Last name": " Lind ",
            "User ID": "u-1",
            "Language": "German",
            "Time zone": "Europe/Berlin",
            "Plan": "Pro",
            "Phone": "",
            "Company": "Northwind",
            "Account ID": "n-1",
            "Owner": "Lena@ours.example",
            "ARR": "€ 14.400,00",
            "Renewal date": "31.12.2026",
            "Company industry": "Retail",
        }
    )
    assert (found.email, found.email_key) == ("Ana.Lind@Customer.Example", "ana.lind@customer.example")
    assert (found.name, found.external_id, found.locale, found.time_zone) == (
        "Ana Lind",
        "u-1",
        "de",
        "Europe/Berlin",
    )
    assert found.properties == {"Plan": "Pro"}
    assert found.account is not None
    assert found.account_key == ("northwind", "n-1")
    assert (found.account.owner_id, found.account.renews_on) == (7, date(2026, 12, 31))
    assert (found.account.monthly_revenue, found.account.currency) == (Decimal("1200.00"), "EUR")
    assert found.account.properties == {"industry": "Retail"}
    assert not found.is_unsubscribed


def test_an_owner_who_is_no_colleague_is_kept_as_a_property_of_the_account() -> None:
    found = read({"email": "a@x.example", "company": "A", "CSM": "max@other.example"})
    assert found.account is not None
    assert (found.account.owner_id, found.account.properties) == (None, {"CSM": "max@other.example"})


def test_a_company_known_by_its_id_alone_is_called_by_it() -> None:
    found = read({"email": "a@x.example", "account id": "n-1"})
    assert found.account is not None
    assert (found.account.name, found.account.external_id) == ("n-1", "n-1")


def test_a_row_without_a_company_has_none() -> None:
    found = read({"email": "a@x.example", "company": "", "mrr": "", "company size": "12"})
    assert found.account is None


@pytest.mark.parametrize(("heading", "cell", "gets_none"), [
    ("unsubscribed", "yes", True),
    ("unsubscribed at", "2026-05-01 10:00:00", True),
    ("unsubscribed", "", False),
    ("subscribed", "no", True),
    ("subscribed", "", False),
    ("opt-in", "yes", False),
])  # fmt: skip
def test_who_gets_no_mail_is_understood(heading: str, cell: str, gets_none: bool) -> None:
    assert read({"email": "a@x.example", heading: cell}).is_unsubscribed is gets_none


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"email": "ana@"}, "“ana@” is not an e-mail address."),
        ({"email": "", "name": "Ana"}, "It has no address."),
        ({"email": "a@x.example", "company": "", "mrr": "5"}, "no company that they belong to"),
        ({"email": "a@x.example", "company": "A", "mrr": "12k"}, "“k” is not a currency"),
        ({"email": "a@x.example", "company": "A", "mrr": "1.234"}, "could be read in two ways"),
        ({"email": "a@x.example", "company": "A", "renewal": "03/04/2026"}, "could be two days"),
        ({"email": "a@x.example", "language": "???"}, "is not a language"),
        ({"email": "a@x.example", "name": "A" * 255}, "The name has more than 254 characters."),
        ({"email": "a@x.example", "note": "x" * 2001}, "more than 2000 characters"),
        ({"email": "a@x.example", "name": "J\ufffdrgen"}, "letters that cannot be read"),
    ],
)
def test_a_row_that_does_not_fit_says_why(row: dict[str, str], said: str) -> None:
    assert said in reason(row)


def test_every_fault_of_a_row_is_named_with_its_column() -> None:
    row = {
        "E-Mail-Adresse": "ana@",
        "Sprache": "???",
        "Abgemeldet": "perhaps",
        "Notiz": "J\ufffdrgen",
        "Firma": "A",
        "Monatsumsatz": "12k",
        "Währung": "euros",
        "Verlängerung": "31.02.2026",
    }
    assert reason(row).splitlines() == [
        "Column “Notiz”: It has letters that cannot be read (\ufffd); write them anew, as UTF-8.",
        "Column “E-Mail-Adresse”: “ana@” is not an e-mail address.",
        "Column “Sprache”: “???” is not a language; write its code, for example de or pt-BR.",
        "Column “Monatsumsatz”: “k” is not a currency; write its code, for example EUR.",
        "Column “Währung”: “euros” is not a currency; write its code, for example EUR.",
        "Column “Verlängerung”: “31.02.2026” is not a date; write it like 2026-12-31.",
        "Column “Abgemeldet”: “perhaps” is neither yes nor no.",
    ]


def test_a_missing_company_is_told_beside_what_is_wrong_with_its_cells() -> None:
    found = reason({"email": "a@x.example", "company": "", "mrr": "a lot", "renewal": "2026-12-31"})
    assert found == (
        "It has an owner, a revenue or a renewal date, but no company that they belong to.\n"
        "Column “mrr”: “a lot” is not an amount of money; write it like 1200.50."
    )


def test_a_company_that_was_read_once_with_a_fault_is_never_taken_as_read() -> None:
    columns = ["email", "company", "mrr"]
    reader = RowReader(columns, plan_for(Sample(columns)), {})
    for email in ("a@x.example", "b@x.example"):
        with pytest.raises(RowRejected, match="Column “mrr”"):
            reader.read([email, "A", "12k"])


def test_rows_of_another_width_are_refused_and_a_last_delimiter_is_not() -> None:
    columns = ["email", "name"]
    reader = RowReader(columns, plan_for(Sample(columns)), {})
    assert reader.read(["a@x.example", "Ana", "", ""]).name == "Ana"
    for cells in (["a@x.example"], ["a@x.example", "Ana", "", "more"]):
        with pytest.raises(RowRejected, match=r"It has \d cells and the headings are 2"):
            reader.read(cells)


ADDRESSES = [
    "ana@x.example", "Ana.Lind+news@Mail.Customer.Example", "a_b-c@x-y.example", "o'brien@x.example", "a..b@x.example",
    ".a@x.example", "a.@x.example", "a@x", "a@localhost", "a@x.local", "a@x.test", "a@x.invalid", "a@x.onion",
    "a@-x.example", "a@x-.example", "a@x--y.example", "a@xn--bcher-kva.example", "a@bücher.example", "ü@x.example",
    "a@x.e1", "a@x.123", "a@1.2.3.4", "a@[1.2.3.4]", '"a b"@x.example', "a b@x.example", "a@x.example.", "a@x..example",
    "a@x.exa_mple", "<a@x.example>", "Ana <a@x.example>", "a@b@x.example", "-a@x.example", "a@1x.example", "@x.example",
    "a@", "", "a" * 65 + "@x.example", "a@" + "x" * 64 + ".example", "a@x.arpa", "İ@x.example", "a@x.exampleK",
    "a@x.c", "a/b@x.example", "a=b@x.example", "a@x.co.uk", "a@ab--c.example", "a@1.example", "ſ@x.example",
]  # fmt: skip


def by_the_grammar(address: str) -> str | None:
    try:
        return normalised_address(address)
    except Invalid:
        return None


def by_both(address: str) -> str | None:
    try:
        return address_key(address)
    except RowRejected:
        return None


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_fast_way_agrees_with_the_grammar_of_addresses(address: str) -> None:
    assert by_both(address) == by_the_grammar(address)


@given(address=st.from_regex(r"[a-zA-Z0-9._+'-]{1,8}@[a-z0-9.-]{1,10}\.[a-z0-9-]{1,6}", fullmatch=True))
def test_the_fast_way_agrees_with_the_grammar_on_anything_alike(address: str) -> None:
    assert by_both(address) == by_the_grammar(address)
