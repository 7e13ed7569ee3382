"""Sending over SMTP to a real server: what is counted as sent, as refused, as not sent, and as unknown."""

import ssl
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from feedback_app.mail.message import Address, OutgoingMail, UnsafeHeader
from feedback_app.mail.transports import Refused, SenderTrouble, SmtpTransport, TryLater, Unknown
from tests.integration.mail.mail_server import PASSWORD, Post, authenticate, free_port, mail_server

MAIL = OutgoingMail(
    message_id="<invitation.7.abc@surveys.example.org>",
    envelope_from="bounce+7.abc@surveys.example.org",
    sender=Address("Northlight", "surveys@example.org"),
    reply_to=None,
    to=Address("Dana Whitfield", "dana@example.com"),
    subject="How did we do?",
    text="Question\n.\n..two dots\n",
    html="<p>Question</p>",
    headers=(),
    date=datetime(2026, 11, 20, 15, 45, tzinfo=UTC),
)
BIG = replace(MAIL, html="x" * 20_000_000)  # more than all buffers between us and the server


class Marker:
    """Counts how often the caller was asked to commit its marker."""

    def __init__(self, pause: float = 0) -> None:
        self.count = 0
        self.pause = pause

    def __call__(self) -> None:
        self.count += 1
        time.sleep(self.pause)


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def marker():
    return Marker()


@pytest.fixture
def transport(post):
    with mail_server(post) as port:
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}?reply_timeout=5&final_timeout=5")
        yield transport
        transport.close()


def test_a_mail_arrives_as_it_was_written(transport, post, marker):
    accepted = transport.send(MAIL, before_final_dot=marker)
    (envelope,) = post.messages
    message = message_from_bytes(envelope.content, policy=policy.default)
    assert accepted.reply == "250 2.0.0 queued"
    assert marker.count == 1
    assert (envelope.mail_from, envelope.rcpt_tos) == (
        "bounce+7.abc@surveys.example.org",
        ["dana@example.com"],
    )
    assert message["Subject"] == "How did we do?"
    assert message.get_body(("plain",)).get_content().replace("\r\n", "\n") == MAIL.text
    assert message.get_body(("html",)).get_content() == MAIL.html


def test_nothing_is_delivered_before_the_marker_is_set(transport, post):
    seen = []
    transport.send(MAIL, before_final_dot=lambda: seen.append(len(post.messages)))
    assert seen == [0]


def test_if_the_marker_cannot_be_set_nothing_is_sent(transport, post, marker):
    def fail():
        raise RuntimeError("database is gone")

    with pytest.raises(RuntimeError, match="database"):
        transport.send(MAIL, before_final_dot=fail)
    transport.send(replace(MAIL, subject="The next one"), before_final_dot=marker)
    (envelope,) = post.messages
    assert b"Subject: The next one" in envelope.content


def test_many_mails_share_one_connection(transport, post, marker):
    for _ in range(20):
        transport.send(MAIL, before_final_dot=marker)
    assert (len(post.messages), post.connections) == (20, 1)


def test_two_threads_have_two_connections(transport, post, marker):
    barrier = threading.Barrier(2)

    def work():
        for _ in range(3):
            transport.send(MAIL, before_final_dot=marker)
            barrier.wait(5)
        transport.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (len(post.messages), post.connections) == (6, 2)


def test_a_server_that_was_restarted_is_connected_to_again(post, marker):
    port = free_port()
    transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
    for _ in range(2):
        with mail_server(post, port):
            transport.send(MAIL, before_final_dot=marker)
            transport.send(MAIL, before_final_dot=marker)
    transport.close()
    assert (len(post.messages), post.connections, marker.count) == (4, 2, 4)


def test_a_connection_that_the_server_is_tired_of_is_replaced(transport, post, marker):
    transport.send(MAIL, before_final_dot=marker)
    post.sender_answer = "421 4.7.0 too many messages"
    with pytest.raises(TryLater) as trouble:  # the new connection is told the same
        transport.send(MAIL, before_final_dot=marker)
    assert trouble.value.is_server_down
    assert post.connections == 2


@pytest.mark.parametrize("pipelining", [False, True])
class TestRefusals:
    @pytest.fixture(autouse=True)
    def _offer(self, post, pipelining):
        post.pipelining = pipelining

    @pytest.mark.parametrize(
        ("answer", "enhanced", "is_address_bad"),
        [
            ("550 5.1.1 <dana@example.com> user unknown", "5.1.1", True),
            ("550 5.1.10 null MX", "5.1.10", True),
            ("550 5.7.1 blocked by policy", "5.7.1", False),
            ("552 5.2.2 mailbox full", "5.2.2", False),
            ("550 no such user", "", False),
        ],
    )
    def test_a_refused_recipient_is_told_apart_by_its_status(
        self, transport, post, marker, answer, enhanced, is_address_bad
    ):
        post.recipient_answer = answer
        with pytest.raises(Refused) as refusal:
            transport.send(MAIL, before_final_dot=marker)
        assert (refusal.value.code, refusal.value.enhanced) == (int(answer[:3]), enhanced)
        assert refusal.value.is_address_bad is is_address_bad
        assert "dana" not in str(refusal.value)
        assert (post.messages, marker.count) == ([], 0)

    def test_the_connection_outlives_a_refusal(self, transport, post, marker):
        post.recipient_answer = "550 5.1.1 unknown"
        with pytest.raises(Refused):
            transport.send(MAIL, before_final_dot=marker)
        post.recipient_answer = "250 OK"
        transport.send(MAIL, before_final_dot=marker)
        assert (len(post.messages), post.connections) == (1, 1)

    def test_a_grey_list_means_later(self, transport, post, marker):
        post.recipient_answer = "450 4.7.1 greylisted, come back in five minutes"
        with pytest.raises(TryLater) as trouble:
            transport.send(MAIL, before_final_dot=marker)
        assert not trouble.value.is_server_down
        assert (trouble.value.code, trouble.value.enhanced, marker.count) == (450, "4.7.1", 0)

    def test_a_text_can_be_refused_after_the_marker(self, transport, post, marker):
        post.message_answer = "554 5.7.1 looks like spam"
        with pytest.raises(Refused) as refusal:
            transport.send(MAIL, before_final_dot=marker)
        assert not refusal.value.is_address_bad
        assert marker.count == 1

    def test_a_text_can_be_put_off_after_the_marker(self, transport, post, marker):
        post.message_answer = "451 4.3.0 disk full"
        with pytest.raises(TryLater):
            transport.send(MAIL, before_final_dot=marker)

    @pytest.mark.parametrize(
        ("step", "answer"),
        [
            ("sender_answer", "550 5.1.0 unknown sender"),
            ("sender_answer", "530 5.7.0 log in first"),
            ("recipient_answer", "550 5.1.8 sender's domain not found"),
            ("recipient_answer", "553 5.7.1 sender not owned by user"),
            ("message_answer", "550 5.1.7 bad sender"),
        ],
    )
    def test_a_refused_sender_is_no_fault_of_the_recipient(self, transport, post, marker, step, answer):
        setattr(post, step, answer)
        with pytest.raises(SenderTrouble):
            transport.send(MAIL, before_final_dot=marker)
        assert post.messages == []


def test_pipelining_saves_round_trips_and_loses_nothing(transport, post, marker):
    post.pipelining = True
    for number in range(5):
        transport.send(replace(MAIL, subject=str(number)), before_final_dot=marker)
    assert [message_from_bytes(envelope.content)["Subject"] for envelope in post.messages] == list("01234")
    assert post.connections == 1


def test_a_connection_lost_in_the_middle_means_that_nothing_was_delivered(transport, post, marker):
    post.fault = "hang up before the dot"
    with pytest.raises(TryLater) as trouble:
        transport.send(BIG, before_final_dot=marker)
    assert trouble.value.is_server_down
    assert marker.count == 0


def test_a_connection_lost_while_the_marker_is_set_means_that_nothing_was_delivered(transport, post):
    post.fault = "hang up before the dot"
    with pytest.raises(TryLater):
        transport.send(MAIL, before_final_dot=Marker(pause=0.5))


@pytest.mark.parametrize("fault", ["hang up after the dot", "talk nonsense after the dot"])
def test_a_connection_lost_after_the_dot_leaves_it_unknown(transport, post, marker, fault):
    post.fault = fault
    with pytest.raises(Unknown):
        transport.send(MAIL, before_final_dot=marker)
    assert marker.count == 1
    post.fault = ""
    transport.send(MAIL, before_final_dot=marker)
    assert post.connections == 2


def test_a_server_that_falls_silent_after_the_dot_leaves_it_unknown(post, marker):
    post.fault = "fall silent after the dot"
    with mail_server(post) as port:
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}?final_timeout=0.3")
        begun = time.monotonic()
        with pytest.raises(Unknown):
            transport.send(MAIL, before_final_dot=marker)
        assert 0.2 < time.monotonic() - begun < 5


def test_a_server_that_is_not_there_means_later(marker):
    with pytest.raises(TryLater) as trouble:
        SmtpTransport(f"smtp://127.0.0.1:{free_port()}").send(MAIL, before_final_dot=marker)
    assert trouble.value.is_server_down
    assert marker.count == 0


def test_an_unsafe_mail_never_reaches_the_server(transport, post, marker):
    with pytest.raises(UnsafeHeader):
        transport.send(
            replace(MAIL, to=Address("Dana", "a@example.org>\r\nRCPT TO:<b@x.org")), before_final_dot=marker
        )
    assert (post.connections, marker.count) == (0, 0)


def test_a_mail_too_big_for_the_server_is_not_even_offered(post, marker):
    with mail_server(post, data_size_limit=1000) as port:
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
        with pytest.raises(Refused) as refusal:
            transport.send(replace(MAIL, text="x" * 1000), before_final_dot=marker)
        transport.close()
    assert (refusal.value.code, refusal.value.is_address_bad) == (552, False)
    assert not [command for command in post.commands if command.startswith("MAIL")]


def test_the_size_is_announced(transport, post, marker):
    transport.send(MAIL, before_final_dot=marker)
    size = int(post.commands[0].partition("SIZE=")[2])
    assert (
        size == len(post.messages[0].original_content) + 2
    )  # the dots that stand before "." and "..two dots"


def test_an_address_beyond_ascii_needs_a_server_that_takes_it(transport, post, marker):
    jose = replace(MAIL, to=Address("José", "josé@example.com"))
    with pytest.raises(Refused) as refusal:
        transport.send(jose, before_final_dot=marker)
    assert refusal.value.enhanced == "5.6.7"
    with mail_server(post, enable_SMTPUTF8=True) as port:
        other = SmtpTransport(f"smtp://127.0.0.1:{port}")
        other.send(jose, before_final_dot=marker)
        other.close()
    assert post.messages[0].rcpt_tos == ["josé@example.com"]
    assert "SMTPUTF8" in post.commands[-2]


class TestLogin:
    @pytest.fixture
    def port(self, post):
        with mail_server(
            post, authenticator=authenticate, auth_required=True, auth_require_tls=False
        ) as port:
            yield port

    def test_the_right_password_opens(self, port, post, marker):
        transport = SmtpTransport(
            f"smtp://feedback:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{port}?starttls=off"
        )
        transport.send(MAIL, before_final_dot=marker)
        transport.close()
        assert len(post.messages) == 1

    def test_a_wrong_password_is_trouble_for_the_whole_sender(self, port, post, marker):
        with pytest.raises(SenderTrouble) as trouble:
            SmtpTransport(f"smtp://feedback:wrong@127.0.0.1:{port}?starttls=off").send(
                MAIL, before_final_dot=marker
            )
        assert trouble.value.code == 535
        assert "wrong" not in str(trouble.value)
        assert (post.messages, marker.count) == ([], 0)

    def test_no_password_where_one_is_needed_is_trouble_for_the_whole_sender(self, port, post, marker):
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
        with pytest.raises(SenderTrouble):
            transport.send(MAIL, before_final_dot=marker)
        transport.close()

    def test_a_password_is_not_sent_in_the_clear_unasked(self, port, post, marker):
        with pytest.raises(SenderTrouble, match="STARTTLS"):
            SmtpTransport(f"smtp://feedback:x@127.0.0.1:{port}").send(MAIL, before_final_dot=marker)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path


class TestEncryption:
    @pytest.fixture
    def port(self, post, certificate):
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        with mail_server(post, tls_context=context, require_starttls=True) as port:
            yield port

    def test_starttls_is_used_where_it_is_offered(self, port, post, marker, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        transport = SmtpTransport(f"smtp://127.0.0.1:{port}")
        for _ in range(3):
            transport.send(MAIL, before_final_dot=marker)
        transport.close()
        assert (len(post.messages), post.connections) == (3, 1)

    def test_a_certificate_that_nobody_vouches_for_is_trouble_for_the_whole_sender(self, port, marker):
        with pytest.raises(SenderTrouble, match="CERTIFICATE_VERIFY_FAILED"):
            SmtpTransport(f"smtp://127.0.0.1:{port}").send(MAIL, before_final_dot=marker)

    def test_tls_where_there_is_none_is_trouble_for_the_whole_sender(self, port, marker):
        with pytest.raises(SenderTrouble):
            SmtpTransport(f"smtps://127.0.0.1:{port}").send(MAIL, before_final_dot=marker)
