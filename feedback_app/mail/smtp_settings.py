"""An SMTP server as FEEDBACK_SMTP_URL names it."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

StartTls: TypeAlias = Literal["required", "offered", "off"]
_PORTS = {"smtp": 587, "smtps": 465}
_STARTTLS: dict[str, StartTls] = {"required": "required", "offered": "offered", "off": "off"}
_TIMEOUTS = ("connect", "reply", "final")
_EXAMPLE = "smtp://user:secret@mail.example.org:587"


class BadSmtpUrl(ValueError):
    """The URL does not say how to reach a mail server. Its password is not in the message."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a connection, for each answer, and for the answer to a whole message.

    RFC 5321, 4.5.3.2.6 gives the last one ten minutes: whoever hangs up earlier may have sent a mail without knowing.
    """

    connect: float = 10
    reply: float = 60
    final: float = 600


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail goes and how."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    is_tls: bool  # from the first byte (smtps)
    starttls: StartTls
    timeouts: Timeouts


def server_from(url: str) -> Server:
    """The server of `smtp://user:secret@host:587?starttls=required|offered|off` or `smtps://`; raises BadSmtpUrl.

    Without `starttls` a password is never sent in the clear, and without a password encryption is used where it is
    offered. Certificates are always checked; SSL_CERT_FILE names an authority of your own. `connect_timeout`,
    `reply_timeout` and `final_timeout` are seconds.
    """
    parts, port = _parts(url)
    options = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    server = Server(
        host=parts.hostname or "",
        port=port or _PORTS[parts.scheme],
        user=user,
        password=password,
        is_tls=parts.scheme == "smtps",
        starttls=_starttls(options.pop("starttls", "required" if user else "offered")),
        timeouts=Timeouts(
            **{
                name: _seconds(f"{name}_timeout", options)
                for name in _TIMEOUTS
                if f"{name}_timeout" in options
            }
        ),
    )
    if options:
        raise BadSmtpUrl(f"The URL of the SMTP server has an unknown option: {', '.join(sorted(options))}.")
    return server


def _parts(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise BadSmtpUrl(
            f"The URL of the SMTP server cannot be read; it must look like {_EXAMPLE}."
        ) from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/"):
        raise BadSmtpUrl(
            f"The URL of the SMTP server must begin with smtp:// or smtps:// and name a host, for example {_EXAMPLE}."
        )
    return parts, port


def _starttls(value: str) -> StartTls:
    if value not in _STARTTLS:
        raise BadSmtpUrl(f"starttls is {value!r}; it must be one of {', '.join(_STARTTLS)}.")
    return _STARTTLS[value]


def _seconds(name: str, options: dict[str, str]) -> float:
    value = options.pop(name)
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise BadSmtpUrl(f"{name} is {value!r}; it must be a number of seconds above 0.")
    return seconds
