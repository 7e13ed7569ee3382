"""Excel workbooks, read back as the XML that Excel reads."""

import zipfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.etree import ElementTree

import pytest

from feedback_app import workbook
from feedback_app.errors import Invalid
from feedback_app.workbook import TableBook

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def written(folder: Path, *rows: list[object], headings: tuple[str, ...] = ("a",)) -> tuple[TableBook, Path]:
    path = folder / "book.xlsx"
    with TableBook(path, "Rows", headings, folder) as book:
        for row in rows:
            book.add(row)
    return book, path


def sheets_of(path: Path) -> dict[str, list[list[tuple[str, str]]]]:
    """Of each sheet its rows, each cell as its type and what stands in it."""
    with zipfile.ZipFile(path) as parts:
        names = [
            sheet.get("name", "")
            for sheet in ElementTree.fromstring(parts.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        ]
        found = {}
        for number, name in enumerate(names, start=1):
            sheet = ElementTree.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))
            assert not list(sheet.iter(f"{MAIN}f"))  # not a formula anywhere
            found[name] = [[cell_of(cell) for cell in row] for row in sheet.iter(f"{MAIN}row")]
    return found


def cell_of(cell: ElementTree.Element) -> tuple[str, str]:
    return cell.get("t", "number"), "".join(cell.itertext())


def test_texts_stay_texts_numbers_numbers_and_moments_become_dates(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=1)))
    row = ["=1+1", "7", 7, 0.5, moment, None, True, "https://example.com", 12345678901234567890]
    _, path = written(tmp_path, row, headings=tuple("abcdefghi"))
    (headings, cells) = sheets_of(path)["Rows"]
    assert headings == [("inlineStr", letter) for letter in "abcdefghi"]
    # 46082 days after the end of 1899 is 1 March 2026; noon in UTC is a half
    assert cells == [
        ("inlineStr", "=1+1"),
        ("inlineStr", "7"),
        ("number", "7"),
        ("number", "0.5"),
        ("number", "46082.5"),
        ("inlineStr", "True"),
        ("inlineStr", "https://example.com"),
        ("inlineStr", "12345678901234567890"),  # as a number it would lose its last digits
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), datetime(1800, 1, 1, tzinfo=UTC)])
def test_what_excel_has_no_number_for_is_a_text(tmp_path: Path, value: object) -> None:
    _, path = written(tmp_path, [value])
    assert sheets_of(path)["Rows"][1] == [("inlineStr", str(value))]


def test_what_would_be_a_formula_once_it_is_edited_is_marked_as_text(tmp_path: Path) -> None:
    _, path = written(tmp_path, ["@SUM(1)", "plain"], headings=("a", "b"))
    with zipfile.ZipFile(path) as parts:
        looks = ElementTree.fromstring(parts.read("xl/styles.xml")).find(f"{MAIN}cellXfs")
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    assert looks is not None
    risky, plain = list(sheet.iter(f"{MAIN}row"))[1]
    assert looks[int(risky.get("s", "0"))].get("quotePrefix") == "1"
    assert looks[int(plain.get("s", "0"))].get("quotePrefix") is None


def test_excel_does_not_warn_of_ids_that_are_texts(tmp_path: Path) -> None:
    _, path = written(tmp_path, ["17"])
    with zipfile.ZipFile(path) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    (ignored,) = sheet.iter(f"{MAIN}ignoredError")
    assert (ignored.get("numberStoredAsText"), ignored.get("sqref")) == ("1", "A1:XFD1048576")


@pytest.mark.parametrize("text", ["<r><x></r>", "a & b <c>", "line\nline"])
def test_no_text_breaks_the_file(tmp_path: Path, text: str) -> None:
    _, path = written(tmp_path, [text])
    assert sheets_of(path)["Rows"][1][0][1].rstrip() == text


def test_a_control_character_is_written_in_excels_way(tmp_path: Path) -> None:
    _, path = written(tmp_path, ["a\x00b\x0bc_x0041_"])
    assert sheets_of(path)["Rows"][1] == [("inlineStr", "a_x0000_b_x000B_c_x005F_x0041_")]


def test_a_text_is_cut_where_a_cell_ends_and_that_is_counted(tmp_path: Path) -> None:
    book, path = written(tmp_path, ["x" * 32_767], ["x" * 32_768], ["😀" * 20_000])
    assert book.cut_texts == 2
    lengths = [len(cells[0][1]) for cells in sheets_of(path)["Rows"][1:]]
    assert lengths == [32_767, 32_767, 16_383]  # Excel counts an emoji as two


def test_a_full_sheet_is_followed_by_another_with_the_headings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_ROWS", 3)
    _, path = written(tmp_path, *([number] for number in range(5)))
    column = {name: [row[0][1] for row in rows] for name, rows in sheets_of(path).items()}
    assert column == {"Rows": ["a", "0", "1"], "Rows 2": ["a", "2", "3"], "Rows 3": ["a", "4"]}


def test_too_many_columns_are_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="16385 columns, and Excel takes 16384"):
        written(tmp_path, headings=("a",) * 16_385)


def test_a_row_that_cannot_be_made_leaves_no_workbook(tmp_path: Path) -> None:
    class Broken:
        def __str__(self) -> str:
            raise LookupError

    with pytest.raises(LookupError):
        written(tmp_path, [Broken()])
    assert not (tmp_path / "book.xlsx").exists()
