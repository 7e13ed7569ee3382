"""What servers call a message that they took."""

import pytest

from feedback_app.mail.results import Accepted

SES = "0107019a8b7c6d5e-11111111-2222-3333-4444-555555555555-000000"


@pytest.mark.parametrize(
    ("reply", "remote_id"),
    [
        ("250 2.0.0 Ok: queued as 4F3D1A", "4F3D1A"),  # Postfix
        ("250 2.0.0 Ok: queued as 4fJ7Zb1xQ2z9k", "4fJ7Zb1xQ2z9k"),  # Postfix, long names
        ("250 Ok: queued as iGxLGyNHQLmBCnGi7oMxpQ", "iGxLGyNHQLmBCnGi7oMxpQ"),  # SendGrid
        ("250 OK id=1vMqzA-00000000ABC-2Xyz", "1vMqzA-00000000ABC-2Xyz"),  # Exim
        ("250 2.0.0 5AKCx1Y2012345 Message accepted for delivery", "5AKCx1Y2012345"),  # sendmail
        (f"250 Ok {SES}", SES),  # Amazon SES
        ("250 2.6.0 Message received", None),
        ("250 Great success", None),
        ("250 2.0.0 OK  1763812345 a640c23a62f3a-b7.123 - gsmtp", None),  # not said which of them it is
        ("250 Ok", None),
        ("250 queued", None),
        ("250 queued as \r\nBcc: x", None),
        ("250 Ok: queued as " + "x" * 300, "x" * 200),  # no longer than its column
        (f"250 Ok {'0' * 300}-{'1' * 300}", None),
    ],
)
def test_the_name_is_read_where_it_is_clear(reply: str, remote_id: str | None) -> None:
    assert Accepted(reply).remote_id == remote_id
