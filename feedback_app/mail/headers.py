"""Header lines of outgoing mail: refused when unsafe, encoded when not ASCII, folded only where that does no harm."""

import re
from binascii import b2a_base64
from functools import lru_cache

import idna

LONGEST_LINE = 998  # RFC 5322, 2.1.1
_WORD_BYTES = (
    39  # of text in an encoded word: with "Reply-To: " before it the line stays below 76 (RFC 2047, 2)
)
_LONGEST_QUOTED_NAME = 200

_BREAKS = re.compile(r"[\r\n\0]")
_PLAIN = re.compile(r"[!-~]+(?: [!-~]+)*")
_PLAIN_NAME = re.compile(r"[\w!#$%&'*+/=?^`{|}~-]+(?: [\w!#$%&'*+/=?^`{|}~-]+)*", re.ASCII)
_ADDRESS = re.compile(
    r"(?P<local>[^\s\x00-\x20\x7f-\x9f()<>\[\]\\,;:\"@]{1,64})@(?P<domain>[^\s\x00-\x20\x7f-\x9f()<>\[\]\\,;:\"@]{1,253})"
)
_NAME = re.compile(r"[!-9;-~]+")


class UnsafeHeader(ValueError):
    """A header would not be what it says, for example because of a line break in a name; nothing was written.

    The value is left out of the message: it is somebody's name or address.
    """

    def __init__(self, header: str, reason: str) -> None:
        super().__init__(f"The header {header!r} was not written: {reason}.")
        self.header = header
        self.reason = reason


def text_line(header: str, text: str) -> str:
    """The line(s) of a header whose value is free text, such as Subject."""
    _refuse_breaks(header, text)
    if _is_plain(text) and len(header) + 2 + len(text) <= LONGEST_LINE:
        return f"{header}: {text}"
    return f"{header}: {encoded_words(text)}" if text else f"{header}:"


def exact_line(header: str, value: str) -> str:
    """The one line of a header that machines read: neither folded nor encoded, else refused.

    Mailbox providers look for List-Unsubscribe as it stands; folded or encoded, one-click is dead.
    """
    if not _NAME.fullmatch(header):
        raise UnsafeHeader(header, "that is no name of a header")
    _refuse_breaks(header, value)
    if not _PLAIN.fullmatch(value):
        raise UnsafeHeader(header, "its value must be printable ASCII")
    if len(header) + 2 + len(value) > LONGEST_LINE:
        raise UnsafeHeader(header, f"its line would be longer than {LONGEST_LINE} characters")
    return f"{header}: {value}"


def mailbox_line(header: str, name: str, address: str) -> str:
    """The line(s) of a header with one mailbox, such as From: `Ann "X" <ann@example.org>` properly quoted."""
    _refuse_breaks(header, name)
    spec = ascii_domain(header, address)
    name = " ".join(name.split())  # mail readers collapse blanks too
    if not name:
        return f"{header}: {spec}"
    if _PLAIN_NAME.fullmatch(name) and "=?" not in name and len(name) <= _LONGEST_QUOTED_NAME:
        return f"{header}: {name} <{spec}>"
    if _is_plain(name) and len(name) <= _LONGEST_QUOTED_NAME:
        quoted = name.replace("\\", "\\\\").replace('"', '\\"')
        return f'{header}: "{quoted}" <{spec}>'
    return f"{header}: {encoded_words(name)}\r\n <{spec}>"


def ascii_domain(header: str, address: str) -> str:
    """The address with its domain in ASCII; raises UnsafeHeader for what could be read as more than one address."""
    parts = _ADDRESS.fullmatch(address)
    if parts is None:
        raise UnsafeHeader(header, "its address is not one that can be written safely")
    if address.isascii():
        return address
    return f"{_well_formed(parts['local'])}@{_idna(header, parts['domain'])}"


def encoded_words(text: str) -> str:
    """The text as RFC 2047 words, one to a line, none of them splitting a character."""
    data = text.encode("utf-8", "replace")
    words = []
    while data:
        cut = _character_boundary(data, _WORD_BYTES)
        words.append(f"=?utf-8?b?{b2a_base64(data[:cut], newline=False).decode()}?=")
        data = data[cut:]
    return "\r\n ".join(words)


def _is_plain(text: str) -> bool:
    # Inner runs of spaces and "=?" would not come back as they went in.
    return "=?" not in text and _PLAIN.fullmatch(text) is not None


def _refuse_breaks(header: str, value: str) -> None:
    if _BREAKS.search(value):
        raise UnsafeHeader(header, "its value contains a line break or NUL")


def _character_boundary(data: bytes, wanted: int) -> int:
    if len(data) <= wanted:
        return len(data)
    while data[wanted] & 0xC0 == 0x80:  # inside a UTF-8 sequence
        wanted -= 1
    return wanted


def _well_formed(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=1024)
def _idna(header: str, domain: str) -> str:
    try:
        # The codec of the standard library is IDNA 2003: it would send mail for straße.de to strasse.de.
        return idna.encode(domain, uts46=True).decode()
    except idna.IDNAError as error:
        raise UnsafeHeader(header, "the domain of its address cannot be written in ASCII") from error
