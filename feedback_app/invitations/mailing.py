"""From an invitation to its mail: the survey's words compiled once, the person's values filled in."""

from collections.abc import Callable
from datetime import datetime

from feedback_app.config import Settings
from feedback_app.invitations.claims import Due
from feedback_app.links import Links
from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.survey import CompiledMail, PersonValues, compile_survey_mail
from feedback_app.mail.tracing import bounce_address, message_id, survey_headers
from feedback_app.surveys.mailed import content_of
from feedback_app.surveys.models import Survey
from feedback_app.surveys.wording import best_language

KIND = "survey"
MOST_COMPILED = 500
_EXTRAS = ("agent", "company", "topic")


class Mailing:
    """Makes the mails of one installation; `survey` loads a survey by its id when its mail is compiled."""

    def __init__(self, settings: Settings, links: Links, survey: Callable[[int], Survey]) -> None:
        self._settings = settings
        self._links = links
        self._survey = survey
        self._compiled: dict[tuple[int, int, str], CompiledMail] = {}

    def mail(self, due: Due, now: datetime) -> OutgoingMail:
        """The mail of one invitation; its Message-ID and links are the same at every attempt."""
        assert due.email is not None  # one without an address is not claimed
        secret = self._settings.secret_keys[-1]
        sender = due.sender_address or self._settings.mail_from
        unsubscribe_url = self._links.unsubscribe(due.id)
        rendered = self._compiled_for(due).render(
            PersonValues(
                name=due.name,
                answer_url=self._links.answer(due.id),
                unsubscribe_url=unsubscribe_url,
                trap_url=self._links.trap(due.id),
                extras={name: due.context[name] for name in _EXTRAS if name in due.context},
            )
        )
        return OutgoingMail(
            message_id=message_id(due.id, KIND, sender.rpartition("@")[2], secret),
            envelope_from=self._envelope_from(due.id, sender, secret),
            sender=Address(due.sender_name or due.brand, sender),
            reply_to=Address("", due.reply_to) if due.reply_to else None,
            to=Address(due.name, due.email),
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            headers=survey_headers(unsubscribe_url, due.id),
            date=now,
        )

    def _envelope_from(self, invitation_id: int, sender: str, secret: str) -> str:
        domain = self._settings.bounce_domain
        return bounce_address(invitation_id, domain, secret) if domain else sender

    def _compiled_for(self, due: Due) -> CompiledMail:
        language = best_language(due.locale, default=due.language)
        key = (due.survey_id, due.version, language)
        compiled = self._compiled.get(key)
        if compiled is None:
            if len(self._compiled) >= MOST_COMPILED:  # earlier versions of surveys that were changed
                self._compiled.clear()
            compiled = compile_survey_mail(content_of(self._survey(due.survey_id), language))
            self._compiled[key] = compiled
        return compiled
