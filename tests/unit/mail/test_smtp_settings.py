import pytest

from feedback_app.mail.smtp_settings import BadSmtpUrl, Timeouts, server_from


def test_everything_in_the_url_is_understood():
    server = server_from(
        "smtp://surveys%40example.org:p%2Fss%3A@mail.example.org:2525?starttls=off&final_timeout=90"
    )
    assert (server.host, server.port) == ("mail.example.org", 2525)
    assert (server.user, server.password) == ("surveys@example.org", "p/ss:")
    assert (server.is_tls, server.starttls) == (False, "off")
    assert server.timeouts == Timeouts(connect=10, reply=60, final=90)


@pytest.mark.parametrize(
    ("url", "port", "is_tls", "starttls"),
    [
        ("smtp://mail.example.org", 587, False, "offered"),
        ("smtp://me:secret@mail.example.org", 587, False, "required"),
        ("smtps://me:secret@mail.example.org", 465, True, "required"),
        ("smtp://[::1]:25", 25, False, "offered"),
        ("smtp://localhost/", 587, False, "offered"),
    ],
)
def test_what_the_url_leaves_out_is_chosen_safely(url, port, is_tls, starttls):
    server = server_from(url)
    assert (server.port, server.is_tls, server.starttls) == (port, is_tls, starttls)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://mail.example.org",
        "smtp://",
        "smtp://me:secret@:587",
        "smtp://mail.example.org:port",
        "smtp://mail.example.org/secret",
        "smtp://me:secret@mail.example.org?starttls=maybe",
        "smtp://me:secret@mail.example.org?final_timeout=0",
        "smtp://me:secret@mail.example.org?final_timeout=nan",
        "smtp://me:secret@mail.example.org?reply_timeout=soon",
        "smtp://me:secret@mail.example.org?tls=yes",
        "smtp://[me:secret",
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_without_telling_its_password(url):
    with pytest.raises(BadSmtpUrl) as refusal:
        server_from(url)
    assert "secret@" not in str(refusal.value).replace("smtp://user:secret@mail.example.org:587", "")


def test_the_password_is_not_in_what_a_log_shows():
    assert "topsecret" not in repr(server_from("smtp://me:topsecret@mail.example.org"))
