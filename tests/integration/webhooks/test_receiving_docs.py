"""The code that docs/how-to/receive-events.md gives to receivers takes what we send, and nothing else."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import WebhookVerificationError

from feedback_app import clock
from feedback_app.happenings import Kind
from feedback_app.webhooks.signing import Secret, new_secret, signed_headers

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "how-to" / "receive-events.md").read_text()
BODY = b'{"event_type":"ping"}'
ID = "e" * 64


def told(name: str) -> Callable[..., Any]:
    """The function of that name in the page."""
    found: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL):
        exec(code, found)  # noqa: S102 - our own page
    function: Callable[..., Any] = found[name]
    return function


@pytest.mark.parametrize("secret", ["T8jtGnuYaNerDedVMYrcgn1dRdywfGOl", new_secret()], ids=["key", "made"])
def test_both_ways_of_checking_take_what_we_send(secret: str) -> None:
    headers = dict(signed_headers(Secret(secret), ID, BODY, clock.now()))
    assert told("is_ours")(secret, BODY, headers)
    assert not told("is_ours")(secret, BODY + b" ", headers)
    assert told("verified")(secret, BODY, headers) == {"event_type": "ping"}
    with pytest.raises(WebhookVerificationError):
        told("verified")(secret, b'{"event_type":"pong"}', headers)


def test_every_kind_is_described() -> None:
    named = set(re.findall(r"^\| `([a-z_]+\.[a-z_]+)` \|", PAGE, re.MULTILINE))
    assert named == {kind.value for kind in Kind}
