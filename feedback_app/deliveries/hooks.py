"""The kinds of hook: what each provider proves itself with, and what staff paste where."""

from base64 import b64decode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from feedback_app.deliveries.amazon import TOPIC
from feedback_app.errors import Invalid
from feedback_app.links import Links


@dataclass(frozen=True, slots=True)
class HookKind:
    """A mail provider as staff see it; the `steps` stand below the hook's address."""

    kind: str
    title: str
    asks_for: str  # what staff bring from the provider; empty if nothing
    hint: str
    steps: tuple[str, ...]
    makes_secret: bool = False

    @property
    def may_wait(self) -> bool:
        """Whether the hook can be made before there is anything to prove it with."""
        return self.kind in ("sendgrid", "mailgun")


KINDS = {
    one.kind: one
    for one in (
        HookKind(
            "ses",
            "Amazon SES",
            "Topic ARNs",
            "One a line, for example arn:aws:sns:eu-west-1:123456789012:ses-survey-events",
            (
                "In SES, give your configuration set an event destination of the type Amazon SNS with the events "
                "Bounces, Complaints, Deliveries, Delivery delays and Rejects, and the topic named here.",
                "In SNS, open the topic and create a subscription: protocol HTTPS, the address above as its "
                "endpoint, raw message delivery off.",
                "The subscription is confirmed by itself within a minute.",
                "Send through the configuration set (as the default one of your identity).",
            ),
        ),
        HookKind(
            "postmark",
            "Postmark",
            "",
            "Nothing is needed from Postmark: we make a password, which stands in the address.",
            (
                "In your server’s message stream, open Webhooks and add one with the address above as its URL.",
                "Choose the events Delivery, Bounce, Spam complaint and Subscription change; leave the contents off.",
            ),
            makes_secret=True,
        ),
        HookKind(
            "sendgrid",
            "SendGrid",
            "Verification key",
            "The public key of Signed Event Webhook, beginning with MF…",
            (
                "In Settings → Mail Settings → Event Webhooks, add one with the address above as its Post URL.",
                "Choose Delivered, Deferred, Bounced, Dropped, Spam reports, Unsubscribes and Group unsubscribes.",
                "Save it, switch Signed Event Webhook on, and bring the verification key back here.",
            ),
        ),
        HookKind(
            "mailgun",
            "Mailgun",
            "HTTP webhook signing key",
            "From Settings → API security in Mailgun.",
            (
                "In Sending → Webhooks, for the domain you send from, add the address above for each of these events: "
                "Delivered, Temporary failure, Permanent failure, Spam complaints, Unsubscribes.",
                "Keep the HTTP webhook signing key here: Settings → API security in Mailgun shows it.",
            ),
        ),
    )
}


def hook_kind(kind: str) -> HookKind:
    """The kind; raises Invalid."""
    try:
        return KINDS[kind]
    except KeyError:
        raise Invalid(
            f"'{kind[:40]}' is no mail provider that we know, so no hook was added. Known are: {', '.join(KINDS)}."
        ) from None


def hook_url(links: Links, kind: str, key: str, secret: str = "") -> str:
    """The hook's address, as it is given to the provider; a password that we made stands in it."""
    url = links.hook(f"mail/{kind}", key)
    scheme, _, rest = url.partition("://")
    return f"{scheme}://feedback:{secret}@{rest}" if secret else url


def checked_topics(text: str) -> list[str]:
    """The topic ARNs, one a line; raises Invalid."""
    topics = text.split()
    wrong = next((topic for topic in topics if not TOPIC.fullmatch(topic)), None)
    if wrong or not topics:
        what = f"'{wrong[:80]}' is no topic ARN" if wrong else "No topic ARN was given"
        raise Invalid(
            f"{what}, so nothing was saved. One looks like arn:aws:sns:eu-west-1:123456789012:ses-survey-events."
        )
    return topics


def public_key_of(text: str) -> ec.EllipticCurvePublicKey:
    """The public key in base64 without PEM lines; raises ValueError."""
    key = load_der_public_key(b64decode(text, validate=True))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("the key is not one of an elliptic curve")
    return key


def checked_secret(kind: HookKind, text: str) -> str:
    """What the provider's requests are proven with, as given by staff; raises Invalid."""
    secret = text.strip()
    if not secret:
        raise Invalid(f"The {kind.asks_for.lower()} is missing, so nothing was saved.")
    if kind.kind == "sendgrid":
        try:
            public_key_of(secret)
        except ValueError as error:
            raise Invalid(
                "The verification key cannot be read, so nothing was saved. Copy all of it, from MF to the last sign."
            ) from error
    return secret
