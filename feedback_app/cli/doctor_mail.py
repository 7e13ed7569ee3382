"""The mail part of `feedback doctor`: the server, and what the DNS says of those whom mail comes from."""

from collections.abc import Iterable, Iterator, Sequence

from feedback_app.cli.findings import Finding
from feedback_app.config import Settings
from feedback_app.mail.dns_checks import Resolver, Verdict, can_be_public, check_bounces, check_domain

GUIDE = "docs/how-to/deliverability.md says what to do."
NOT_PUBLIC = (
    "Receivers refuse mail from it. Set FEEDBACK_MAIL_FROM, or the sender's address of the survey, "
    "to an address of a domain of yours."
)


def check_mail(settings: Settings) -> Iterator[Finding]:
    """Whether the server takes our mail, without sending any."""
    if not settings.smtp_url:
        yield Finding(
            "Mail",
            f"goes to the built-in catcher in {settings.outbox}",
            "Nobody outside gets it. Set FEEDBACK_SMTP_URL to send for real.",
        )
        return
    yield smtp_finding(settings.smtp_url)
    if not settings.bounce_domain:
        yield Finding(
            "Bounces", "go to the sender's address", "FEEDBACK_BOUNCE_DOMAIN lets them be read here."
        )


def smtp_finding(url: str) -> Finding:
    """Whether the SMTP server greets us, encrypts and lets us in; says nothing of the password in the URL."""
    from feedback_app.mail.results import MailTrouble, SenderTrouble
    from feedback_app.mail.smtp_session import Session
    from feedback_app.mail.smtp_settings import server_from

    server = server_from(url)
    try:
        Session(server).close()
    except SenderTrouble as trouble:
        advice = (
            "Mail is paused until this is mended: check user, password and starttls in FEEDBACK_SMTP_URL."
        )
        return Finding("Mail", f"{server.host} does not let us in: {trouble}", advice, is_grave=True)
    except (MailTrouble, OSError) as trouble:
        advice = "Check FEEDBACK_SMTP_URL and that this machine may reach it; mail waits until then."
        return Finding("Mail", f"{server.host} does not answer: {trouble}", advice, is_grave=True)
    signed_in = f" and let {server.user} in" if server.user else ""
    return Finding("Mail", f"{server.host} answered{signed_in}")


def check_senders(
    settings: Settings, addresses: Sequence[str], selectors: Sequence[str], resolver: Resolver
) -> Iterator[Finding]:
    """The DNS of every domain that mail comes from and goes back to; nothing while no mail goes out."""
    if not settings.smtp_url:
        return
    domains = {address.rpartition("@")[2].lower() for address in (settings.mail_from, *addresses) if address}
    for domain in sorted(domains):
        if not can_be_public(domain):
            yield Finding("Sender", f"@{domain} is no domain of the internet", NOT_PUBLIC)
            continue
        yield from as_findings(check_domain(domain, selectors, resolver))
    bounces = settings.bounce_domain
    if bounces and can_be_public(bounces):
        yield from as_findings([check_bounces(bounces, resolver)])


def sender_addresses(settings: Settings) -> list[str]:
    """The addresses that surveys send from; none where the database is not ready, which another check tells."""
    from sqlalchemy import select
    from sqlalchemy.exc import SQLAlchemyError

    from feedback_app.app import create_app
    from feedback_app.db import db
    from feedback_app.surveys.models import Survey, SurveyState

    asked = select(Survey.sender_address).where(Survey.state != SurveyState.CLOSED).distinct()
    with create_app(settings, migrates=False).app_context():
        try:
            return list(db.session.scalars(asked))
        except SQLAlchemyError:
            return []
        finally:
            db.session.remove()
            db.engine.dispose()


def as_findings(verdicts: Iterable[Verdict]) -> Iterator[Finding]:
    for verdict in verdicts:
        yield Finding(verdict.what, verdict.says, f"{verdict.advice} {GUIDE}" if verdict.advice else "")
