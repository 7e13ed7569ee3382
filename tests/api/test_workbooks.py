"""`feedback responses export --format xlsx`: the CSV as an Excel workbook."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.api.v1 import exports
from feedback_app.cli import context
from feedback_app.cli.responses import responses
from feedback_app.surveys.models import Survey
from tests.factories import make_person, make_response

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
WHEN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def called(app: Flask, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Calls commands on the test's own application."""
    monkeypatch.setattr(context, "ready_app", lambda: app)
    return CliRunner()


def table_of(book: bytes) -> list[dict[str, str]]:
    """The rows of the first sheet under its headings; a cell that is not there is empty."""
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    rows = [
        {str(cell.get("r")).rstrip("0123456789"): "".join(cell.itertext()) for cell in row}
        for row in sheet.iter(f"{MAIN}row")
    ]
    headings = rows.pop(0)
    return [{heading: row.get(column, "") for column, heading in headings.items()} for row in rows]


def test_the_workbook_has_what_the_csv_has_and_masks_it_alike(
    session: Session, survey: Survey, called: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)  # several stretches
    dana = make_person(session, email="dana@example.com", name="=Dana")
    said = "=1+1, my card is 4111 1111 1111 1111"
    full = {"properties": {"Plan": "pro", "=x": 7}, "tags": ["price"], "person_id": dana.id, "comment": said}
    for _ in range(3):
        make_response(session, survey_id=survey.id, rating=3, created_at=WHEN, **full)
    path = tmp_path / "out.xlsx"
    done = called.invoke(responses, ["export", "--format", "xlsx", "--output", str(path)])
    assert (done.exit_code, done.output) == (0, "")
    rows = table_of(path.read_bytes())
    lines = list(csv.DictReader(io.StringIO(called.invoke(responses, ["export"]).stdout)))
    assert [row["comment"] for row in rows] == ["=1+1, my card is [card]"] * 3
    assert [row["created_at"] for row in rows] == ["46082.5"] * 3  # a date: 1 March 2026, noon
    assert rows[0]["properties: =x"] == "7"
    as_text = {"comment": "'=1+1, my card is [card]", "person_name": "'=Dana"}
    moments = dict.fromkeys(("created_at", "updated_at"), "2026-03-01T12:00:00Z")
    assert [row | as_text | moments for row in rows] == lines


def test_a_workbook_goes_into_a_pipe_and_says_what_it_cut(
    session: Session, survey: Survey, called: CliRunner
) -> None:
    make_response(session, survey_id=survey.id, comment="x" * 40_000)
    done = called.invoke(responses, ["export", "--format", "xlsx"])
    assert len(table_of(done.stdout_bytes)[0]["comment"]) == 32_767
    assert done.stderr == (
        "Texts cut to the 32,767 characters that a cell can hold: 1. "
        "The csv and jsonl formats have them whole.\n"
    )


def test_a_workbook_of_no_responses_has_its_headings(survey: Survey, called: CliRunner) -> None:
    book = called.invoke(responses, ["export", "--format", "xlsx"]).stdout_bytes
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
    (headings,) = sheet.iter(f"{MAIN}row")
    assert ["".join(cell.itertext()) for cell in headings] == list(exports.COLUMNS)


def test_a_terminal_gets_no_workbook(
    survey: Survey, called: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("click.testing._NamedTextIOWrapper.isatty", lambda _: True)
    done = called.invoke(responses, ["export", "--format", "xlsx"])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Name a file with --output." in done.stderr


def test_a_folder_without_room_is_named(
    survey: Survey, called: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("feedback_app.api.v1.workbooks.responses_xlsx", full)
    path = tmp_path / "out.xlsx"
    done = called.invoke(responses, ["export", "--format", "xlsx", "--output", str(path)])
    assert done.exit_code == 1
    assert "No space left on device" in done.stderr
    assert not path.exists()
