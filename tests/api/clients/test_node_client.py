"""The last published Node client, unchanged, against a server on a port: its README, and where it is particular."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.people.models import Person
from feedback_app.surveys.models import Survey
from tests.api.clients.conftest import Served, answered

CLIENT = "delighted@2.2.0"
RUNNER = Path(__file__).with_name("node") / "run.js"
Run = Callable[[str], Any]

pytestmark = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")),
    reason="needs node and npm: the Node client is NOT tested here",
)


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client's folder: in FEEDBACK_NODE_MODULES if that is given, else installed once for this run."""
    given = os.environ.get("FEEDBACK_NODE_MODULES")
    if given:
        return Path(given) / "delighted"
    folder = tmp_path_factory.mktemp("node")
    asked = [
        "npm",
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        str(folder),
        CLIENT,
    ]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=120)
    if done.returncode:
        pytest.skip(
            f"npm could not install {CLIENT}, so the Node client is NOT tested here: {done.stderr[-300:]}"
        )
    return folder / "node_modules" / "delighted"


@pytest.fixture
def run(package: Path, served: Served, limited_key: str) -> Run:
    """What a task of run.js printed."""

    def run_task(task: str) -> Any:
        asked = ["node", str(RUNNER), str(package), str(served.port), served.key, limited_key, task]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run_task


def test_everything_about_people_in_its_readme(run: Run) -> None:
    assert run("people") == {
        "properties": {"plan": "basic"},
        "isScheduled": True,
        "all": ["jony@appleseed.com", "test@example.com", None],
        "retried": 3,
        "alone": 3,
        "seen": 2,
        "unsubscribed": ["jony@appleseed.com"],
        "later": [],
        "bounced": [],
        "left": 0,
    }


def test_everything_about_responses_in_its_readme(run: Run) -> None:
    found = run("responses")
    assert found["saved"] == [found["id"], 3, "Slow"]  # a PUT without an id in its path
    assert found["again"] == [found["id"], 8, "Slow"]
    assert (found["page"], found["email"], found["metrics"]) == ([], "jo@example.com", [0, 1, 1])


@pytest.mark.usefixtures("recurring")
def test_everything_about_autopilot_in_its_readme(run: Run) -> None:
    found = run("autopilot")
    assert found["platforms"] == ["email", "sms"]
    assert (found["members"], found["left"], found["none"]) == (["email@example.com"], [], [])
    assert (
        found["refused"]["type"] == "ResourceValidationError"
    )  # its README says phone_number, the API person_…


def test_a_list_of_people_is_followed_to_its_end(run: Run, session: Session, survey: Survey) -> None:
    answered(session, survey, 7)
    ids = run("paging")
    assert ids == [str(one) for one in session.scalars(select(Person.id).order_by(Person.id))]
    assert len(ids) == 7


def test_each_refusal_is_the_error_that_its_documentation_names(run: Run, busy: Callable[[], None]) -> None:
    found = run("refusals")
    assert found["invalid"]["type"] == "ResourceValidationError"
    assert json.loads(found["invalid"]["message"])["errors"]["email"]
    assert found["unknown"]["type"] == "GeneralAPIError"
    assert found["wrong"]["type"] == "AuthenticationError"
    assert found["limited"]["type"] == "TooManyRequestsError"
    assert 1 <= int(found["limited"]["retryAfter"]) <= 60
    busy()
    assert run("busy") == {"type": "ServiceUnavailableError"}
