"""Everything about one response, as its page shows it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.accounts.models import Account
from feedback_app.errors import NotFound
from feedback_app.invitations.models import Event, Invitation
from feedback_app.people.models import Person
from feedback_app.responses.models import Response, ResponseVersion
from feedback_app.reviews.cursor import Cursor
from feedback_app.reviews.models import Note, Review, ReviewStatus
from feedback_app.scoring.metrics import Band, Tone
from feedback_app.staff.models import AuditEntry, StaffUser
from feedback_app.surveys.models import Survey


class Step(NamedTuple):
    """Something that happened on the way to the answer."""

    at: datetime
    text: str


class Piece(NamedTuple):
    """A stretch of a comment; the tone says that the tagger went by these words, None that it did not."""

    text: str
    tone: Tone | None


class Activity(NamedTuple):
    """What a member of staff did with the response; `note` is empty for all but a note."""

    at: datetime
    who: str
    text: str
    note: str


@dataclass(frozen=True)
class ResponseDetails:
    """One response and what stands around it."""

    response: Response
    survey: Survey
    person: Person | None
    account: Account | None
    owner: StaffUser | None
    invitation: Invitation | None
    event: Event | None
    review: Review | None
    versions: list[ResponseVersion]
    activity: list[Activity]

    @property
    def band(self) -> Band:
        return self.survey.metric.band_of(self.response.rating)

    @property
    def status(self) -> ReviewStatus:
        return ReviewStatus(self.review.status) if self.review else ReviewStatus.NEW

    @property
    def context(self) -> dict[str, Any]:
        """The support case as the mail knew it: topic, agent, team, interaction_id, url."""
        return self.invitation.context if self.invitation else {}

    @property
    def case_url(self) -> str:
        """The case in the helpdesk, if that is a web address."""
        url = str(self.context.get("url", ""))
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.response.position, self.response.created_at, self.response.id)

    @property
    def pieces(self) -> list[Piece]:
        """The comment, cut where the words are that its tag came from."""
        return list(marked(self.response.comment, self.response.evidence or []))

    @property
    def steps(self) -> list[Step]:
        """What happened up to the answer, in order."""
        return sorted(self._steps())

    def _steps(self) -> Iterator[Step]:
        if self.event and self.event.occurred_at:
            yield Step(self.event.occurred_at, "Support case closed")
        if invitation := self.invitation:
            yield Step(invitation.created_at, "Invitation scheduled")
            if invitation.sent_at:
                yield Step(invitation.sent_at, "Invitation sent")
            if invitation.state not in ("scheduled", "sending", "sent", "answered"):
                text = f"Invitation {invitation.state}"
                yield Step(
                    invitation.changed_at, f"{text}: {invitation.reason}" if invitation.reason else text
                )
        for version in self.versions:
            yield Step(version.at, self._said(version))
        if not self.versions:
            yield Step(self.response.created_at, f"Answered with {self.response.rating}")
        if self.response.tagged_at:
            yield Step(self.response.tagged_at, "Comment read by the tagger")

    def _said(self, version: ResponseVersion) -> str:
        told = f"Answered with {version.rating}"
        if version.comment is not None:
            told += " and a comment" if version.comment else " and no comment"
        return told if version.state == "confirmed" else f"{told} ({version.state})"


def response_details(session: Session, response_id: int) -> ResponseDetails:
    """The response with this id and all around it; raises NotFound."""
    found = session.execute(
        select(Response, Survey, Person, Account, StaffUser, Invitation, Event, Review)
        .join(Survey, Survey.id == Response.survey_id)
        .outerjoin(Person, Person.id == Response.person_id)
        .outerjoin(Account, Account.id == Person.account_id)
        .outerjoin(StaffUser, StaffUser.id == Account.owner_id)
        .outerjoin(Invitation, Invitation.id == Response.invitation_id)
        .outerjoin(Event, Event.id == Invitation.event_id)
        .outerjoin(Review, Review.response_id == Response.id)
        .where(Response.id == response_id)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no response {response_id}. It may have been erased.")
    versions = session.scalars(
        select(ResponseVersion)
        .where(ResponseVersion.response_id == response_id)
        .order_by(ResponseVersion.at, ResponseVersion.id)
    )
    return ResponseDetails(*found, versions=list(versions), activity=activity_on(session, response_id))


def response_id_of(session: Session, permalink: str) -> int:
    """The id behind a permalink; raises NotFound."""
    found = session.scalar(select(Response.id).where(Response.permalink == permalink))
    if found is None:
        raise NotFound("There is no response behind this link. It may have been erased.")
    return found


def activity_on(session: Session, response_id: int) -> list[Activity]:
    """Who of staff did what with the response, oldest first."""
    names = {user.id: user.display_name for user in session.scalars(select(StaffUser))}
    notes = {
        note.id: note.text for note in session.scalars(select(Note).where(Note.response_id == response_id))
    }
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "response", AuditEntry.subject_id == response_id)
        .order_by(AuditEntry.id)
    )
    return [
        Activity(
            entry.at,
            entry.detail.get("by") or names.get(entry.user_id or 0, "Somebody who has left"),
            told(entry, names),
            notes.get(entry.detail.get("note", 0), ""),
        )
        for entry in entries
    ]


def told(entry: AuditEntry, names: dict[int, str]) -> str:
    """The change in words."""
    to = entry.detail.get("to")
    if entry.action == "review.status":
        return f"set the status to {to}"
    if entry.action == "review.assignee":
        return (
            f"assigned it to {names.get(to, 'somebody who has left')}" if to else "took the assignment back"
        )
    if entry.action == "review.note":
        return "noted"
    return entry.action


def marked(comment: str, evidence: list[dict[str, Any]]) -> Iterator[Piece]:
    """The comment in pieces; words that are no longer where the tagger saw them are left unmarked."""
    at = 0
    for item in sorted(evidence, key=lambda item: item["start"]):
        start, end = item["start"], item["end"]
        if start < at or comment[start:end] != item["word"]:
            continue
        if start > at:
            yield Piece(comment[at:start], None)
        yield Piece(item["word"], "bad" if item["weight"] < 0 else "good")
        at = end
    if at < len(comment):
        yield Piece(comment[at:], None)
