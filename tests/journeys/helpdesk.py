"""A helpdesk that closes cases at an installation, and the mails that follow."""

import json
import re
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime

from standardwebhooks import Webhook

from feedback_app.mail.catcher import OpenedMail, list_caught, read_caught
from tests.installation import Installation, wait_for


@dataclass(frozen=True)
class Helpdesk:
    """One source of an installation."""

    installation: Installation
    url: str
    secret: str

    @classmethod
    def connected(cls, installation: Installation, survey: str, delay: str = "0s") -> "Helpdesk":
        url, secret = installation.printed("triggers", "add", "generic", survey, "--delay", delay).split()[:2]
        return cls(installation, url, secret)

    def close_case(self, number: str, email: str, **contact: str) -> int:
        """Tell of one closed case; the status of the answer."""
        now = datetime.now(UTC)
        told = {
            "type": "support.interaction.closed",
            "timestamp": now.isoformat(),
            "data": {
                "interaction_id": number,
                "channel": "email",
                "subject": "Invoice shows the wrong seat count",
                "closed_at": now.isoformat(),
                "contact": {
                    "email": email,
                    "name": "Dana Whitfield",
                    "company": "Harrow Finch GmbH",
                    **contact,
                },
                "agent": {"name": "Priya Raman"},
            },
        }
        body = json.dumps(told)
        request = urllib.request.Request(self.url, body.encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("webhook-id", f"msg_{number}")
        request.add_header("webhook-timestamp", str(int(now.timestamp())))
        request.add_header("webhook-signature", Webhook(self.secret).sign(f"msg_{number}", now, body))
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code


def mail_to(installation: Installation, email: str) -> OpenedMail:
    """The mail that reached this address, once it has."""
    outbox = installation.folder / "outbox"

    def look() -> OpenedMail | None:
        for caught in list_caught(outbox, 200):
            if email in caught.to:
                return read_caught(outbox, caught.key)
        return None

    return wait_for(look, seconds=20, what=f"the mail to {email}")


def links_of(mail: OpenedMail) -> list[str]:
    """Every address in the mail's HTML and text, each once."""
    found = re.findall(r'href="([^"]+)"', mail.html or "") + re.findall(r"https?://\S+", mail.text)
    return list(dict.fromkeys(link.replace("&amp;", "&").rstrip(">).,") for link in found))


def rating_link(mail: OpenedMail, rating: int) -> str:
    return next(link for link in links_of(mail) if link.endswith(f"rating={rating}"))
