"""The kinds of hook: what each provider proves itself with, and what staff paste where."""

from base64 import b64decode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from feedback_app.deliveries.amazon import TOPIC
from feedback_app.errors import Invalid


@dataclass(frozen=True, slots=True)
class HookKind:
    """A mail provider as staff see it when they add its hook. `steps`: `{url}` stands for the hook's address."""

    kind: str
    title: str
    asks_for: str  # what staff bring from the provider; empty if nothing
    hint: str
    steps: tuple[str, ...]
    makes_secret: bool = False


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
                "In SNS, open the topic and create a subscription: protocol HTTPS, endpoint {url}, "
                "raw message delivery off.",
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
                "In your server's message stream, open Webhooks and add one with the URL {url}",
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
                "In Settings → Mail Settings → Event Webhooks, add one with the Post URL {url}",
                "Choose Delivered, Deferred, Bounced, Dropped, Spam reports, Unsubscribes and Group unsubscribes.",
                "Switch Signed Event Webhook on; its verification key is the one that is kept here.",
            ),
        ),
        HookKind(
            "mailgun",
            "Mailgun",
            "HTTP webhook signing key",
            "From Settings → API security in Mailgun.",
            (
                "In Sending → Webhooks, for the domain you send from, add the URL {url} to each of these events:",
                "Delivered, Temporary failure, Permanent failure, Spam complaints, Unsubscribes.",
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


def checked_topics(text: str) -> list[str]:
    """The topic ARNs, one a line; raises Invalid."""
    topics = text.split()
    wrong = next((topic for topic in topics if not TOPIC.fullmatch(topic)), None)
    if wrong or not topics:
        what = f"'{wrong[:80]}' is no topic ARN" if wrong else "No topic ARN was given"
        raise Invalid(
            f"{what}, so no hook was added. One looks like arn:aws:sns:eu-west-1:123456789012:ses-survey-events."
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
        raise Invalid(f"{kind.asks_for} is missing, so no hook was added.")
    if kind.kind == "sendgrid":
        try:
            public_key_of(secret)
        except ValueError as error:
            raise Invalid(
                "The verification key cannot be read, so no hook was added. Copy all of it, from MF to the last sign."
            ) from error
    return secret
