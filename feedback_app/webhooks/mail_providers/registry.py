"""The mail providers that report to us, by the kind in their hook's address."""

from feedback_app.errors import NotFound
from feedback_app.webhooks.mail_providers.mailgun import Mailgun
from feedback_app.webhooks.mail_providers.postmark import Postmark
from feedback_app.webhooks.mail_providers.provider import MailProvider
from feedback_app.webhooks.mail_providers.sendgrid import SendGrid
from feedback_app.webhooks.mail_providers.ses import Ses

PROVIDERS: dict[str, MailProvider] = {one.kind: one for one in (Ses(), Postmark(), SendGrid(), Mailgun())}


class UnknownProvider(NotFound):
    """We take no reports from a mail provider of that kind."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(
            f"There is no mail provider of the kind '{kind[:40]}', so nothing was stored. "
            f"Known kinds: {', '.join(PROVIDERS)}."
        )


def mail_provider(kind: str) -> MailProvider:
    """The provider of that kind; raises UnknownProvider."""
    try:
        return PROVIDERS[kind]
    except KeyError:
        raise UnknownProvider(kind) from None
