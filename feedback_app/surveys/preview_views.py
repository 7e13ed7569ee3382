"""How a survey's mail looks: before it is saved, in one's own mailbox, and what a tap in a test leads to."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_limiter.util import get_remote_address
from flask_security import current_user

from feedback_app.access import anyone, staff
from feedback_app.app import limiter
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.errors import LinkUnknown
from feedback_app.http import STAFF_POLICY
from feedback_app.mail.headers import UnsafeHeader
from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.placeholders import Filling, Slots
from feedback_app.mail.results import MailTrouble
from feedback_app.mail.transports import transport_from
from feedback_app.staff.models import Role
from feedback_app.surveys.blueprint import SURVEY, bp, links, settings, survey_page, the_survey
from feedback_app.surveys.models import Survey
from feedback_app.surveys.pages import Look, plain_page
from feedback_app.surveys.preview import (
    Kind,
    Preview,
    Sample,
    changed_copy,
    draw_preview,
    mail_for_trying,
    sample_person,
)
from feedback_app.surveys.queries import survey_by_slug
from feedback_app.surveys.wording import best_language, words_for

# The mail stands in the page as an attribute and is drawn in a frame without scripts and of no origin; it inherits
# this policy, so its own styles must be let through, and nothing from elsewhere is.
PREVIEW_POLICY = STAFF_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
WIDTHS = {"desktop": 640, "phone": 375}


@bp.get(f"{SURVEY}/preview")
@staff(Role.VIEWER)
def preview(survey_id: int) -> ResponseReturnValue:
    survey = the_survey(survey_id)
    return preview_page(survey, {}, language=best_language(request.args.get("language"), survey.language))


@bp.post(f"{SURVEY}/test")
@staff(Role.LEAD)
@limiter.limit("20 per 10 minutes", key_func=get_remote_address)
def send_test(survey_id: int) -> ResponseReturnValue:
    """Mail the preview to whoever asks for it."""
    survey = the_survey(survey_id)
    sample = sample_of(best_language(request.form.get("language"), survey.language))
    to = Address(current_user.name, current_user.email)
    mail = mail_for_trying(drawn(survey, sample), survey, to, now())
    text, tone = send_now(mail)
    flash(text, tone)
    return redirect(url_for("surveys.preview", survey_id=survey_id, **as_query(sample)), 303)


@bp.get("/surveys/try/<slug>/<language>")
@anyone("a page without a form: it shows what the open link shows, and records nothing")
def try_out(slug: str, language: str) -> ResponseReturnValue:
    """Where the links of a test lead: what a tap would have chosen."""
    survey = survey_by_slug(db.session(), slug)
    if survey is None:
        raise LinkUnknown
    language = best_language(language, default=survey.language)
    words, rating = words_for(survey, language), request.args.get("rating", type=int)
    shown: dict[str, Any] = {"title": filled(words.question, language), "leaves": "leave" in request.args}
    if rating is not None and rating in survey.metric.scale.values:
        shown["chosen"] = words.spoken_labels[rating]
        shown["follow_up"] = filled(words.follow_up[survey.metric.band_of(rating).tone], language)
    return plain_page("surveys/try.html", Look(language, survey.brand, survey.accent), **shown)


def preview_page(survey: Survey, changes: dict[str, Any], *, language: str) -> ResponseReturnValue:
    """The mail with unsaved changes, if there are any; what it is to be shown for is in the address."""
    sample = sample_of(language)
    width = request.args.get("width", "")
    page = survey_page(
        "surveys/preview.html",
        survey,
        preview=drawn(changed_copy(survey, changes) if changes else survey, sample),
        sample=sample,
        query=as_query(sample),
        is_saved=not changes,
        width=width if width in WIDTHS else "desktop",
        widths=WIDTHS,
        has_outbox=not settings().smtp_url,
    )
    return page, {"Content-Security-Policy": PREVIEW_POLICY}


def send_now(mail: OutgoingMail) -> tuple[str, str]:
    """Hand the mail to the transport of the settings; what came of it, and whether that is good or bad."""
    transport = transport_from(settings().smtp_url, settings().outbox)
    try:
        transport.send(mail, before_final_dot=lambda: None)
    except MailTrouble as trouble:
        return f"The test was not sent. {trouble} feedback doctor looks into the mail server.", "bad"
    except (UnsafeHeader, OSError) as trouble:
        return f"The test was not sent. {trouble}", "bad"
    finally:
        transport.close()
    if not settings().smtp_url:
        return "The test is in the outbox, because no mail server is set.", "message"
    return f"The test was handed to the mail server, for {mail.to.address}.", "message"


def drawn(survey: Survey, sample: Sample) -> Preview:
    return draw_preview(survey, sample, try_url=try_url(survey, sample), mail_from=settings().mail_from)


def try_url(survey: Survey, sample: Sample) -> str:
    path = url_for("surveys.try_out", slug=survey.slug, language=sample.language)
    return f"{links().base_url}{path}"


def sample_of(language: str) -> Sample:
    """What the address (or the form) asks to see."""
    kind: Kind = "reminder" if request.values.get("kind") == "reminder" else "invitation"
    return Sample(language, kind, request.values.get("person") != "unknown")


def as_query(sample: Sample) -> dict[str, Any]:
    """The sample as the address of the preview has it."""
    return {
        "language": sample.language,
        "kind": sample.kind,
        "person": "known" if sample.is_known else "unknown",
    }


def filled(text: str, language: str) -> str:
    """A text with the sample's values."""
    slots = Slots()
    person = sample_person(Sample(language), "")
    values = {"name": person.name, "first_name": person.name.partition(" ")[0], **person.extras}
    return Filling(slots.mark_text(text), slots, str).fill(values)
