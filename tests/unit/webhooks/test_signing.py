"""Both signatures, and what may be a secret."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from feedback_app.errors import Invalid
from feedback_app.webhooks.signing import (
    Secret,
    checked_secret,
    delighted_signature,
    new_secret,
    signed_headers,
)

BODY = b'{"event_type":"ping"}'
ID = "e" * 64


def now() -> datetime:
    return datetime.now(UTC)  # the library compares with its own clock


def test_delighted_s_signature_is_that_of_the_contract() -> None:
    assert delighted_signature("abc123", BODY) == (
        "sha256=0bde19d23ba43cb55a9fc4631444470978e60fdbfe54b5ab1c60e43151982f45"
    )


def test_a_secret_of_ours_is_taken_by_the_standard_library() -> None:
    secret = new_secret()
    headers = signed_headers(Secret(secret), ID, BODY, now())
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert Webhook(secret).verify(BODY.decode(), dict(headers)) == {"event_type": "ping"}
    assert headers["webhook-id"] == ID
    assert headers["X-Delighted-Webhook-Signature"] == delighted_signature(secret, BODY)


def test_an_old_api_key_signs_as_it_stands() -> None:
    key = "T8jtGnuYaNerDedVMYrcgn1dRdywfGOl"
    headers = signed_headers(Secret(key), ID, BODY, now())
    as_library_wants_it = Webhook(base64.b64encode(key.encode()).decode())
    assert as_library_wants_it.verify(BODY.decode(), dict(headers)) == {"event_type": "ping"}


def test_a_changed_body_or_id_is_not_what_was_signed() -> None:
    secret = new_secret()
    headers = dict(signed_headers(Secret(secret), ID, BODY, now()))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify('{"event_type":"pong"}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY.decode(), headers | {"webhook-id": "f" * 64})


def test_an_earlier_secret_signs_too_until_the_overlap_ends() -> None:
    old, new, moment = new_secret(), new_secret(), now()
    both = Secret(new, old, int((moment + timedelta(hours=1)).timestamp()))
    headers = dict(signed_headers(both, ID, BODY, moment))
    for secret in (old, new):
        assert Webhook(secret).verify(BODY.decode(), headers)
    assert headers["X-Delighted-Webhook-Signature"] == delighted_signature(new, BODY)  # room for one
    later = signed_headers(both, ID, BODY, moment + timedelta(hours=2))
    assert " " not in later["webhook-signature"]


def test_a_secret_is_kept_as_it_was() -> None:
    secret = Secret("new", "old", 1_800_000_000)
    assert Secret.read(secret.write()) == secret


@pytest.mark.parametrize(
    "given", ["short", "x" * 201, "schlüssel-schlüssel", "with\nnewline", "whsec_not base64"]
)
def test_what_is_no_secret_is_refused(given: str) -> None:
    with pytest.raises(Invalid, match="nothing was saved"):
        checked_secret(given)


def test_a_secret_loses_the_spaces_around_it() -> None:
    assert checked_secret("  abc123\n") == "abc123"
