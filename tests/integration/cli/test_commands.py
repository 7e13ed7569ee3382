"""The feedback command as a new user meets it."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback_app.cli import COMMANDS
from tests.installation import SECRET, Installation, free_port

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "commands.md"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation whose database was never made."""
    folder = tmp_path_factory.mktemp("fresh")
    return Installation(folder, f"sqlite:///{folder / 'feedback.db'}")


@pytest.fixture(scope="module")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("migrated")
    made = Installation(folder, f"sqlite:///{folder / 'feedback.db'}")
    made.printed("db", "upgrade")
    yield made
    made.stop()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_is_in_the_reference(command: str, fresh: Installation) -> None:
    shown = fresh.printed(command, "--help")
    assert shown.startswith("Usage:")
    assert f"`feedback {command}" in REFERENCE.read_text()


def test_the_list_of_commands_has_ours_and_flasks(fresh: Installation) -> None:
    shown = fresh.printed("--help")
    for command in (*COMMANDS, "db", "routes", "shell"):
        assert re.search(rf"^  {command}\b", shown, re.MULTILINE), command


def test_an_unknown_command_exits_2_without_a_traceback(fresh: Installation) -> None:
    done = fresh.feedback("sruveys")
    assert done.returncode == 2
    assert "No such command" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [("surveys", "list"), ("serve", "--no-worker"), ("worker",), ("tag",)])
def test_an_empty_database_is_told_with_what_to_run(command: tuple[str, ...], fresh: Installation) -> None:
    done = fresh.feedback(*command)
    assert done.returncode == 1
    assert done.stderr.strip() == "Error: The database is empty; run: feedback db upgrade"


def test_an_empty_database_is_told_once_by_the_server_and_its_worker(fresh: Installation) -> None:
    done = fresh.feedback("serve", "--bind", f"127.0.0.1:{free_port()}")
    assert done.returncode == 1
    assert done.stderr.strip() == "Error: The database is empty; run: feedback db upgrade"


@pytest.mark.parametrize("more", [(), ("--no-worker",)])
def test_a_taken_port_is_one_sentence(more: tuple[str, ...], migrated: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        bind = f"127.0.0.1:{other.getsockname()[1]}"
        done = migrated.feedback("serve", "--bind", bind, *more)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        f"Error: The address {bind} is in use; nothing was started. "
        "Choose another with --bind, for example --bind 127.0.0.1:8001"
    )


def test_a_bad_setting_exits_2_with_its_name_and_an_example(fresh: Installation) -> None:
    broken = Installation(fresh.folder, fresh.database_url, more={"FEEDBACK_TIME_ZONE": "Berlin"})
    done = broken.feedback("surveys", "list")
    assert done.returncode == 2
    assert done.stderr.strip() == (
        "Error: FEEDBACK_TIME_ZONE is 'Berlin'; a good value looks like Europe/Berlin"
    )


def test_listening_beyond_this_machine_wants_a_base_url(migrated: Installation) -> None:
    open_wide = Installation(migrated.folder, migrated.database_url, more={"FEEDBACK_BASE_URL": ""})
    done = open_wide.feedback("serve", "--bind", "0.0.0.0:9")
    assert done.returncode == 2
    assert "FEEDBACK_BASE_URL is not set" in done.stderr


@pytest.mark.parametrize(
    "address", ["nonsense", "8000", ":8000", "127.0.0.1:http", "127.0.0.1:99999", "unix:"]
)
def test_an_address_that_nothing_can_listen_on_is_named(address: str, migrated: Installation) -> None:
    done = migrated.feedback("serve", "--bind", address)
    assert done.returncode == 2
    assert f"'{address}' is not an address" in done.stderr


def test_a_survey_is_made_and_listed(migrated: Installation) -> None:
    slug = migrated.printed(
        "surveys", "add", "--metric", "ces", "--name", "After support", "--brand", "Northlight"
    )
    assert re.fullmatch(r"[A-Za-z0-9_-]{8,}", slug)
    assert f"{slug}\tces7\topen\tAfter support" in migrated.printed("surveys", "list").splitlines()


def test_an_unknown_metric_is_one_sentence(migrated: Installation) -> None:
    done = migrated.feedback("surveys", "add", "--metric", "happiness", "--name", "X")
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1
    assert "happiness" in done.stderr
    assert "nps" in done.stderr


def test_a_new_user_gets_a_sign_in_link(migrated: Installation) -> None:
    link = migrated.printed("users", "add", "lena@northlight.example", "--role", "admin")
    assert re.fullmatch(re.escape(migrated.base_url) + r"/login/[\w.-]{20,}", link)


def test_an_account_is_closed(migrated: Installation) -> None:
    migrated.printed("users", "add", "gone@northlight.example", "--role", "csm")
    assert migrated.printed("users", "deactivate", "gone@northlight.example") == (
        "gone@northlight.example can no longer sign in."
    )
    done = migrated.feedback("users", "deactivate", "nobody@northlight.example")
    assert done.returncode == 1
    assert "nobody@northlight.example" in done.stderr


def test_an_address_that_is_none_is_refused(migrated: Installation) -> None:
    done = migrated.feedback("users", "add", "lena", "--role", "admin")
    assert done.returncode == 1
    assert "'lena' is not an e-mail address" in done.stderr


def test_a_trigger_prints_its_hook_and_its_secret(migrated: Installation) -> None:
    slug = migrated.printed("surveys", "add", "--metric", "nps", "--name", "Relationship")
    shown = migrated.printed("triggers", "add", "generic", slug, "--delay", "24h")
    assert re.search(re.escape(migrated.base_url) + r"/hooks/generic/[\w-]{16,}", shown)
    assert re.search(r"whsec_[A-Za-z0-9+/=]{32,}", shown)


def test_tagging_lines_loads_neither_flask_nor_the_database() -> None:
    code = (
        "import sys, io, runpy\n"
        "sys.argv = ['feedback', 'tag', '--jsonl']\n"
        "try:\n    runpy.run_module('feedback_app.cli', run_name='__main__')\n"
        "except SystemExit:\n    pass\n"
        "print(sorted({m.split('.')[0] for m in sys.modules} & {'flask', 'sqlalchemy', 'wtforms', 'huey'}))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input='{"text": "Great, thank you"}\n',
        capture_output=True,
        text=True,
        timeout=60,
    )
    first, last = done.stdout.splitlines()
    assert json.loads(first)["label"] == "positive"
    assert last == "[]"


def test_tagging_an_empty_database_says_so(migrated: Installation) -> None:
    assert migrated.printed("tag") == "0 comments tagged."


@pytest.mark.parametrize("options", [("--tagger", "textblob"), ("--all", "--jsonl")])
def test_options_of_tag_that_do_not_go_together_are_told(
    options: tuple[str, ...], migrated: Installation
) -> None:
    done = migrated.feedback("tag", *options)
    assert done.returncode == 2
    assert f"{options[0]} " in done.stderr
    assert done.stdout == ""


def test_the_doctor_of_a_migrated_installation_finds_nothing_grave(migrated: Installation) -> None:
    done = migrated.feedback("doctor")
    assert done.returncode == 0, done.stdout
    assert "Database: SQLite, at the newest schema" in done.stdout
    assert "FEEDBACK_SMTP_URL" in done.stdout


def test_the_doctor_names_what_must_be_mended(fresh: Installation) -> None:
    sick = Installation(fresh.folder, fresh.database_url, more={"FEEDBACK_SMTP_URL": "smtp://127.0.0.1:1"})
    done = sick.feedback("doctor")
    assert done.returncode == 1
    assert "feedback db upgrade" in done.stdout
    assert "127.0.0.1 does not answer" in done.stdout


def test_what_would_not_know_who_unsubscribed_does_not_start(tmp_path: Path) -> None:
    first = Installation(tmp_path, f"sqlite:///{tmp_path / 'feedback.db'}")
    first.printed("db", "upgrade")
    first.printed("surveys", "list")
    with sqlite3.connect(tmp_path / "feedback.db") as database:
        database.execute(
            "INSERT INTO suppression (address_hash, reason, detail, created_at) "
            "VALUES ('5', 'unsubscribed', '', '2026-11-20 12:00:00')"
        )
    database.close()
    other_key = Installation(tmp_path, first.database_url, {"FEEDBACK_SECRET_KEY": "another key " * 4})
    done = other_key.feedback("worker")
    assert (done.returncode, "would be written to again" in done.stderr) == (1, True)
    loaded = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        env=other_key.environment,
        cwd=REFERENCE.parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (loaded.returncode, "would be written to again" in loaded.stderr) == (1, True)
    both = Installation(
        tmp_path, first.database_url, {"FEEDBACK_SECRET_KEY": f"{'another key ' * 4},{SECRET}"}
    )
    assert both.printed("surveys", "list") == ""
