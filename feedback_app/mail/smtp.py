"""Mail over SMTP: one connection for each thread, kept open from message to message."""

import threading
from collections.abc import Callable

from feedback_app.mail.message import OutgoingMail
from feedback_app.mail.results import Accepted, TryLater
from feedback_app.mail.smtp_session import Letter, Session
from feedback_app.mail.smtp_settings import server_from


class SmtpTransport:
    """Sends through the server of a URL such as smtp://user:secret@mail.example.org:587."""

    def __init__(self, url: str) -> None:
        self._server = server_from(url)
        self._kept = threading.local()

    def send(self, mail: OutgoingMail, *, before_final_dot: Callable[[], None]) -> Accepted:
        """Hand over one message; see Transport. A kept connection that went stale is replaced without a word."""
        letter = Letter.of(mail)
        try:
            return self._session_for(letter).deliver(letter, before_final_dot)
        except BaseException:  # also what a worker is interrupted with: the next message needs a clean start
            session = self._session()
            if session is not None and not session.is_reset():
                self.close()
            raise

    def close(self) -> None:
        """Leave the server, as far as this thread is concerned."""
        session, self._kept.session = self._session(), None
        if session is not None:
            session.close()

    def _session_for(self, letter: Letter) -> Session:
        """A session in which the server waits for the letter's text."""
        kept = self._session()
        if kept is not None:
            try:
                kept.begin(letter)
            except TryLater as trouble:
                if not trouble.is_server_down:
                    raise
                self.close()  # it hung up while nobody was writing; nothing of the letter has reached it
            else:
                return kept
        session = self._kept.session = Session(self._server)
        session.begin(letter)
        return session

    def _session(self) -> Session | None:
        session: Session | None = getattr(self._kept, "session", None)
        return session
