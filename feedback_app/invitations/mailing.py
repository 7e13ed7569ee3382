"""From an invitation or its reminder to a mail: the survey's words compiled once, the person's values filled in."""

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from feedback_app.config import Settings
from feedback_app.invitations.due import Due
from feedback_app.invitations.kinds import Kind
from feedback_app.links import Links
from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.survey import CompiledMail, PersonValues, compile_survey_mail
from feedback_app.mail.tracing import bounce_address, message_id, provider_headers, survey_headers
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey
from feedback_app.surveys.special import Special, special_of
from feedback_app.surveys.wording import best_language

MOST_COMPILED = 500
_EXTRAS = ("agent", "company", "topic")


class Mailing:
    """Makes the mails of one installation; `survey` loads a survey by its id when its mail is compiled."""

    def __init__(self, settings: Settings, links: Links, survey: Callable[[int], Survey]) -> None:
        self._settings = settings
        self._links = links
        self._survey = survey
        self._smtp_host = urlsplit(settings.smtp_url).hostname or ""
        self._compiled: dict[tuple[Kind, int, int, str, Special], CompiledMail] = {}

    def mail(self, due: Due, now: datetime) -> OutgoingMail:
        """The mail of one invitation or reminder; its Message-ID and links are the same at every attempt.

        A reminder carries the invitation's links and bounce address, and follows its mail in one thread.
        """
        assert due.email is not None  # one without an address is not claimed
        sender = due.sender_address or self._settings.mail_from
        asked = due.invitation_id
        unsubscribe_url = self._links.unsubscribe(asked)
        compiled = self._compiled_for(due)
        rendered = compiled.render(
            PersonValues(
                name=due.name,
                answer_url=self._links.answer(asked),
                unsubscribe_url=unsubscribe_url,
                trap_url=self._links.trap(asked),
                extras={name: due.context[name] for name in _EXTRAS if name in due.context},
            )
        )
        return OutgoingMail(
            message_id=self._message_id(asked, due.kind, sender),
            envelope_from=self._envelope_from(asked, sender),
            sender=Address(compiled.sender_name, sender),
            reply_to=Address("", due.reply_to) if due.reply_to else None,
            to=Address(due.name, due.email),
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            headers=self._headers(due, unsubscribe_url, sender),
            date=now,
        )

    def _message_id(self, invitation_id: int, kind: Kind, sender: str) -> str:
        secret = self._settings.secret_keys[-1]
        return message_id(invitation_id, kind, sender.rpartition("@")[2], secret)

    def _headers(self, due: Due, unsubscribe_url: str, sender: str) -> tuple[tuple[str, str], ...]:
        usual = survey_headers(unsubscribe_url, due.invitation_id)
        usual += provider_headers(self._smtp_host, due.invitation_id)
        if due.kind is Kind.SURVEY:
            return usual
        first = self._message_id(due.invitation_id, Kind.SURVEY, sender)
        return (*usual, ("In-Reply-To", first), ("References", first))

    def _envelope_from(self, invitation_id: int, sender: str) -> str:
        domain, secret = self._settings.bounce_domain, self._settings.secret_keys[-1]
        return bounce_address(invitation_id, domain, secret) if domain else sender

    def _compiled_for(self, due: Due) -> CompiledMail:
        special = special_of(due.properties)
        language = best_language(special.locale, due.locale, default=due.language)
        key = (due.kind, due.survey_id, due.version, language, special)
        compiled = self._compiled.get(key)
        if compiled is None:
            if (
                len(self._compiled) >= MOST_COMPILED
            ):  # earlier versions of surveys, and texts of single requests
                self._compiled.clear()
            survey = self._survey(due.survey_id)
            content = content_of(survey, language, is_reminder=due.kind is Kind.REMINDER, special=special)
            compiled = compile_survey_mail(content)
            self._compiled[key] = compiled
        return compiled
