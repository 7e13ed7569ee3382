"""Why an answer was not taken."""

from datetime import datetime

from feedback_app.errors import FeedbackError, Gone, TooMany


class SurveyClosed(Gone):
    """The survey takes no more answers."""

    title = "This survey is closed"

    def __init__(self, closed_at: datetime | None) -> None:
        self.closed_at = closed_at
        on = f" on {closed_at:%-d %B %Y}" if closed_at else ""
        super().__init__(f"This survey was closed{on}, so it takes no more answers and nothing was saved.")


class AlreadyReceived(FeedbackError):
    """There is a confirmed answer, and the time for changing it is over. Not a fault of the person: 200."""

    status = 200
    title = "We have your answer, thank you"

    def __init__(self) -> None:
        super().__init__(
            "Your answer has been received, and the time for changing it is over. What you sent just now was not saved."
        )


class ChangedTooOften(TooMany):
    """More versions of one answer than a person makes; the last one before it holds."""

    title = "That was a little often"
    retry_after_seconds = 3600

    def __init__(self) -> None:
        super().__init__(
            "This answer was changed very often, so the last change was not saved. The one before it is."
        )
