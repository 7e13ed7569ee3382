"""What a survey's mail says: the words of the survey as the mail's template wants them."""

from dataclasses import replace

from feedback_app.mail.survey import Choice, SurveyMail
from feedback_app.surveys.models import Survey
from feedback_app.surveys.special import NOTHING_SPECIAL, Special
from feedback_app.surveys.wording import Words, words_for


def content_of(
    survey: Survey, language: str, *, is_reminder: bool = False, special: Special = NOTHING_SPECIAL
) -> SurveyMail:
    """What the survey's mail says in a language; a reminder has a subject and an intro of its own."""
    content = _usual_content(survey, words_for(survey, language, special.product), is_reminder=is_reminder)
    if is_reminder or not (special.subject or special.intro):
        return content
    return replace(
        content,
        subject=special.subject or content.subject,
        intro=special.intro or content.intro,
        plain=frozenset(name for name in ("subject", "intro") if getattr(special, name)),
    )


def _usual_content(survey: Survey, words: Words, *, is_reminder: bool) -> SurveyMail:
    scale, metric = survey.metric.scale, survey.metric
    return SurveyMail(
        language=words.language,
        direction=words.direction,
        brand=words.brand,
        sender_name=sender_name_of(survey, words),
        accent=survey.accent,
        subject=words.reminder_subject if is_reminder else words.subject,
        preheader=words.preheader,
        greeting=words.greeting,
        intro=words.reminder_intro if is_reminder else words.intro,
        question=words.question,
        choices=tuple(
            Choice(rating, words.choice_labels[rating], metric.band_of(rating).tone)
            for rating in scale.values
        ),
        style=words.style,
        low_label=words.low_label,
        high_label=words.high_label,
        footer=(words.footer_reason, *survey.postal_address.splitlines()),
        unsubscribe_label=words.unsubscribe,
        browser_label=words.open_in_browser,
        choose_label=words.choose,
        reference_marks=(words.reference,),
    )


def sender_name_of(survey: Survey, words: Words) -> str:
    """Who the mail is from in this language: as the wording says, else as the survey says, else the brand."""
    return " ".join((words.sender_name or survey.sender_name or words.brand).split())
