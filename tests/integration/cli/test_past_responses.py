"""feedback responses import: what it says, what it leaves behind, and how it exits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation

OLD = """Nr,How likely?,Comment,Email,Date
1,9,Kind,ana@x.example,2026-01-10
2,12,,nobody,2026-01-11
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("past")
    made = Installation(folder, f"sqlite:///{folder / 'feedback.db'}")
    made.printed("db", "upgrade")
    made.printed("surveys", "add", "--metric", "nps", "--name", "Relationship")
    yield made
    made.stop()


def test_a_file_is_imported_mended_and_known_again(migrated: Installation, tmp_path: Path) -> None:
    file, rejects = tmp_path / "old.csv", tmp_path / "old.rejected.csv"
    file.write_text(OLD)
    command = ("responses", "import", str(file), "--map", "How likely?=score", "--map", "Nr=response_id")
    tried = migrated.printed(*command, "--dry-run").splitlines()
    assert tried[-2] == "2 rows: 1 fit, 1 do not. Nothing was stored."

    done = migrated.feedback(*command)
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Line 3: Column “How likely?”: The score 12 is not between 0 and 10.",
        "  Column “Email”: “nobody” is not an e-mail address.",
    ]
    assert done.stdout.splitlines() == [
        "old.csv: 2 responses (CSV, 5 columns)",
        "  Nr           The other tool's id of the response, e.g. 1",
        "  How likely?  Score, e.g. 9",
        "  Comment      Comment, e.g. Kind",
        "  Email        E-mail address, e.g. ana@x.example",
        "  Date         When it was answered, e.g. 2026-01-10",
        "The responses are to the survey “Relationship”.",
        "1 person came with responses.",
        "2 rows: 1 added, 0 changed, 0 unchanged, 1 rejected.",
        f"Rejected rows, to be mended and imported again: {rejects}",
    ]
    rejects.write_text(rejects.read_text().replace(",12,", ",4,").replace("nobody", "ben@x.example"))
    again = migrated.printed("responses", "import", str(rejects), *command[3:])
    assert again.splitlines()[-1] == "1 row: 1 added, 0 changed, 0 unchanged, 0 rejected."

    export = tmp_path / "export.jsonl"
    migrated.printed("responses", "export", "--format", "jsonl", "--output", str(export))
    known = migrated.printed("responses", "import", str(export))
    assert known.splitlines()[-1] == "2 rows: everything was known already, nothing changed."


@pytest.mark.parametrize(
    ("text", "options", "code", "said"),
    [
        ("score,date\n12,2026-01-10\n", [], 1, "Line 2: Column “score”: The score 12"),
        ("plan,date\n12,2026-01-10\n", [], 1, "Error: No column is the score"),
        ("", [], 1, "Error: The file is empty"),
        ("score,date,survey_type\n5,2026-01-10,csat\n", [], 1, "Error: file has answers to a survey of the type csat"),
        ("score,date\n5,2026-01-10\n", ["--survey", "none"], 2, "Error: There is no survey “none”"),
        ("score,date\n5,2026-01-10\n", ["--map", "score=points"], 2, "Error: “points” is no field; there are: score,"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said_with_its_exit_code(
    text: str, options: list[str], code: int, said: str, migrated: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text(text)
    done = migrated.feedback("responses", "import", str(file), *options)
    assert done.returncode == code
    assert said in done.stderr
