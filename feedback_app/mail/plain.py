"""Mails to staff: rare, so each is rendered when it is sent."""

import secrets
from datetime import datetime
from typing import Any

from feedback_app.mail.colours import NIGHT, WHITE, contrast, palette
from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.mail.survey import Rendered
from feedback_app.mail.templates import html_of, rendered_template

KINDS = ("sign_in", "endpoint_paused")
_ACCENT = "#3b5bdb"


def render_plain_mail(kind: str, *, accent: str = _ACCENT, **values: Any) -> Rendered:
    """The mail of a kind, a folder of `templates/email/`; raises jinja2.UndefinedError for a missing value.

    `sign_in` needs brand, address, link, expires (as text) and purpose ("sign_in" or "reset_password");
    `endpoint_paused` needs brand, endpoint, reason and link.
    """
    if kind not in KINDS:
        raise ValueError(f"There is no mail {kind!r}; there are {', '.join(KINDS)}.")
    fill = palette(accent).ink
    on_fill = WHITE if contrast(WHITE, fill) >= contrast(NIGHT, fill) else NIGHT
    shown = {name: _one_line(value) for name, value in values.items()}
    return Rendered(
        subject=rendered_template(f"{kind}/subject.txt", **shown).strip(),
        text=rendered_template(f"{kind}/body.txt", **shown),
        html=html_of(rendered_template(f"{kind}/body.mjml", fill=fill, on_fill=on_fill, **shown)),
    )


def plain_mail(to: Address, rendered: Rendered, *, brand: str, sender: str, now: datetime) -> OutgoingMail:
    """The rendered mail as it goes out, from the brand at the address `sender`."""
    return OutgoingMail(
        message_id=f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>",
        envelope_from=sender,
        sender=Address(brand, sender),
        reply_to=None,
        to=to,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers=(("Auto-Submitted", "auto-generated"),),
        date=now,
    )


def _one_line(value: object) -> str:
    return " ".join(str(value).split())
