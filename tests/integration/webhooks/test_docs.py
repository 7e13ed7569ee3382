"""What the how-to pages tell people to send is taken."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from feedback_app.invitations.events import EventKind
from feedback_app.webhooks.helpdesks.provider import HookRequest
from feedback_app.webhooks.helpdesks.zendesk import Zendesk
from tests.factories import make_source
from tests.helpdesks import GENERIC_SECRET, sample

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
PRINT_ARGUMENTS = '#!/bin/sh\nfor one in "$@"; do printf "%s\\0" "$one"; done\n'


def test_zendesk_s_template_gives_the_fields_that_we_read() -> None:
    page = (HOW_TO / "connect-zendesk.md").read_text()
    template = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert template is not None
    message = json.loads(template[1])
    assert set(message) == set(json.loads(sample("zendesk.json")))
    solved = json.loads(sample("zendesk.json")) | {"event": message["event"]}
    event = Zendesk().parse(HookRequest({}, json.dumps(solved).encode(), ""))
    assert event.kind is EventKind.INTERACTION_CLOSED


@pytest.mark.only("sqlite")
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_the_shell_example_sends_what_is_taken(session: Session, client: FlaskClient, tmp_path: Path) -> None:
    script = re.search(r"```sh\n(.*?)```", (HOW_TO / "send-events.md").read_text(), re.DOTALL)
    assert script is not None
    curl = tmp_path / "bin" / "curl"  # says what it was called with
    curl.parent.mkdir()
    curl.write_text(PRINT_ARGUMENTS)
    curl.chmod(0o755)
    source = make_source(session, GENERIC_SECRET)
    text = script[1].replace("whsec_…", GENERIC_SECRET).replace("/generic/…", f"/generic/{source.key}")
    done = subprocess.run(
        ["/bin/sh", "-c", text],
        env={"PATH": f"{curl.parent}:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    arguments = done.stdout.split("\0")
    headers = dict(
        one.split(": ", 1) for one, before in zip(arguments[1:], arguments, strict=False) if before == "-H"
    )
    body = arguments[arguments.index("--data-binary") + 1]
    url = next(one for one in arguments if one.startswith("http://127.0.0.1:8000"))
    answer = client.post(url.removeprefix("http://127.0.0.1:8000"), data=body.encode(), headers=headers)
    assert (answer.status_code, answer.get_json()["result"]) == (200, "received")
