"""feedback people import: what it says, and what it leaves behind."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.installation import Installation

FILE = """Email;Name;MRR;Company;Betreuung
ana@x.example;Ana Lind;1.200,50;Northwind;lena@ours.example
nobody;=Nobody;viel;Northwind;
"""


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("people")
    made = Installation(folder, f"sqlite:///{folder / 'feedback.db'}")
    made.printed("db", "upgrade")
    yield made
    made.stop()


def test_a_file_is_imported_mended_and_imported_again(migrated: Installation, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text(FILE)
    tried = migrated.feedback("people", "import", str(file), "--dry-run")
    assert tried.stdout.splitlines()[-2] == "2 rows: 1 fit, 1 do not. Nothing was stored."

    done = migrated.feedback("people", "import", str(file), "--map", "Betreuung=owner", "--list", "VIPs")
    rejects = tmp_path / "people.rejected.csv"
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Line 3: Column “Email”: “nobody” is not an e-mail address.",
        "  Column “MRR”: “viel” is not an amount of money; write it like 1200.50.",
    ]
    assert done.stdout.splitlines() == [
        "  Email      E-mail address",
        "  Name       Name",
        "  MRR        Monthly revenue (MRR)",
        "  Company    Company",
        "  Betreuung  Account owner",
        "2 rows: 1 added, 0 changed, 0 unchanged, 1 rejected.",
        f"Rejected rows, to be mended and imported again: {rejects}",
    ]
    mended = rejects.read_text().replace(";nobody;", ";ben@x.example;").replace(";viel;", ";99,00;")
    rejects.write_text(mended)
    again = migrated.printed("people", "import", str(rejects))
    assert again.splitlines()[-1] == "1 row: 1 added, 0 changed, 0 unchanged, 0 rejected."
    assert not (tmp_path / "people.rejected.rejected.csv").exists()
    twice = migrated.printed("people", "import", str(rejects), "--ignore", "MRR", "--decimals", ",")
    assert twice.splitlines()[-1] == "1 row: everything was known already, nothing changed."


def test_nothing_that_fits_exits_with_1(migrated: Installation, tmp_path: Path) -> None:
    file, rejects = tmp_path / "people.csv", tmp_path / "mend.csv"
    file.write_text("email\nnobody\n")
    done = migrated.feedback("people", "import", str(file), "--rejects", str(rejects))
    assert done.returncode == 1
    assert rejects.read_bytes().decode("utf-8-sig").splitlines() == [
        "Line,Why it was rejected,email",
        "2,Column “email”: “nobody” is not an e-mail address.,nobody",
    ]


@pytest.mark.parametrize(
    ("text", "options", "code", "said"),
    [
        ("", [], 1, "Error: The file is empty"),
        ("name\nAna\n", [], 1, "No column is the e-mail address."),
        ("email\na@x.example\n", ["--ignore", "phone"], 2, "The file has no column “phone”; it has: email."),
        (
            "email\na@x.example\n",
            ["--map", "email=adress"],
            2,
            "“adress” is no field; there are: email, name",
        ),
        ("email\na@x.example\n", ["--encoding", "utf-99"], 2, "There is no encoding “utf-99”"),
        ("email\na@x.example\n", ["--rejects", "people.csv"], 2, "--rejects is the file itself"),
    ],
)
def test_a_mistake_is_one_sentence(
    migrated: Installation, tmp_path: Path, text: str, options: list[str], code: int, said: str
) -> None:
    file = tmp_path / "people.csv"
    file.write_text(text)
    options = [str(file) if option == "people.csv" else option for option in options]
    done = migrated.feedback("people", "import", str(file), *options)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert said in done.stderr
