"""Where messages to others may go, and how long we wait for them."""

import socket
import ssl
import time
from collections.abc import Iterator
from ipaddress import ip_address
from threading import Thread
from typing import Any

import pytest

from feedback_app.webhooks import outbound
from feedback_app.webhooks.outbound import NotReached, Sender
from feedback_app.webhooks.targets import Reach, Refused, is_public, networks_from, target_of
from tests.receivers import LOOPBACK, receiving

OPEN = Reach(networks_from(LOOPBACK))
PUBLIC = "93.184.216.34"

# Each leads, or may lead, to where only this machine can go, or is read differently by different readers.
HOSTILE = [
    "https://127.0.0.1/",
    "https://127.0.0.1:8443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://127.0.0.01/",
    "https://0/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[64:ff9b:1::a00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2002:a9fe:a9fe::1]/",
    "https://[2001:0:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fd00:ec2::254]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://100.100.100.200/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.0.1/",
    "https://100.64.0.1/",
    "https://192.0.0.192/",
    "https://198.18.0.1/",
    "https://192.88.99.1/",
    "https://224.0.0.1/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://user:secret@93.184.216.34/",
    "https://93.184.216.34@127.0.0.1/",
    "https://93.184.216.34\\@127.0.0.1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://exa mple.com/",
    "https://93.184.216.34/\r\nHost: inside",
    "https://93.184.216.34:22/",
    "https://93.184.216.34:6379/",
    "https://93.184.216.34:99999/",
    "http://93.184.216.34/",
    "ftp://93.184.216.34/",
    "file:///etc/passwd",
    "gopher://127.0.0.1:6379/_FLUSHALL",
    "//127.0.0.1/",
    "https:///path",
    "https://",
    "",
]


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The connections that were tried; none is made."""
    tried: list[Any] = []

    def refuse(address: Any, *_rest: Any, **_more: Any) -> socket.socket:
        tried.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    return tried


@pytest.mark.parametrize("url", HOSTILE)
def test_a_hostile_address_is_refused_without_a_connection(url: str, dialled: list[Any]) -> None:
    with pytest.raises(Refused), Sender(url, Reach()) as sender:
        sender.post(b"{}", {})
    assert dialled == []


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["169.254.169.254"], ["::1"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1"], []],
)
def test_every_address_of_a_name_must_be_public(
    found: list[str], dialled: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    names(monkeypatch, found)
    with pytest.raises(Refused), Sender("https://rebinding.example/", Reach()) as sender:
        sender.post(b"{}", {})
    assert dialled == []


def test_a_name_that_changes_its_mind_is_not_asked_again(
    dialled: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = names(monkeypatch, [PUBLIC], ["127.0.0.1"])
    with pytest.raises(NotReached), Sender("https://rebinding.example/", Reach()) as sender:
        sender.post(b"{}", {})
    assert dialled == [(PUBLIC, 443)]
    assert asked == ["rebinding.example"]


def names(monkeypatch: pytest.MonkeyPatch, *found: list[str]) -> list[str]:
    """Let the resolver give these addresses, one list at each question; what it was asked."""
    asked: list[str] = []

    def resolve(host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        addresses = found[min(len(asked), len(found)) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_what_the_operator_opened_is_reached_by_http_on_any_port() -> None:
    with receiving() as receiver, Sender(receiver.url, OPEN) as sender:
        reply = sender.post(b'{"a":1}', {"Content-Type": "application/json"})
        came = receiver.came[0]
    assert (reply.status, reply.body) == (200, b"ok")
    assert (came.path, came.body) == ("/hook?from=feedback", b'{"a":1}')
    assert came.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_what_was_opened_does_not_open_its_neighbours(dialled: list[Any]) -> None:
    reach = Reach(networks_from("10.1.0.0/16"))
    with pytest.raises(Refused), Sender("https://10.2.0.1/", reach) as sender:
        sender.post(b"{}", {})
    assert dialled == []


def test_an_address_has_the_usual_ports_and_may_be_plain_only_on_one_machine(dialled: list[Any]) -> None:
    for url, reach in (
        (f"https://{PUBLIC}/", Reach()),
        (f"https://{PUBLIC}:8443/", Reach()),
        (f"http://{PUBLIC}:8080/", Reach(plain_http=True)),
        ("https://[2606:4700::1111]/", Reach()),
    ):
        with pytest.raises(NotReached), Sender(url, reach) as sender:
            sender.post(b"{}", {})
    assert dialled == [(PUBLIC, 443), (PUBLIC, 8443), (PUBLIC, 8080), ("2606:4700::1111", 443)]


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    with receiving() as receiver, receiving() as inside:
        receiver.answer(302, Location=inside.url)
        with Sender(receiver.url, OPEN) as sender:
            assert sender.post(b"{}", {}).status == 302
        assert inside.came == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        with Sender(receiver.url, OPEN) as sender:
            sender.post(b"{}", {})
        assert (len(receiver.came), len(proxy.came)) == (1, 0)


def test_one_connection_takes_several_messages_and_is_made_anew_when_it_was_closed() -> None:
    with receiving() as receiver, Sender(receiver.url, OPEN) as sender:
        for _ in range(3):
            sender.post(b"{}", {})
        assert (len(receiver.came), receiver.connections) == (3, 1)
        receiver.answer(200, Connection="close")
        sender.post(b"{}", {})
        sender.post(b"{}", {})
        assert (len(receiver.came), receiver.connections) == (5, 2)


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    with receiving() as receiver, Sender(receiver.url, OPEN) as sender:
        receiver.answer(200, body=b"x" * 300_000)
        assert len(sender.post(b"{}", {}).body) == outbound.MOST_BYTES
        receiver.answer(200, body=b"short")
        assert (
            sender.post(b"{}", {}).body == b"short"
        )  # what was left of the long one does not get in the way


@pytest.fixture
def dripping() -> Iterator[int]:
    """The port of a server that sends a byte of its answer every tenth of a second, for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def drip() -> None:
        line, _ = listener.accept()
        with line:
            try:
                line.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
                while True:
                    line.sendall(b"x")
                    time.sleep(0.1)
            except OSError:
                return

    thread = Thread(target=drip, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    listener.close()
    thread.join(2)


def test_a_server_that_drips_is_left_when_the_time_is_up(dripping: int) -> None:
    begun = time.monotonic()
    with (
        pytest.raises(NotReached, match="in time"),
        Sender(f"http://127.0.0.1:{dripping}/", OPEN, total_seconds=0.5) as sender,
    ):
        sender.post(b"{}", {})
    assert 0.4 < time.monotonic() - begun < 2


def test_trouble_is_told_in_a_sentence_without_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        pytest.raises(NotReached, match=r"^The connection was refused\.$"),
        Sender(free_url(), OPEN) as sender,
    ):
        sender.post(b"{}", {})

    def unknown(*_args: Any, **_more: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with (
        pytest.raises(NotReached, match="name is not known"),
        Sender("https://nobody.example/", OPEN) as sender,
    ):
        sender.post(b"{}", {})


def free_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return f"http://127.0.0.1:{one.getsockname()[1]}/"


def test_an_answer_that_is_no_http_is_trouble() -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def mumble() -> None:
        line, _ = listener.accept()
        with line:
            line.recv(65536)
            line.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")

    thread = Thread(target=mumble, daemon=True)
    thread.start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    with pytest.raises(NotReached, match="no HTTP"), Sender(url, OPEN) as sender:
        sender.post(b"{}", {})
    thread.join(2)
    listener.close()


def test_certificates_are_verified_for_the_name() -> None:
    context = outbound.tls_context()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_tls_asks_for_the_name_while_the_connection_goes_to_the_address(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    names(monkeypatch, [PUBLIC])
    here, there = socket.socketpair()
    asked: dict[str, Any] = {}

    class Context:
        def wrap_socket(self, line: socket.socket, *, server_hostname: str) -> socket.socket:
            asked["name"] = server_hostname
            return line

    def dial(address: Any, _timeout: float) -> socket.socket:
        asked["address"] = address
        return here

    monkeypatch.setattr(socket, "create_connection", dial)
    monkeypatch.setattr(outbound, "tls_context", Context)
    with there, Sender("https://Hooks.Example.com./in", Reach(), total_seconds=2) as sender:
        there.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        assert sender.post(b"{}", {}).status == 204
        request = there.recv(65536)
    assert asked == {"name": "hooks.example.com", "address": (PUBLIC, 443)}
    assert b"Host: hooks.example.com.\r\n" in request


def test_the_parts_of_an_address() -> None:
    target = target_of("https://Hooks.Slack.com/services/T0/B0/x?y=1#z")
    assert (target.scheme, target.host, target.port, target.path) == (
        "https",
        "hooks.slack.com",
        443,
        "/services/T0/B0/x?y=1",
    )


@pytest.mark.parametrize(
    ("address", "public"), [(PUBLIC, True), ("2606:4700::1111", True), ("192.0.2.1", False), ("::", False)]
)
def test_what_is_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


def test_a_kept_connection_that_breaks_is_tried_once_more() -> None:
    with receiving() as receiver, Sender(receiver.url, OPEN) as sender:
        sender.post(b"{}", {})
        broken_off(sender)
        assert sender.post(b"{}", {}).status == 200
        assert receiver.connections == 2


def broken_off(sender: Sender) -> None:
    """Let the other side's end of the kept connection be gone."""
    assert sender._connection is not None
    sender._connection.sock._line.shutdown(socket.SHUT_RDWR)
