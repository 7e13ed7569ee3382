"""What headings mean, and what must be decided before an import begins."""

import pytest

from feedback_app.imports.columns import (
    SYNONYMS,
    Field,
    Plan,
    Sample,
    heading_key,
    plan_for,
    problems,
    property_name,
)
from feedback_app.imports.values import DateOrder


def meaning(*columns: str, rows: list[list[str]] | None = None) -> dict[str, Field]:
    return dict(plan_for(Sample(columns, rows or [])).meaning)


@pytest.mark.parametrize(
    "heading", ["email", "E-Mail", "Email Address", "e-mail_address", "EMAILADDRESS", " Mail "]
)
def test_the_address_is_found_however_its_heading_is_spelt(heading: str) -> None:
    assert meaning(heading, "Name") == {heading: Field.EMAIL, "Name": Field.NAME}


def test_a_usual_file_of_customers_is_understood() -> None:
    assert meaning(
        "Email", "First Name", "Last Name", "Company", "Account ID", "CSM", "MRR", "Currency", "Renewal Date",
        "Preferred Language", "Time Zone", "Opt-out", "Phone", "Plan", "Company Industry",
    ) == {
        "Email": Field.EMAIL, "First Name": Field.FIRST_NAME, "Last Name": Field.LAST_NAME,
        "Company": Field.COMPANY, "Account ID": Field.COMPANY_ID, "CSM": Field.OWNER, "MRR": Field.MRR,
        "Currency": Field.CURRENCY, "Renewal Date": Field.RENEWS_ON, "Preferred Language": Field.LOCALE,
        "Time Zone": Field.TIME_ZONE, "Opt-out": Field.UNSUBSCRIBED, "Phone": Field.PROPERTY,
        "Plan": Field.PROPERTY, "Company Industry": Field.ACCOUNT_PROPERTY,
    }  # fmt: skip


@pytest.mark.parametrize(
    "heading",
    [
        "Delighted Email Subject", "delighted_email_subject", "delightedEmailSubject", "Delighted Intro Message",
        "Question Product Name", "questionProductName", "question_product_name",
    ],
)  # fmt: skip
def test_special_properties_stay_properties_under_the_name_given(heading: str) -> None:
    assert meaning("email", heading)[heading] == Field.PROPERTY
    assert property_name(heading, Field.PROPERTY) == heading


def test_no_heading_means_two_things() -> None:
    said = [word for words in SYNONYMS.values() for word in words]
    assert len(said) == len(set(said))
    assert all(heading_key(word) == word for word in said)


@pytest.mark.parametrize(
    "headings",
    [
        ("E-Mail-Adresse", "Kundenname", "Firma", "Kundenbetreuer", "Verlängerung", "Währung", "Sprache"),
        ("Correo electrónico", "Nombre completo", "Empresa", "Responsable", "Renovación", "Moneda", "Idioma"),
        (
            "Adresse e-mail",
            "Nom complet",
            "Société",
            "Chargé de compte",
            "Renouvellement",
            "Devise",
            "Langue",
        ),
    ],
)
def test_german_spanish_and_french_headings_are_understood(headings: tuple[str, ...]) -> None:
    assert list(meaning(*headings).values()) == [
        Field.EMAIL, Field.NAME, Field.COMPANY, Field.OWNER, Field.RENEWS_ON, Field.CURRENCY, Field.LOCALE,
    ]  # fmt: skip


def test_a_letter_with_dots_written_as_two_characters_is_the_same_letter() -> None:
    assert meaning("email", "Wa\u0308hrung")["Wa\u0308hrung"] == Field.CURRENCY


@pytest.mark.parametrize(
    ("headings", "row", "found"),
    [
        (("Vorname", "Name"), ["Ana", "Lind"], [Field.FIRST_NAME, Field.LAST_NAME]),
        (("Nom", "Prénom"), ["Durand", "Léa"], [Field.LAST_NAME, Field.FIRST_NAME]),
        (("Nombre", "Apellidos"), ["Ana", "García Ruiz"], [Field.FIRST_NAME, Field.LAST_NAME]),
        (("First name", "Name"), ["Ana", "ana Lind"], [Field.FIRST_NAME, Field.NAME]),
        (("First name", "Name"), ["", "Lind"], [Field.FIRST_NAME, Field.NAME]),
    ],
)
def test_a_name_beside_a_part_of_it_is_the_other_part_unless_it_has_both(
    headings: tuple[str, str], row: list[str], found: list[Field]
) -> None:
    sample = meaning("email", *headings, rows=[["a@x.example", *row]])
    assert [sample[heading] for heading in headings] == found


def test_of_two_headings_the_plainer_one_is_taken_and_the_other_kept() -> None:
    assert meaning("Work email", "Email") == {"Work email": Field.PROPERTY, "Email": Field.EMAIL}


def test_a_column_that_holds_addresses_is_the_address_whatever_its_heading() -> None:
    rows = [["Ana", "lena@ours.example", "ana@x.example"], ["Ben", "", "ben@x.example"]]
    found = meaning("Kontaktperson", "CSM", "Erreichbar", rows=rows)
    assert (found["CSM"], found["Erreichbar"]) == (Field.OWNER, Field.EMAIL)


def test_a_property_of_a_company_is_called_without_the_word_company() -> None:
    assert property_name("Company Industry", Field.ACCOUNT_PROPERTY) == "Industry"
    assert property_name("account_size", Field.ACCOUNT_PROPERTY) == "size"
    assert property_name("Industry", Field.ACCOUNT_PROPERTY) == "Industry"


def test_what_staff_choose_goes_before_what_was_found() -> None:
    plan = plan_for(
        Sample(["email", "phone"]), {"phone": Field.IGNORE}, dates=DateOrder.DAY_FIRST, list_name="VIPs"
    )
    assert plan.meaning["phone"] == Field.IGNORE
    assert (plan.dates, plan.list_name) == (DateOrder.DAY_FIRST, "VIPs")


def test_a_plan_is_kept_and_found_again() -> None:
    plan = plan_for(
        Sample(["email", "mrr"], [["a@x.example", "9,50"]]), dates=DateOrder.MONTH_FIRST, list_name="VIPs"
    )
    assert Plan.of(dict(plan.meaning), plan.options()) == plan
    assert plan.decimals == ","


def found_problems(columns: list[str], rows: list[list[str]] | None = None, **changes: Field) -> list[str]:
    sample = Sample(columns, rows or [])
    return problems(plan_for(sample, changes), sample)


def test_a_file_that_is_understood_has_no_problem() -> None:
    assert found_problems(["email", "company", "mrr", "renewal date"]) == []


def test_a_file_without_addresses_says_so() -> None:
    assert found_problems(["name"], [["Ana"]]) == ["No column is the e-mail address. Choose the one that is."]


def test_two_columns_for_one_thing_are_told() -> None:
    assert found_problems(["email", "phone"], phone=Field.EMAIL) == [
        "Two columns are “E-mail address”. Leave it to one of them."
    ]
    assert found_problems(["email", "company", "mrr", "arr"]) == [
        "Both monthly and yearly revenue are given. Keep one of them and ignore the other."
    ]


def test_what_belongs_to_a_company_needs_one() -> None:
    [said] = found_problems(["email", "mrr"])
    assert said.startswith("No column is the company, and “mrr” belongs to one.")


def test_dates_that_could_be_two_days_are_asked_about() -> None:
    columns = ["email", "company", "renewal"]
    [said] = found_problems(columns, [["a@x.example", "A", "2026-01-31"], ["b@x.example", "B", "03/04/2026"]])
    assert said == "“renewal” has dates such as 03/04/2026. Say whether the day or the month is first."
    assert (
        found_problems(columns, [["a@x.example", "A", "03/04/2026"], ["b@x.example", "B", "31/04/2026"]])
        == []
    )
