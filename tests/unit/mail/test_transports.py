import pytest

from feedback_app.mail.message import Address, UnsafeHeader
from feedback_app.mail.transports import (
    TRANSPORTS,
    CatcherTransport,
    MemoryTransport,
    Refused,
    SmtpTransport,
    TryLater,
    Unknown,
    transport_from,
)
from tests.unit.mail.test_catcher import MAIL, replace


@pytest.mark.parametrize("url", [None, ""])
def test_without_a_server_mail_is_caught(tmp_path, url):
    transport = transport_from(url, tmp_path)
    assert isinstance(transport, CatcherTransport)
    assert transport.send(MAIL, before_final_dot=lambda: None).reply.startswith("250 caught")
    transport.close()


def test_a_url_chooses_its_transport(tmp_path):
    assert isinstance(transport_from("smtp://mail.example.org", tmp_path), SmtpTransport)
    assert isinstance(transport_from("smtps://mail.example.org", tmp_path), SmtpTransport)


def test_another_transport_can_be_added(tmp_path, monkeypatch):
    monkeypatch.setitem(TRANSPORTS, "memory", lambda _url: MemoryTransport())
    assert isinstance(transport_from("memory://", tmp_path), MemoryTransport)


def test_an_unknown_transport_is_named_with_those_there_are(tmp_path):
    with pytest.raises(ValueError, match="smtp://, smtps://") as refusal:
        transport_from("pigeon://me:secret@mail.example.org", tmp_path)
    assert "secret" not in str(refusal.value)


def test_the_memory_transport_keeps_what_was_sent():
    transport, marks = MemoryTransport(), []
    transport.send(MAIL, before_final_dot=lambda: marks.append(list(transport.sent)))
    assert (transport.sent, marks) == ([MAIL], [[]])
    transport.close()


def test_the_memory_transport_can_be_told_to_fail_after_the_marker():
    transport, marks = MemoryTransport(trouble=Unknown("no answer")), []
    with pytest.raises(Unknown):
        transport.send(MAIL, before_final_dot=lambda: marks.append("set"))
    assert (transport.sent, marks) == ([], ["set"])


def test_the_memory_transport_refuses_what_no_transport_may_send():
    with pytest.raises(UnsafeHeader):
        MemoryTransport().send(
            replace(MAIL, to=Address("a\nb", "a@example.org")), before_final_dot=lambda: None
        )


def test_trouble_says_what_and_with_which_status_but_not_who():
    trouble = Refused(
        "The mail server refused the message", code=550, text="5.1.1 <dana@example.com> unknown"
    )
    assert str(trouble) == "The mail server refused the message (the server said 550 5.1.1)."
    assert str(TryLater("It is gone")) == "It is gone."
    assert str(TryLater("It is gone", code=450, text="later")) == "It is gone (the server said 450)."
