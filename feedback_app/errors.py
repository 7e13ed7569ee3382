"""The family of things that can go wrong for a person, each with the page's status and its sentence.

A message says what happened, what became of the person's work and what to do next. Facts are attributes; one
error handler in `app.py` turns them into a status and a page, so no view needs a `try`.
"""

from datetime import datetime


class FeedbackError(Exception):
    """Something that its reader can act on. `status` is what the web answers with."""

    status = 400
    title = "That did not work"
    retry_after_seconds: int | None = None

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(FeedbackError):
    """Nothing is known under this name or link."""

    status = 404
    title = "Not found"


class Gone(FeedbackError):
    """It was here once and is closed for good."""

    status = 410
    title = "No longer open"


class Forbidden(FeedbackError):
    """Signed in, but this role may not do that."""

    status = 403
    title = "Not allowed"


class SignedOut(FeedbackError):
    """A form came whose sender is not signed in any more."""

    status = 400
    title = "Your session has ended"

    def __init__(self) -> None:
        super().__init__(
            "You were signed out after you opened the page, so nothing was saved. "
            "Sign in, open it again and send it anew."
        )


class Unauthorized(FeedbackError):
    """Who is asking could not be proven."""

    status = 401
    title = "Not authorised"


class Invalid(FeedbackError):
    """The input does not fit; nothing of it was stored."""

    status = 422
    title = "Please check what you entered"


class TooMany(FeedbackError):
    """Asked too often for now."""

    status = 429
    title = "Too many requests"
    retry_after_seconds = 60


class Unavailable(FeedbackError):
    """A passing fault: nothing was stored, the same request can be sent again."""

    status = 503
    title = "One moment"
    retry_after_seconds = 30

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message
            or "We could not save this just now, so nothing was stored. Please try again in half a minute."
        )


class DatabaseBusy(Unavailable):
    """The one writer of the database was not free in time."""


class LinkUnknown(NotFound):
    """A link that we did not make, or not in this form."""

    title = "We do not know this link"

    def __init__(self) -> None:
        super().__init__(
            "This link is not complete, so nothing was saved. Please open it again from the e-mail, or copy all of it."
        )


class LinkExpired(Gone):
    """An answer link that has outlived its time."""

    title = "This link has expired"

    def __init__(self, expired_at: datetime) -> None:
        self.expired_at = expired_at
        super().__init__(
            f"This link could be used until {expired_at:%-d %B %Y}, so nothing was saved. "
            "Reply to the e-mail to reach us."
        )
