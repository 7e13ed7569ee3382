"""Amazon SES, whose events come over SNS: signed with a certificate that SNS names and that we fetch once.

Checked: the topic is one of the hook's, the certificate lies at SNS and was made out to it, is valid today, and fits to
the signature. Its chain is not: SNS hands out the certificate alone. That we fetched it over https from
sns.<region>.amazonaws.com is what ties it to Amazon.
"""

import json
import re
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr
from typing import Any, ClassVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from feedback_app.deliveries.amazon import certificate_address, confirmation_address, fetch
from feedback_app.deliveries.models import MailOutcome as Outcome
from feedback_app.deliveries.reports import MailReport, key_of, key_of_body, told
from feedback_app.errors import Unavailable
from feedback_app.webhooks.helpdesks.provider import BadSignature, HookRequest, Unreadable
from feedback_app.webhooks.helpdesks.reading import LONGEST_ID, json_object, moment, part, text
from feedback_app.webhooks.mail_providers.provider import Parsed, only_text

MOST_CERTIFICATES = 20
CONFIRMATIONS = ("SubscriptionConfirmation", "UnsubscribeConfirmation")
SIGNED_FIELDS = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    **dict.fromkeys(
        CONFIRMATIONS, ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
    ),
}
HASHES = {"1": SHA1, "2": SHA256}  # by SignatureVersion
HELLO = "Successfully validated SNS topic"  # what SES says once when a topic is chosen
_HOLDER = re.compile(r"(?:\*\.)?sns(?:-[a-z0-9-]+)?(?:\.[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?")


class Ses:
    """`fetch` gets a certificate from an address that was checked before; tests give their own."""

    kind: ClassVar[str] = "ses"
    unreadable_status: ClassVar[int] = 422

    def __init__(self, fetch: Callable[[str], bytes] = fetch) -> None:
        self._fetch = fetch
        self._certificates: OrderedDict[str, x509.Certificate] = OrderedDict()

    def verify(self, request: HookRequest, secret: str, now: datetime) -> None:  # noqa: ARG002
        message = json_object(request.body)
        kind = only_text(message.get("Type"))
        if request.header("x-amz-sns-message-type") != kind or kind not in SIGNED_FIELDS:
            raise BadSignature("The header x-amz-sns-message-type and the message's Type differ.")
        if message.get("TopicArn") not in request.settings.get("topics", []):
            raise BadSignature("The message's topic is not one of this hook.")
        if kind == "SubscriptionConfirmation":
            confirmation_address(only_text(message.get("SubscribeURL")), message["TopicArn"])
        hash_type = HASHES[only_text(message.get("SignatureVersion"))]
        certificate = self._certificate(only_text(message.get("SigningCertURL")), now)
        public_key = certificate.public_key()
        assert isinstance(public_key, RSAPublicKey)
        signature = b64decode(only_text(message.get("Signature")), validate=True)
        try:
            public_key.verify(signature, signed_text(message, kind), PKCS1v15(), hash_type())
        except InvalidSignature as error:
            raise BadSignature("The signature does not fit to the message.") from error

    def parse(self, request: HookRequest) -> Parsed:
        message = json_object(request.body)
        kind = text(message, "Type")
        if kind != "Notification":
            return Parsed([of_confirmation(message)], [])
        said = only_text(message.get("Message"))
        if said.startswith(HELLO):
            return Parsed([MailReport(Outcome.IGNORED, sns_key(message), detail=HELLO)], [])
        reports = list(of_event(json_object(said.encode("utf-8", "replace")), sns_key(message)))
        return Parsed([replace(report, body=request.body) for report in reports], [])

    def _certificate(self, url: str, now: datetime) -> x509.Certificate:
        """The certificate at the address, fetched once; raises BadSignature, or Unavailable when it cannot be got."""
        known = self._certificates.get(certificate_address(url))
        if known is None:
            try:
                pem = self._fetch(url)
            except OSError as error:  # SNS tries again after a 503, and never after a 401
                raise Unavailable("Amazon's certificate could not be fetched just now.") from error
            known = x509.load_pem_x509_certificate(pem)
            check_certificate(known, now)
            self._certificates[url] = known
            if len(self._certificates) > MOST_CERTIFICATES:
                self._certificates.popitem(last=False)
        check_certificate(known, now)
        return known


def check_certificate(certificate: x509.Certificate, now: datetime) -> None:
    """Raises BadSignature unless the certificate was made out to SNS and is valid now."""
    names = {str(one.value) for one in certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)}
    try:
        alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names |= set(alternatives.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        pass  # then its common name says it
    if not any(_HOLDER.fullmatch(name) for name in names):
        raise BadSignature("The signing certificate was not made out to Amazon SNS.")
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise BadSignature("The signing certificate is not valid today.")


def signed_text(message: Mapping[str, Any], kind: str) -> bytes:
    """What SNS signs: names and values of certain fields, each on a line of its own."""
    names = [name for name in SIGNED_FIELDS[kind] if name != "Subject" or message.get("Subject") is not None]
    return "".join(f"{name}\n{only_text(message[name])}\n" for name in names).encode()


def sns_key(message: Mapping[str, Any]) -> str:
    """The dedupe key of a message that has none of SES."""
    own_id = text(message, "MessageId", LONGEST_ID)
    return key_of(Ses.kind, own_id) if own_id else key_of_body(Ses.kind, json.dumps(message).encode())


def of_confirmation(message: Mapping[str, Any]) -> MailReport:
    """SNS asks whether we want the topic (a job says yes), or tells us that somebody ended it."""
    is_offer = text(message, "Type") == "SubscriptionConfirmation"
    return MailReport(
        Outcome.SUBSCRIPTION_CONFIRMATION if is_offer else Outcome.IGNORED,
        sns_key(message),
        occurred_at=moment(message.get("Timestamp")),
        detail=f"{text(message, 'Type')} for {text(message, 'TopicArn')}",
        url=only_text(message.get("SubscribeURL")) if is_offer else "",
    )


def of_event(event: Mapping[str, Any], sns_id: str) -> Iterator[MailReport]:
    """An event of SES, as a configuration set (`eventType`) or an identity (`notificationType`) publishes it."""
    name = text(event, "eventType") or text(event, "notificationType")
    if name is None:
        raise Unreadable("The message is not an event of SES: it has no eventType.")
    about = part(event, name[:1].lower() + name[1:])
    outcome, people = what_happened(name, about)
    mail = part(event, "mail")
    if not people:
        people = listed(mail, "destination")[:1]
    feedback_id = text(about, "feedbackId", LONGEST_ID)
    key = key_of(Ses.kind, feedback_id) if feedback_id else sns_id
    for number, person in enumerate(people or [None]):
        status = person if isinstance(person, dict) else {}
        yield MailReport(
            outcome,
            key if number == 0 else f"{key}:{number}",
            recipient=address_of(person),
            invitation=invitation_of(mail),
            remote_id=text(mail, "messageId", LONGEST_ID),
            message_id=text(part(mail, "commonHeaders"), "messageId"),
            occurred_at=moment(about.get("timestamp")),
            detail=told(
                text(about, "bounceType"),
                text(about, "bounceSubType"),
                text(status, "status") or text(about, "reason"),
            ),
        )


def what_happened(name: str, about: Mapping[str, Any]) -> tuple[Outcome, list[object]]:
    """The outcome and whom it is about."""
    if name == "Bounce":
        is_permanent = text(about, "bounceType") == "Permanent"
        outcome = Outcome.BOUNCED_PERMANENT if is_permanent else Outcome.BOUNCED_TRANSIENT
        return outcome, listed(about, "bouncedRecipients")
    if name == "Complaint":
        return Outcome.COMPLAINED, listed(about, "complainedRecipients")
    if name == "Delivery":
        return Outcome.DELIVERED, listed(about, "recipients")
    if name == "DeliveryDelay":
        return Outcome.DEFERRED, listed(about, "delayedRecipients")
    if name == "Reject":
        return Outcome.REJECTED, []
    return Outcome.IGNORED, []


def listed(source: Mapping[str, Any], name: str) -> list[object]:
    value = source.get(name)
    return value[:50] if isinstance(value, list) else []


def address_of(person: object) -> str | None:
    """The address of a recipient, who may be given as an object and with a name."""
    given = person.get("emailAddress") if isinstance(person, dict) else person
    return parseaddr(given)[1] or None if isinstance(given, str) else None


def invitation_of(mail: Mapping[str, Any]) -> str | None:
    """Our id: a message tag, else our own header where SES sends headers along."""
    tagged = part(mail, "tags").get("invitation")
    if isinstance(tagged, list) and tagged and isinstance(tagged[0], str):
        return tagged[0][:LONGEST_ID]
    return next(_header_values(listed(mail, "headers")), None)


def _header_values(headers: Iterable[object]) -> Iterator[str]:
    for header in headers:
        if isinstance(header, dict) and str(header.get("name")).lower() == "x-survey-invitation":
            yield only_text(header.get("value"))[:LONGEST_ID]
