"""The two kinds of mail that ask people: the invitation, and the one reminder of it. Both are sent by the same code."""

from enum import StrEnum

from sqlalchemy import Table

from feedback_app.invitations.models import Invitation, Reminder


class Kind(StrEnum):
    """What a mail is; the value stands in its Message-ID."""

    SURVEY = "survey"
    REMINDER = "reminder"

    @property
    def model(self) -> type[Invitation] | type[Reminder]:
        return Reminder if self is Kind.REMINDER else Invitation

    @property
    def table(self) -> Table:
        """For Core statements: the ORM would cost as much as a commit."""
        table: Table = self.model.__table__  # type: ignore[assignment]
        return table
