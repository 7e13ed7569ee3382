"""A survey's mail as one person would get it, with made-up values; and the test mail that staff send themselves."""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import inspect

from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.survey import PersonValues, Rendered, compile_survey_mail
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey

Kind: TypeAlias = Literal["invitation", "reminder"]

TEST_MARK = "[Test]"
_TOPICS = {
    "en": "Export to Excel",
    "es": "Exportar a Excel",
    "de": "Export nach Excel",
    "fr": "Export vers Excel",
}


@dataclass(frozen=True, slots=True)
class Sample:
    """What the preview shows: for whom, in which language, which of the two mails."""

    language: str
    kind: Kind = "invitation"
    is_known: bool = True  # whether name and case of the person are known


@dataclass(frozen=True, slots=True)
class Preview:
    """A rendered mail and the line that a mailbox shows of it."""

    sender_name: str
    sender_address: str
    mail: Rendered


def draw_preview(survey: Survey, sample: Sample, *, try_url: str, mail_from: str) -> Preview:
    """The mail of the survey as it stands, saved or not; all its links lead to `try_url`, which records nothing."""
    content = content_of(survey, sample.language, is_reminder=sample.kind == "reminder")
    compiled = compile_survey_mail(content)
    rendered = compiled.render(sample_person(sample, try_url))
    return Preview(compiled.sender_name, survey.sender_address or mail_from, rendered)


def sample_person(sample: Sample, try_url: str) -> PersonValues:
    """Somebody who does not exist."""
    known = {
        "agent": "Maya",
        "company": "Harrow & Finch",
        "topic": _TOPICS.get(sample.language, _TOPICS["en"]),
    }
    return PersonValues(
        name="Dana Whitfield" if sample.is_known else "",
        answer_url=try_url,
        unsubscribe_url=f"{try_url}?leave=1",
        trap_url=try_url,
        extras=known if sample.is_known else {},
    )


def changed_copy(survey: Survey, changes: dict[str, Any]) -> Survey:
    """The survey with unsaved changes, as an object of its own that no session knows."""
    columns = {column.key: getattr(survey, column.key) for column in inspect(Survey).column_attrs}
    return Survey(**columns | changes)


def mail_for_trying(preview: Preview, survey: Survey, to: Address, now: datetime) -> OutgoingMail:
    """The mail for a member of staff: marked as a test, and without a List-Unsubscribe that would end nothing."""
    rendered = replace(preview.mail, subject=f"{TEST_MARK} {preview.mail.subject}")
    sender = preview.sender_address
    return OutgoingMail(
        message_id=f"<test.{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>",
        envelope_from=sender,
        sender=Address(preview.sender_name, sender),
        reply_to=Address("", survey.reply_to) if survey.reply_to else None,
        to=to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=(("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All")),
        date=now,
    )
