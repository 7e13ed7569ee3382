"""What is read out of the files that Delighted and the tools around it wrote; none of them needs a database."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from feedback_app.imports.columns import Field
from feedback_app.imports.delighted.answers import AnswerRead, AnswerReader, tags_of
from feedback_app.imports.delighted.moments import moment_of
from feedback_app.imports.delighted.people import PersonReader
from feedback_app.imports.delighted.records import records_of
from feedback_app.imports.delighted.tables import Source, Table, tables_of
from feedback_app.imports.files import FileProblem
from feedback_app.imports.values import RowRejected
from feedback_app.scales import Scale
from tests.conftest import NOON

DATA = Path(__file__).parents[2] / "data" / "delighted"
BERLIN = ZoneInfo("Europe/Berlin")


def sample(name: str) -> Source:
    return Source(name, lambda: BytesIO((DATA / name).read_bytes()))


def source(text: str, name: str = "file.csv") -> Source:
    return Source(name, lambda: BytesIO(text.encode()))


def reader_of(table: Table) -> AnswerReader:
    return AnswerReader(table, Scale(0, 10), UTC, now=NOON)


def first_answer(table: Table) -> AnswerRead:
    return reader_of(table).read(next(table.read()))


def responses_of(tables: list[Table]) -> Table:
    return next(table for table in tables if not table.is_of_people)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("people.csv", [("CSV", "people", 4)]),
        ("unsubscribes.json", [("JSON", "unsubscribes", 1)]),
        ("bounces.csv", [("CSV", "bounces", 1)]),
        ("responses.csv", [("CSV", "responses", 5)]),
        ("responses.json", [("JSON", "responses", 2)]),
        (
            "singer.jsonl",
            [("Singer", "responses", 1), ("Singer", "people", 1), ("Singer", "unsubscribes", 1)],
        ),
        ("airbyte.jsonl", [("Airbyte", "responses", 1), ("Airbyte", "people", 1), ("Airbyte", "bounces", 1)]),
        ("airbyte.csv", [("Airbyte", "responses", 1)]),
        ("fivetran.csv", [("CSV", "responses", 1)]),
    ],
)
def test_each_shape_is_told_by_what_it_holds(name: str, expected: list[tuple[str, str, int]]) -> None:
    assert [(table.form, table.kind, table.rows) for table in tables_of(sample(name))] == expected


@pytest.mark.parametrize(
    "name", ["responses.json", "singer.jsonl", "airbyte.jsonl", "airbyte.csv", "fivetran.csv"]
)
def test_the_same_answer_comes_out_of_every_shape(name: str) -> None:
    answer = first_answer(responses_of(tables_of(sample(name))))
    assert (answer.external_id, answer.person_ref, answer.rating) == ("delighted:9001", "101", 9)
    assert answer.created_at == datetime(2026, 1, 10, 10, 0, tzinfo=UTC)
    assert answer.comment.startswith("Fast")
    assert {key.lower(): value for key, value in answer.properties.items() if key != "Delighted Source"} == {
        "plan": "Pro"
    }


def test_a_csv_keeps_everything_that_it_says() -> None:
    answer = first_answer(responses_of(tables_of(sample("responses.csv"))))
    assert (answer.email, answer.name, answer.comment) == ("ana@acme.example", "Ana Ito", "Fast, and kind")
    assert answer.updated_at == datetime(2026, 1, 11, 10, 0, tzinfo=UTC)
    assert (answer.tags, answer.properties) == (["speed", "people"], {"Plan": "Pro"})
    assert [(note.text, note.author) for note in answer.notes] == [("Called her", "")]
    (given,) = answer.additional_answers
    assert given["question"]["text"] == "What could be better?"
    assert given["question"]["type"] == "free_response"
    assert given["value"] == {
        "free_response": "Nothing",
        "scale": None,
        "select_one": None,
        "select_many": None,
    }


def test_a_column_that_was_named_holds_answers_and_numbers_make_a_scale() -> None:
    text = "Email,Score,Created At,Ease\na@x.example,9,2026-01-10,4\nb@x.example,8,2026-01-10,5\n"
    answer = first_answer(responses_of(tables_of(source(text), answers=["Ease"])))
    assert answer.additional_answers[0]["value"]["scale"] == 4
    assert answer.properties == {}


def test_notes_and_additional_answers_of_the_api_stay_as_they_were() -> None:
    answer = first_answer(responses_of(tables_of(sample("responses.json"))))
    assert [(note.text, note.author, note.at) for note in answer.notes] == [
        ("Called her", "mo@northlight.example", datetime(2026, 1, 11, 10, 0, tzinfo=UTC))
    ]
    assert answer.additional_answers[0]["value"]["select_many"] == [{"id": "DxmjNj", "text": "Convenience"}]


def test_a_broken_line_of_json_lines_costs_that_line_alone() -> None:
    records = list(records_of(sample("responses.jsonl").open))
    assert [record.line for record in records if record.trouble] == [2]
    assert [record.values["id"] for record in records if not record.trouble] == ["9001", "9003"]


@pytest.mark.parametrize("between", [",", "\n", "][", "]\n[", " "])
def test_pages_of_the_api_behind_one_another_are_one_file(between: str) -> None:
    text = f'[{{"email": "a@x.example"}}{between}{{"email": "b@x.example"}}]'
    assert [record.values["email"] for record in records_of(source(text).open)] == [
        "a@x.example",
        "b@x.example",
    ]


def test_an_array_that_was_cut_is_refused_as_a_whole() -> None:
    with pytest.raises(FileProblem, match="begins on line 2 is not whole JSON"):
        list(records_of(source('[{"email": "a@x.example"},\n{"email": "b@x').open))


def test_an_array_of_many_pieces_is_read_in_bounded_pieces() -> None:
    text = "[" + ",".join(f'{{"email": "p{n}@x.example", "name": "{"x" * 900}"}}' for n in range(300)) + "]"
    assert sum(1 for _ in records_of(source(text).open)) == 300


def test_a_file_without_addresses_or_ids_is_refused() -> None:
    with pytest.raises(FileProblem, match="neither a column of e-mail addresses"):
        tables_of(source("colour,shape\nred,round\n"))


def test_a_bare_list_of_addresses_goes_by_its_file_s_name() -> None:
    assert [one.kind for one in tables_of(source("email\na@x.example\n", "Unsubscribed.csv"))] == [
        "unsubscribes"
    ]
    assert [one.kind for one in tables_of(source("email\na@x.example\n", "list.csv"))] == ["people"]


def test_what_warehouses_add_is_left_out() -> None:
    (table,) = tables_of(sample("fivetran.csv"))
    assert table.meaning["_fivetran_synced"] == Field.IGNORE
    assert table.meaning["person__email"] == Field.EMAIL


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1768039200", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("1768039200000", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("2026-01-10T10:00:00.000000Z", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("2026-01-10 10:00:00 UTC", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("2026-01-10 05:00:00 -0500", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("2026-01-10 11:00", datetime(2026, 1, 10, 10, tzinfo=UTC)),
        ("1/13/2026 3:30 PM", datetime(2026, 1, 13, 14, 30, tzinfo=UTC)),
        ("Jan 10, 2026", datetime(2026, 1, 9, 23, tzinfo=UTC)),
    ],
)
def test_moments_are_read_as_they_are_written(text: str, expected: datetime) -> None:
    assert moment_of(text, BERLIN) == expected


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-10 25:00", "1/2/2026 10:00"])
def test_what_is_no_moment_or_two_of_them_is_not_guessed(text: str) -> None:
    with pytest.raises(RowRejected):
        moment_of(text, UTC)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("a@x.example,,2026-01-10", "no score"),
        ("a@x.example,11,2026-01-10", "not between 0 and 10"),
        ("a@x.example,9,", "when it was answered"),
        ("a@x.example,9,2031-01-10", "in the future"),
        ("a@x.example,9", "2 cells and the headings are 3"),
        ("not one,9,2026-01-10", "not an e-mail address"),
    ],
)
def test_a_row_that_does_not_fit_says_why(row: str, reason: str) -> None:
    table = responses_of(tables_of(source(f"Email,Score,Date\nb@x.example,9,2026-01-10\n{row}\n")))
    rows = list(table.read())
    with pytest.raises(RowRejected, match=reason):
        reader_of(table).read(rows[1])


def test_every_fault_of_an_answer_is_named_with_its_column() -> None:
    text = "Email,Score,Date,Additional Answers\nana@,11,2026-01-10 x,many\n"
    with pytest.raises(RowRejected) as raised:
        first_answer(responses_of(tables_of(source(text))))
    assert str(raised.value) == (
        "Column “Score”: The score 11 is not between 0 and 10.\n"
        "Column “Date”: “2026-01-10 x” is not a date; write it like 2026-12-31.\n"
        "Column “Email”: “ana@” is not an e-mail address.\n"
        "Column “Additional Answers”: The answers have not the form in which Delighted's API gave them."
    )


def test_every_fault_of_a_person_is_named_with_its_column() -> None:
    text = "Email,Language,Created At\nana@,???,soon\n"
    table = tables_of(source(text))[0]
    with pytest.raises(RowRejected) as raised:
        PersonReader(table, {}, UTC, now=NOON).read(next(table.read()))
    assert str(raised.value) == (
        "Column “Email”: “ana@” is not an e-mail address.\n"
        "Column “Language”: “???” is not a language; write its code, for example de or pt-BR.\n"
        "Column “Created At”: “soon” is not a date; write it like 2026-12-31."
    )


def test_without_an_id_address_time_and_score_tell_answers_apart() -> None:
    text = "Email,Score,Date\na@x.example,9,2026-01-10\nA@x.example,9,2026-01-10\na@x.example,8,2026-01-10\n"
    table = responses_of(tables_of(source(text)))
    first, same, other = [reader_of(table).read(row).external_id for row in table.read()]
    assert first == same != other
    assert first.startswith("delighted:#")


@pytest.mark.parametrize("text", ["a, b", "a;b", "a|b", '["a", "b"]', "a,b,a,"])
def test_tags_are_read_however_they_are_joined(text: str) -> None:
    assert tags_of(text) == ["a", "b"]
