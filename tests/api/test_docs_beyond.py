"""The commands on the page about the API beyond Delighted's are run."""

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.api.conftest import basic
from tests.api.sample import SLUG, seed
from tests.pages import new_browser

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "api-beyond.md"
COMMANDS = re.findall(r"```sh\n(.+?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def test_every_resource_has_its_command() -> None:
    assert len(COMMANDS) == 8


@pytest.mark.only("sqlite")
@pytest.mark.usefixtures("noon")
def test_the_commands_succeed(app: Flask, session: Session) -> None:
    program = seed(app, session)
    for command in COMMANDS:
        words = shlex.split(command.replace("surveys/relationship", f"surveys/{SLUG}"))
        options = list(pairwise(words))
        [address] = [word for word in words if word.startswith("$API")]
        data = [value for name, value in options if name == "-d"]
        headers = [value.partition(": ")[::2] for name, value in options if name == "-H"]
        answer = new_browser(app).open(
            address.replace("$API", "/v1"),
            method=next((value for name, value in options if name == "-X"), "POST"),
            data="&".join(data),
            headers=[("Content-Type", "application/x-www-form-urlencoded")][: not headers]
            + headers
            + [("Authorization", basic(f"{program.key}:"))],
        )
        assert answer.status_code in (200, 201), (command, answer.text)
