"""Every message that this product sends, as it goes out: what the golden files and the checks of quality read.

Names say kind, metric and language. Each metric and language occurs, and what asks about support does too.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from typing import Any

from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.plain import render_plain_mail
from feedback_app.mail.survey import SurveyMail, compile_survey_mail
from feedback_app.mail.tracing import message_id, survey_headers
from feedback_app.scoring.metrics import METRICS
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey
from feedback_app.surveys.preview import Sample, draw_preview, mail_for_trying
from feedback_app.surveys.wording import LANGUAGES
from tests.unit.mail.contents import ALL, DANA

BASE = "https://surveys.example.org"
AT = datetime(2026, 11, 20, 15, 45, tzinfo=UTC)
SENDER = Address("Northlight", "surveys@example.org")
STAFF = Address("Maya", "maya@example.org")


@dataclass(frozen=True)
class Message:
    """One mail, the language that it must be told to be in, and the ratings that it offers."""

    mail: OutgoingMail
    language: str
    direction: str = "ltr"
    ratings: int = 0


def survey(key: str, points: int, **given: Any) -> Survey:
    """A survey of the tests that no database knows."""
    usual = {
        "metric_key": key,
        "points": points,
        "brand": "Northlight",
        "slug": "northlight",
        "accent": "#3b5bdb",
        "wording": {},
        "about": "brand",
        "sender_name": "",
        "sender_address": "",
        "reply_to": "",
        "postal_address": "Northlight Ltd\n12 Harbour Street, Dublin",
    }
    return Survey(**usual | given)


def of_survey(content: SurveyMail) -> Message:
    """The mail of an invitation, with the headers that it goes out with."""
    rendered = compile_survey_mail(content).render(DANA)
    mail = OutgoingMail(
        message_id=message_id(31, "survey", "surveys.example.org", "secret"),
        envelope_from=SENDER.address,
        sender=SENDER,
        reply_to=None,
        to=Address("Dana Whitfield", "dana@example.com"),
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=survey_headers(DANA.unsubscribe_url, 31),
        date=AT,
    )
    return Message(mail, content.language, content.direction, len(content.choices))


def sign_in(purpose: str) -> Message:
    rendered = render_plain_mail(
        "sign_in",
        brand="Feedback",
        address=STAFF.address,
        link=f"{BASE}/login/Zk3vQ1n8xZr7YwPq0bTe4A",
        expires="16:45 UTC",
        purpose=purpose,
    )
    mail = OutgoingMail(
        message_id="<0123456789abcdef@example.org>",
        envelope_from=SENDER.address,
        sender=Address("Feedback", SENDER.address),
        reply_to=None,
        to=STAFF,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=(("Auto-Submitted", "auto-generated"),),
        date=AT,
    )
    return Message(mail, "en")


def endpoint_paused() -> Message:
    rendered = render_plain_mail(
        "endpoint_paused",
        brand="Feedback",
        endpoint="Data warehouse",
        reason="It answered 500.",
        link=f"{BASE}/settings/webhooks/3",
    )
    mail = OutgoingMail(
        message_id="<0123456789abcdef@example.org>",
        envelope_from=SENDER.address,
        sender=Address("Feedback", SENDER.address),
        reply_to=None,
        to=STAFF,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=(("Auto-Submitted", "auto-generated"),),
        date=AT,
    )
    return Message(mail, "en")


def trial_of(asked: Survey, language: str) -> Message:
    preview = draw_preview(
        asked,
        Sample(language, "reminder"),
        try_url=f"{BASE}/surveys/try/northlight/{language}",
        mail_from=SENDER.address,
    )
    mail = mail_for_trying(preview, asked, STAFF, AT)
    return Message(replace(mail, message_id="<test@example.org>"), language, "ltr", asked.points)


@cache
def every_message() -> dict[str, Message]:
    found = {f"style-{name}": of_survey(content) for name, content in ALL.items()}
    languages = cycle(LANGUAGES)
    for metric, language in zip(METRICS, languages, strict=False):
        content = content_of(survey(metric.key, metric.points), language)
        found[f"survey-{metric.key}{metric.points}-{language}"] = of_survey(content)
    for (key, points), language in zip(ABOUT_SUPPORT, languages, strict=False):
        content = content_of(survey(key, points, about="support", accent="#f0b400"), language)
        found[f"support-{key}{points}-{language}"] = of_survey(content)
    for language in LANGUAGES:
        content = content_of(survey("ces", 7, about="support"), language, is_reminder=True)
        found[f"reminder-{language}"] = of_survey(content)
    for purpose in ("sign_in", "reset_password"):
        found[purpose.replace("_", "-")] = sign_in(purpose)
    found["endpoint-paused"] = endpoint_paused()
    found["test-de"] = trial_of(survey("csat", 5, about="support"), "de")
    return found


ABOUT_SUPPORT = (
    ("thumbs", 2),
    ("smileys", 5),
    ("stars", 5),
    ("csat", 5),
    ("csat", 3),
    ("ces", 7),
)
GOLDEN = [name for name in every_message() if not name.startswith("style-")]  # those have files already
