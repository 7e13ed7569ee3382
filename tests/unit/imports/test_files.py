"""Files as spreadsheets, helpdesks and old systems write them."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from typing import BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.imports.files import (
    FileProblem,
    OpenFile,
    RejectsFile,
    Row,
    Shape,
    look_at,
    protected,
    restored,
    rows_of,
)

LINES = "email;name\nana@x.example;Jürgen Groß\nben@x.example;François Lefèvre\n"


def file(data: bytes | str, encoding: str = "utf-8") -> OpenFile:
    content = data if isinstance(data, bytes) else data.encode(encoding)
    return lambda: io.BytesIO(content)


def read(data: bytes | str, encoding: str = "utf-8") -> tuple[Shape, list[Row]]:
    opened = file(data, encoding)
    shape = look_at(opened)
    return shape, list(rows_of(opened, shape))


def problem(data: bytes | str) -> str:
    with pytest.raises(FileProblem) as raised:
        read(data)
    return raised.value.message


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
    ],
)
def test_the_encodings_of_unicode_are_found(written: str, found: str) -> None:
    shape, rows = read(LINES, written)
    assert shape == Shape(found, ";", ("email", "name"))
    assert rows == [(2, ["ana@x.example", "Jürgen Groß"]), (3, ["ben@x.example", "François Lefèvre"])]


def test_an_old_encoding_is_guessed() -> None:
    shape, rows = read(
        "email;город\nana@x.example;Санкт-Петербург\nben@x.example;Нижний Новгород\n", "cp1251"
    )
    assert shape.encoding == "cp1251"
    assert shape.columns == ("email", "город")
    assert rows[0] == (2, ["ana@x.example", "Санкт-Петербург"])


def test_an_encoding_that_somebody_chose_is_used() -> None:
    opened = file(LINES, "cp1252")
    assert next(rows_of(opened, look_at(opened, "cp1252"))) == (2, ["ana@x.example", "Jürgen Groß"])


def test_one_stray_byte_does_not_spoil_a_file_of_utf_8() -> None:
    shape, rows = read("email,name\na@x.example,Jürgen\nb@x.example,J".encode() + b"\xfcrgen\n")
    assert shape.encoding == "utf-8"
    assert [cells[1] for _, cells in rows] == ["Jürgen", "J\ufffdrgen"]


def test_letters_that_come_late_in_a_large_file_are_seen() -> None:
    plain = b"email;name\n" + b"ana@x.example;Ana\n" * 40_000
    shape, rows = read(plain + "ben@x.example;Jürgen Groß aus Köln, Müller, Schröder\n".encode("cp1252"))
    assert shape.encoding != "utf-8"
    assert rows[-1] == (40_002, ["ben@x.example", "Jürgen Groß aus Köln, Müller, Schröder"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_each_delimiter_is_found(delimiter: str) -> None:
    shape, rows = read(f"email{delimiter}name\nana@x.example{delimiter}Ana\n")
    assert shape.delimiter == delimiter
    assert rows == [(2, ["ana@x.example", "Ana"])]


def test_a_semicolon_in_a_quoted_cell_is_no_delimiter() -> None:
    shape, rows = read('email,note\na@x.example,"one; two; three"\nb@x.example,"four; five; six"\n')
    assert shape.delimiter == ","
    assert rows[0] == (2, ["a@x.example", "one; two; three"])


@pytest.mark.parametrize("line", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n'])
def test_excels_line_about_the_separator_is_obeyed(line: str) -> None:
    shape, rows = read(f"{line}email;a,b,c\nana@x.example;1,2,3\n")
    assert shape == Shape("utf-8", ";", ("email", "a,b,c"))
    assert rows == [(3, ["ana@x.example", "1,2,3"])]


def test_a_file_of_one_column_is_a_table_too() -> None:
    shape, rows = read("email\nana@x.example\nben@x.example\n")
    assert shape.columns == ("email",)
    assert rows == [(2, ["ana@x.example"]), (3, ["ben@x.example"])]


def test_rows_are_numbered_by_the_line_they_begin_on() -> None:
    _, rows = read('email,note\n\na@x.example,"first\nsecond"\r\nb@x.example,\n')
    assert rows == [(3, ["a@x.example", "first\nsecond"]), (5, ["b@x.example", ""])]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_machine(end: str) -> None:
    _, rows = read(end.join(["email,name", "a@x.example,Ana", "b@x.example,Ben"]))
    assert rows == [(2, ["a@x.example", "Ana"]), (3, ["b@x.example", "Ben"])]


def test_rows_of_empty_cells_are_passed_over() -> None:
    _, rows = read("email,name\n,\na@x.example,Ana\n,\n")
    assert rows == [(3, ["a@x.example", "Ana"])]


def test_nul_is_left_out() -> None:
    _, rows = read("email,name\na@x.example,A\0na\n")
    assert rows == [(2, ["a@x.example", "Ana"])]


def test_headings_are_named_once_and_never_empty() -> None:
    shape, _ = read("email,Name,name,name,\na@x.example,1,2,3,4\n")
    assert shape.columns == ("email", "Name", "name", "name (2)", "Column 5")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("", "The file is empty"),
        ("\n\n \n", "The file is empty"),
        ("email,name\n", "has headings but no rows"),
        ("ana@x.example,Ana\nben@x.example,Ben\n", "holds an address where headings should be"),
        (b"PK\x03\x04 and so on", "This is a workbook"),
        ("email," + "x," * 200 + "\na@x.example\n", "has 202 columns and we take 200"),
        ("x" * 1_000_001, "Line 1 is longer than a million characters"),
    ],
)
def test_a_file_that_is_no_table_is_told_in_a_sentence(data: bytes | str, said: str) -> None:
    assert said in problem(data)


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line() -> None:
    rows = "a@x.example,Ana\n" * 20_000
    assert "The row on line 3 has no end" in problem(f'email,name\na@x.example,Ana\nb@x.example,"Ben\n{rows}')


@pytest.mark.parametrize(
    "cell", ["=1+1", "+49 170 1", "-5", "@me", "'=1", "''+2", "'quoted'", "plain", "", "\tx"]
)
def test_a_protected_cell_is_no_formula_and_comes_back_as_it_was(cell: str) -> None:
    assert not protected(cell).startswith(("=", "+", "-", "@", "\t"))
    assert restored(protected(cell)) == cell


def test_rejected_rows_can_be_mended_and_read_again() -> None:
    shape = Shape("cp1252", ";", ("email", "phone", "note"))
    rejects = RejectsFile(shape)
    row = ["ana@", "+49 170 1234", 'said "no"; then\nyes']
    again, rows = read(rejects.head() + rejects.row(7, "“ana@” is not an e-mail address.", row))
    assert again == Shape("utf-8-sig", ";", ("email", "phone", "note"), is_mended=True)
    assert rows == [(2, row)]


def test_a_rejected_row_without_its_cells_is_passed_over_when_it_comes_again() -> None:
    rejects = RejectsFile(Shape("utf-8", ",", ("email", "name")))
    _, rows = read(rejects.head() + rejects.row(2, "Erased.", []) + rejects.row(3, "No.", ["b@", "Ben"]))
    assert rows == [(3, ["b@", "Ben"])]


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r\ufffd"), max_size=12)


@given(
    table=st.lists(st.lists(cells, min_size=2, max_size=2).filter(any), min_size=1, max_size=6),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_csv_writes_is_read_as_it_was(table: list[list[str]], delimiter: str, encoding: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["email", "note"], *table])
    opened = file(text.getvalue(), encoding)
    shape = Shape(encoding, delimiter, ("email", "note"))
    assert [row for _, row in rows_of(opened, shape)] == table


@given(data=st.binary(max_size=300))
def test_any_bytes_are_rows_or_a_problem(data: bytes) -> None:
    try:
        _, rows = read(data)
    except FileProblem:
        return  # told as a page, see above
    assert rows


class Endless(io.RawIOBase):
    """A file of so many bytes that is never there as a whole."""

    def __init__(self, size: int) -> None:
        self._lines = self._made(size)
        self._rest = b""

    def _made(self, size: int) -> Iterator[bytes]:
        yield b"email,name\n"
        while size > 0:
            yield b"ana.number.one@customer.example,Ana\n" * 1000
            size -= 36_000

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        self._rest = self._rest or next(self._lines, b"")
        taken, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def test_a_large_file_is_never_in_memory_as_a_whole() -> None:
    def opened() -> BinaryIO:
        return io.BufferedReader(Endless(10_000_000))  # type: ignore[type-var]

    tracemalloc.start()
    count = sum(1 for _ in rows_of(opened, look_at(opened)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 278_000
    assert peak < 3_000_000
