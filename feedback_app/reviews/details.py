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
from feedback_app.scoring.metrics import Band
from feedback_app.staff.models import AuditEntry, StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.tagging.looking import look_reason
from feedback_app.tagging.marking import Piece, marked
from feedback_app.tagging.queries import who_judged
from feedback_app.tagging.verdicts import PERSON
from feedback_app.themes.models import Theme
from feedback_app.themes.queries import ThemeOf, themes_of


class Step(NamedTuple):
    """Something that happened on the way to the answer."""

    at: datetime
    text: str


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
    themes: list[ThemeOf]
    judged_by: str  # who has spoken about the sentiment, if it is a person's

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

    def theme(self, theme_id: int | None) -> ThemeOf | None:
        """The comment's theme of this number."""
        return next((one for one in self.themes if one.theme_id == theme_id), None)

    def pieces(self, theme: ThemeOf | None = None) -> list[Piece]:
        """The comment, cut where the words are that its tag came from, and those about the theme."""
        about = theme.spans if theme else ()
        return list(marked(self.response.comment, self.response.evidence or [], about))

    @property
    def said_by(self) -> str:
        """Whose word the sentiment is, if it is a person's."""
        if not self.judged_by:
            return ""
        taggers = self.response.tagger_sentiment
        if taggers is None:
            return f"read by {self.judged_by}"
        return f"{'confirmed' if self.response.sentiment == taggers else 'corrected'} by {self.judged_by}"

    @property
    def look_reason(self) -> str:
        """Why to look twice, if nobody has yet."""
        open_one = self.response.look_twice if self.response.looked_at is None else None
        return look_reason(open_one, self.response.rating) if open_one else ""

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
    is_a_persons = found[0].sentiment_source == PERSON
    return ResponseDetails(
        *found,
        versions=list(versions),
        activity=activity_on(session, response_id),
        themes=themes_of(session.connection(), [response_id]).get(response_id, []),
        judged_by=who_judged(session, response_id) if is_a_persons else "",
    )


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
    themes = {theme.id: theme.name for theme in session.scalars(select(Theme))}
    entries = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == "response", AuditEntry.subject_id == response_id)
        .order_by(AuditEntry.id)
    )
    return [
        Activity(
            entry.at,
            entry.detail.get("by") or names.get(entry.user_id or 0, "Somebody who has left"),
            told(entry, names, themes),
            notes.get(entry.detail.get("note", 0), ""),
        )
        for entry in entries
    ]


def told(entry: AuditEntry, names: dict[int, str], themes: dict[int, str]) -> str:
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
    if entry.action == "tag.looked":
        return "looked twice and found it fine"
    if entry.action == "tag.sentiment":
        return told_sentiment(entry.detail)
    if entry.action == "tag.theme":
        name = themes.get(entry.detail["theme"], "that is gone")
        return f"{'added' if to == 'yes' else 'took away'} the theme {name}"
    return entry.action


def told_sentiment(detail: dict[str, Any]) -> str:
    """What somebody said about the sentiment, in words."""
    before, to, source = detail.get("from"), detail.get("to"), detail.get("source")
    if source != PERSON:
        return f"took the correction back: {to or 'not judged'}"
    return f"confirmed the sentiment {to}" if before == to else f"corrected the sentiment to {to}"
