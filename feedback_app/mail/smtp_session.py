"""One connection to an SMTP server, and what each of its answers means for the message at hand."""

import contextlib
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from feedback_app.mail.message import OutgoingMail, as_bytes, envelope_addresses
from feedback_app.mail.results import (
    SENDER_STATUSES,
    Accepted,
    MailTrouble,
    Refused,
    SenderTrouble,
    TryLater,
    Unknown,
)
from feedback_app.mail.smtp_settings import Server

_CRLF = b"\r\n"
_UNAVAILABLE = 421  # the server is about to hang up
_LOGIN_NEEDED = frozenset({530, 534, 535, 538})


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as SMTP wants it: an envelope, and lines of which none is a lone dot."""

    sender: str
    recipient: str
    data: bytes

    @classmethod
    def of(cls, mail: OutgoingMail) -> "Letter":
        """The letter of a mail; raises UnsafeHeader."""
        sender, recipient = envelope_addresses(mail)
        return cls(sender, recipient, as_bytes(mail).replace(b"\r\n.", b"\r\n.."))

    @property
    def needs_utf8(self) -> bool:
        """Whether an address cannot be written in ASCII (RFC 6531)."""
        return not (self.sender.isascii() and self.recipient.isascii() and self.data.isascii())


class Session:
    """A connection that has been greeted, encrypted and logged in; raises SenderTrouble or TryLater otherwise."""

    def __init__(self, server: Server) -> None:
        self._timeouts = server.timeouts
        self._in_data = False  # the server takes whatever comes for the text of a message
        self._smtp = _connected(server)
        try:
            _send_at_once(self._smtp)
            _log_in(self._smtp, server)
        except BaseException:
            self._smtp.close()
            raise
        self._offers = self._smtp.esmtp_features

    def begin(self, letter: Letter) -> None:
        """Get the server to wait for the letter's text; raises what it says against it."""
        self._check(letter)
        trouble: MailTrouble | None = None
        commands = (self._mail_command(letter), b"RCPT TO:<" + letter.recipient.encode() + b">", b"DATA")
        try:
            if self._has_spoken():
                raise TryLater("The mail server hung up", is_server_down=True)
            for command, (code, text) in zip(commands, self._answers(commands), strict=False):
                self._in_data = command == b"DATA" and code == 354
                trouble = trouble or _trouble_at(command[:4].decode(), code, text)
                if trouble and not self._pipelines:
                    break
            if trouble and self._in_data:  # RFC 2920, 3.1: it waits for a text that has nobody to go to
                self._smtp.send(b"." + _CRLF)
                self._answer()
                self._in_data = False
        except OSError as error:
            raise TryLater("The connection to the mail server broke", is_server_down=True) from error
        if trouble:
            raise trouble

    def deliver(self, letter: Letter, before_final_dot: Callable[[], None]) -> Accepted:
        """Send the text; then everything hangs on the final dot, so `before_final_dot` comes first."""
        try:
            self._smtp.send(letter.data)
        except OSError as error:
            raise TryLater("The connection to the mail server broke", is_server_down=True) from error
        self._check_still_listening()
        before_final_dot()
        self._check_still_listening()
        code, text = self._final_answer()
        if not 200 <= code <= 599 or 300 <= code <= 399:
            raise Unknown("The mail server's answer to the message makes no sense", code=code, text=text)
        trouble = _trouble_at("final dot", code, text)
        if trouble:
            raise trouble
        return Accepted(f"{code} {text}")

    def is_reset(self) -> bool:
        """Whether the connection is fit for another message, after forgetting a half-told one."""
        if self._in_data or self._smtp.sock is None:
            return False
        try:
            return self._smtp.rset()[0] == 250
        except OSError:
            return False

    def close(self) -> None:
        """Hang up, politely where the server can tell."""
        if not self._in_data and self._smtp.sock is not None:
            with contextlib.suppress(OSError):
                self._smtp.sock.settimeout(1)
                self._smtp.send(b"QUIT" + _CRLF)
        self._smtp.close()

    @property
    def _pipelines(self) -> bool:
        return "pipelining" in self._offers

    def _check(self, letter: Letter) -> None:
        """Find out here what the server could only refuse."""
        if letter.needs_utf8 and "smtputf8" not in self._offers:
            raise Refused(
                "The mail server cannot send to this address", code=550, text="5.6.7 SMTPUTF8 not offered"
            )
        limit = self._offers.get("size", "")
        if limit.isdecimal() and 0 < int(limit) < len(letter.data):
            raise Refused("The message is larger than the mail server takes", code=552, text="5.3.4 too big")

    def _mail_command(self, letter: Letter) -> bytes:
        options = b" SIZE=%d" % len(letter.data) if "size" in self._offers else b""
        if letter.needs_utf8:
            options += b" BODY=8BITMIME SMTPUTF8"
        return b"MAIL FROM:<" + letter.sender.encode() + b">" + options

    def _answers(self, commands: tuple[bytes, ...]) -> Iterator[tuple[int, str]]:
        """The answers to the commands: all sent in one go where the server allows that, which saves two round trips."""
        if self._pipelines:
            self._smtp.send(b"".join(command + _CRLF for command in commands))
        for command in commands:
            if not self._pipelines:
                self._smtp.send(command + _CRLF)
            yield self._answer()

    def _answer(self) -> tuple[int, str]:
        code, text = self._smtp.getreply()
        return code, text.decode("utf-8", "replace")

    def _final_answer(self) -> tuple[int, str]:
        try:
            self._wait_at_most(self._timeouts.final)
            self._smtp.send(b"." + _CRLF)
            answer = self._answer()
            self._in_data = False
            self._wait_at_most(self._timeouts.reply)
        except OSError as error:
            raise Unknown("The mail server did not answer to the whole message") from error
        return answer

    def _check_still_listening(self) -> None:
        if self._has_spoken():
            raise TryLater("The mail server hung up in the middle of the message", is_server_down=True)

    def _has_spoken(self) -> bool:
        """Whether the server has hung up or said something unasked; it is our turn to speak."""
        sock = self._smtp.sock
        if sock is None:
            return True
        try:
            sock.settimeout(0)
            sock.recv(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                sock.settimeout(self._timeouts.reply)
        return True

    def _wait_at_most(self, seconds: float) -> None:
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(seconds)


def _connected(server: Server) -> smtplib.SMTP:
    try:
        if server.is_tls:
            return smtplib.SMTP_SSL(
                server.host,
                server.port,
                timeout=server.timeouts.connect,
                context=ssl.create_default_context(),
            )
        return smtplib.SMTP(server.host, server.port, timeout=server.timeouts.connect)
    except ssl.SSLError as error:
        raise SenderTrouble(
            f"No safe connection to the mail server: {error.reason or 'TLS failed'}"
        ) from error
    except smtplib.SMTPConnectError as error:
        raise _refusal("The mail server does not talk to us", error) from error
    except OSError as error:
        raise TryLater("The mail server cannot be reached", is_server_down=True) from error


def _send_at_once(smtp: smtplib.SMTP) -> None:
    """Without this the final dot would wait 40 ms for the text before it to be acknowledged (Nagle)."""
    if smtp.sock is not None:
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _log_in(smtp: smtplib.SMTP, server: Server) -> None:
    try:
        if smtp.sock is not None:
            smtp.sock.settimeout(server.timeouts.reply)
        smtp.ehlo_or_helo_if_needed()
        if not server.is_tls and _wants_starttls(smtp, server):
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
    except ssl.SSLError as error:
        raise SenderTrouble(
            f"No safe connection to the mail server: {error.reason or 'TLS failed'}"
        ) from error
    except smtplib.SMTPServerDisconnected as error:
        raise TryLater("The mail server hung up", is_server_down=True) from error
    except smtplib.SMTPAuthenticationError as error:
        raise SenderTrouble("The mail server refused our name or password", code=error.smtp_code) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal("The mail server refused to begin", error) from error
    except (smtplib.SMTPException, UnicodeError) as error:
        raise SenderTrouble("The mail server offers no way of logging in that we can use") from error
    except OSError as error:
        raise TryLater("The connection to the mail server broke", is_server_down=True) from error


def _wants_starttls(smtp: smtplib.SMTP, server: Server) -> bool:
    is_offered = smtp.has_extn("starttls")
    if server.starttls == "required" and not is_offered:
        raise SenderTrouble("The mail server offers no encryption (STARTTLS), and starttls=required")
    return is_offered and server.starttls != "off"


def _refusal(what: str, error: smtplib.SMTPResponseException) -> MailTrouble:
    raw = error.smtp_error
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else str(raw)
    if 500 <= error.smtp_code <= 599:
        return SenderTrouble(what, code=error.smtp_code, text=text)
    return TryLater(what, code=error.smtp_code, text=text, is_server_down=True)


def _trouble_at(step: str, code: int, text: str) -> MailTrouble | None:
    """What an answer to MAIL, RCPT, DATA or the final dot means; None if all is well."""
    if code == 354 if step == "DATA" else 200 <= code <= 299:
        return None
    if 500 <= code <= 599:
        refusal = Refused("The mail server refused the message", code=code, text=text)
        if _is_about_us(step, refusal):
            return SenderTrouble("The mail server refused our sender", code=code, text=text)
        return refusal
    is_down = code == _UNAVAILABLE or not 400 <= code <= 499
    return TryLater(
        "The mail server cannot take the message now", code=code, text=text, is_server_down=is_down
    )


def _is_about_us(step: str, refusal: Refused) -> bool:
    """Whether the sender was refused and not the message; Postfix waits with that until RCPT."""
    if refusal.code in _LOGIN_NEEDED or refusal.enhanced in SENDER_STATUSES:
        return True
    if step == "RCPT":
        return refusal.code == 553 and refusal.enhanced == "5.7.1"
    return (
        step == "MAIL" and refusal.code != 552 and refusal.enhanced != "5.3.4"
    )  # 552: this message is too big
