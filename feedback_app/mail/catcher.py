"""The built-in catcher: mail that would have gone out, as files in a folder, to be looked at on /outbox."""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from feedback_app.mail.message import OutgoingMail, as_bytes
from feedback_app.mail.results import Accepted, TryLater

_KEY = re.compile(r"[0-9a-f]{32}")


class MailNotCaught(LookupError):
    """No such mail is in the folder."""


@dataclass(frozen=True, slots=True)
class CaughtMail:
    """A caught mail at a glance."""

    key: str
    sender: str
    to: str
    subject: str
    date: datetime


@dataclass(frozen=True, slots=True)
class OpenedMail:
    """A caught mail in full; `html` is empty for a mail without."""

    summary: CaughtMail
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    raw: bytes


class CatcherTransport:
    """Keeps each mail in a file named after its Message-ID, so that sending one again does not double it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, mail: OutgoingMail, *, before_final_dot: Callable[[], None]) -> Accepted:
        """Put the mail into the folder; see Transport. Renaming the finished file is the final dot."""
        draft = self._draft(as_bytes(mail), mail.date)
        key = sha256(mail.message_id.encode()).hexdigest()[:32]
        try:
            before_final_dot()
            self._publish(draft, f"{key}.eml")
        finally:
            draft.unlink(missing_ok=True)
        return Accepted(f"250 caught as {key}")

    def close(self) -> None:
        """Nothing is kept open."""

    def _draft(self, data: bytes, date: datetime) -> Path:
        with _needing_the_folder():
            self._folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".draft", delete=False) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.utime(file.name, (date.timestamp(), date.timestamp()))  # what the list is ordered by
            return Path(file.name)

    def _publish(self, draft: Path, name: str) -> None:
        with _needing_the_folder():
            draft.replace(self._folder / name)
            handle = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def list_caught(folder: Path, limit: int, before: str | None = None) -> list[CaughtMail]:
    """The newest mails of the folder, or the newest of those older than the mail `before`."""
    places = sorted(_places(folder), reverse=True)
    if before is not None:
        place = next((place for place in places if place[1] == before), None)
        places = [other for other in places if place is not None and other < place]
    return [_summary(key, (folder / f"{key}.eml").read_bytes()) for _, key in places[:limit]]


def read_caught(folder: Path, key: str) -> OpenedMail:
    """One caught mail in full; raises MailNotCaught, also for a key that tries to leave the folder."""
    if not _KEY.fullmatch(key):
        raise MailNotCaught(key)
    try:
        raw = (folder / f"{key}.eml").read_bytes()
    except FileNotFoundError:
        raise MailNotCaught(key) from None
    message = message_from_bytes(raw, policy=policy.default)
    assert isinstance(message, EmailMessage)  # what this policy makes
    return OpenedMail(
        summary=_summary(key, raw),
        headers=tuple((name, str(value)) for name, value in message.items()),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        raw=raw,
    )


@contextlib.contextmanager
def _needing_the_folder() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TryLater("The folder of the mail catcher cannot be written", is_server_down=True) from error


def _places(folder: Path) -> Iterator[tuple[int, str]]:
    """Time and key of each mail; drafts and other files are none."""
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            key = entry.name.removesuffix(".eml")
            if key != entry.name and _KEY.fullmatch(key):
                yield entry.stat().st_mtime_ns, key


def _summary(key: str, raw: bytes) -> CaughtMail:
    headers = BytesHeaderParser(policy=policy.default).parsebytes(raw)
    return CaughtMail(
        key=key,
        sender=str(headers["From"]),
        to=str(headers["To"]),
        subject=str(headers["Subject"]),
        date=headers["Date"].datetime,
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
