"""How a message is known again: its id, its bounce address, and the headers that say what it is."""

import hmac
import re

_MAC_CHARACTERS = (
    24  # 96 bits of hex: nobody guesses that by mail, and the local part stays below 64 characters
)
_BOUNCE = re.compile(
    rf"bounce\+([0-9]{{1,19}})\.([0-9a-f]{{{_MAC_CHARACTERS}}})@.*", re.ASCII | re.IGNORECASE
)
_MESSAGE_ID = re.compile(
    rf"<?([a-z]{{1,20}})\.([0-9]{{1,19}})\.([0-9a-f]{{{_MAC_CHARACTERS}}})@[^\s<>]+>?",
    re.ASCII | re.IGNORECASE,
)


def message_id(invitation_id: int, kind: str, domain: str, secret: str) -> str:
    """The Message-ID of an invitation's mail, the same at every attempt, so that a double can be recognised.

    Its MAC keeps others from making up the id of a mail that we sent (class of CVE-2026-47123).
    """
    return f"<{kind}.{invitation_id}.{_mac(secret, 'message-id', kind, invitation_id)}@{domain}>"


def bounce_address(invitation_id: int, domain: str, secret: str) -> str:
    """The envelope sender (VERP) of an invitation's mail: what bounces to it names the invitation."""
    return f"bounce+{invitation_id}.{_mac(secret, 'bounce', '', invitation_id)}@{domain}"


def read_bounce_address(address: str, *secrets: str) -> int | None:
    """The invitation whose mail bounced; None for an address that we did not make with one of the secrets."""
    parts = _BOUNCE.fullmatch(address.strip())
    if parts is None:
        return None
    invitation_id, mac = int(parts[1]), parts[2].lower()
    matches = [hmac.compare_digest(mac, _mac(secret, "bounce", "", invitation_id)) for secret in secrets]
    return invitation_id if any(matches) else None


def read_message_id(given: str, *secrets: str) -> tuple[str, int] | None:
    """The kind and the invitation of a mail of ours; None for a Message-ID that we did not make."""
    parts = _MESSAGE_ID.fullmatch(given.strip())
    if parts is None:
        return None
    kind, invitation_id, mac = parts[1].lower(), int(parts[2]), parts[3].lower()
    matches = [
        hmac.compare_digest(mac, _mac(secret, "message-id", kind, invitation_id)) for secret in secrets
    ]
    return (kind, invitation_id) if any(matches) else None


def survey_headers(unsubscribe_url: str, invitation_id: int) -> tuple[tuple[str, str], ...]:
    """What a survey mail carries beside the usual headers.

    RFC 8058 one-click unsubscribing, and two requests not to answer automatically (RFC 3834; Exchange). There is
    no Precedence: bulk and no List-Id: this is one message to one person about their own case, not a list.
    """
    return (
        ("List-Unsubscribe", f"<{unsubscribe_url}>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Survey-Invitation", str(invitation_id)),
    )


# How to have a provider hand back the invitation's number in its reports, by the end of its SMTP server's name.
_HANDED_BACK = {
    ".amazonaws.com": ("X-SES-MESSAGE-TAGS", "invitation={}"),
    ".postmarkapp.com": ("X-PM-Metadata-invitation", "{}"),
    ".sendgrid.net": ("X-SMTPAPI", '{{"unique_args": {{"invitation": "{}"}}}}'),
    ".mailgun.org": ("X-Mailgun-Variables", '{{"invitation": "{}"}}'),
}


def provider_headers(smtp_host: str, invitation_id: int) -> tuple[tuple[str, str], ...]:
    """What the provider behind this server wants to see, to name the invitation in its reports; often nothing.

    >>> provider_headers("smtp.postmarkapp.com", 17)
    (('X-PM-Metadata-invitation', '17'),)
    """
    return tuple(
        (header, value.format(invitation_id))
        for ending, (header, value) in _HANDED_BACK.items()
        if smtp_host.lower().endswith(ending)
    )


def _mac(secret: str, purpose: str, kind: str, invitation_id: int) -> str:
    text = f"feedback.mail.{purpose}:{kind}:{invitation_id}"
    return hmac.digest(secret.encode(), text.encode(), "sha256").hex()[:_MAC_CHARACTERS]
