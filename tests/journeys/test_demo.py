"""`feedback demo` in an empty folder, as a newcomer runs it."""

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from feedback_app.mail.catcher import list_caught
from tests.installation import Installation, is_ready, wait_for


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("newcomer")
    made = Installation(folder, "")
    yield made
    made.stop()


def started(installation: Installation) -> str:
    """Start the demo; what it printed once it was ready."""
    shown = installation.folder / "shown.txt"
    installation.start("demo", "--port", str(installation.port), shown=shown)
    wait_for(lambda: "End the demo" in shown.read_text(), seconds=150, what="the demo to be ready")
    return shown.read_text()


def test_the_demo_prints_what_works_and_keeps_its_data(newcomer: Installation) -> None:
    shown = started(newcomer)
    assert is_ready(newcomer.base_url)
    for path in ("/login/", "/outbox", "/inbox", "/t/"):
        assert newcomer.base_url + path in shown
    elsewhere = Installation(newcomer.folder, "", more={"FEEDBACK_BASE_URL": ""})  # a second terminal
    invited = elsewhere.printed("users", "add", "ines@northlight.example", "--role", "viewer")
    assert f"{newcomer.base_url}/login/" in invited
    outbox = newcomer.folder / "outbox"
    before = {mail.key for mail in list_caught(outbox, 1000)}
    assert before

    line = re.search(r"^\s*(TS=.*)$", shown, re.MULTILINE)
    assert line is not None
    closed = subprocess.run(["sh", "-c", line[1]], capture_output=True, text=True, timeout=30)
    assert '"result":"received"' in closed.stdout, closed.stderr
    sent = wait_for(
        lambda: [mail for mail in list_caught(outbox, 1000) if mail.key not in before],
        seconds=40,
        what="the survey ten seconds after the case",
    )
    assert [re.sub(r"\+\d+", "", mail.to) for mail in sent] == [
        "Dana Whitfield <dana.whitfield@harrowfinch.example>"
    ]

    newcomer.stop()
    began = time.monotonic()
    started(newcomer)
    assert time.monotonic() - began < 30  # no second sample company is made
    assert len(list_caught(outbox, 1000)) == len(before) + 1


def test_a_port_that_is_taken_is_told_before_anything_starts(newcomer: Installation, tmp_path: Path) -> None:
    second = Installation(tmp_path, "", port=newcomer.port)
    if not is_ready(newcomer.base_url):
        started(newcomer)
    done = second.feedback("demo", "--port", str(newcomer.port))
    assert done.returncode == 1
    assert done.stderr.startswith(
        f"Error: The address 127.0.0.1:{newcomer.port} is in use; nothing was started."
    )
    assert not (tmp_path / "feedback.db").exists()
