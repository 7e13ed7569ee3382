"""Requests as mail providers send them: the documented samples, and new ones proven for the tests."""

import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from feedback_app.webhooks.helpdesks.provider import HookRequest
from feedback_app.webhooks.mail_providers.ses import signed_text

DATA = Path(__file__).parent / "data" / "mail-events"
EXPECTED: dict[str, dict[str, Any]] = json.loads((DATA / "expected.json").read_text())["events"]
SENT_AT = datetime(2026, 11, 20, 15, 45, tzinfo=UTC)
MAILGUN_KEY = "mg_http_webhook_signing_key_for_tests"
TOPIC = "arn:aws:sns:eu-west-1:123456789012:ses-survey-events"
CERTIFICATE_URL = (
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0000000000000000000000000000000.pem"
)
SENDGRID_STAMP = "1795189510"


def sample(name: str) -> bytes:
    return (DATA / name).read_bytes()


def request(body: bytes, **headers: str) -> HookRequest:
    """A request to a hook that takes TOPIC; the header names are written with underscores."""
    named = {name.lower().replace("_", "-"): value for name, value in headers.items()}
    return HookRequest(named, body, "", settings={"topics": [TOPIC]})


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@cache
def sendgrid_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def sendgrid_public_key() -> str:
    der = sendgrid_key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return b64encode(der).decode()


@cache
def certificate(
    name: str = "sns.amazonaws.com", valid_from: datetime = SENT_AT - timedelta(days=30), days: int = 365
) -> bytes:
    """A certificate as SNS hands them out, but signed by itself."""
    holder = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(holder)
        .issuer_name(holder)
        .public_key(rsa_key().public_key())
        .serial_number(1)
        .not_valid_before(valid_from)
        .not_valid_after(valid_from + timedelta(days=days))
        .sign(rsa_key(), SHA256())
        .public_bytes(Encoding.PEM)
    )


def sns_signed(message: dict[str, Any], *, version: str = "2") -> HookRequest:
    """The message with a signature of its version, and the header that belongs to it."""
    hash_type: HashAlgorithm = SHA256() if version == "2" else SHA1()  # noqa: S303  # version 1 is what it is
    signature = rsa_key().sign(signed_text(message, message["Type"]), padding.PKCS1v15(), hash_type)
    signed = message | {"SignatureVersion": version, "Signature": b64encode(signature).decode()}
    return request(json.dumps(signed).encode(), x_amz_sns_message_type=message["Type"])


def sendgrid_signed(body: bytes) -> HookRequest:
    signature = sendgrid_key().sign(SENDGRID_STAMP.encode() + body, ec.ECDSA(SHA256()))
    return request(
        body,
        x_twilio_email_event_webhook_signature=b64encode(signature).decode(),
        x_twilio_email_event_webhook_timestamp=SENDGRID_STAMP,
    )


def mailgun_signed(event: dict[str, Any], *, token: str = "t" * 50, at: datetime = SENT_AT) -> bytes:
    stamp = str(int(at.timestamp()))
    mac = hmac.digest(MAILGUN_KEY.encode(), (stamp + token).encode(), "sha256").hex()
    signature = {"timestamp": stamp, "token": token, "signature": mac}
    return json.dumps({"signature": signature, "event-data": event}).encode()


def basic(password: str, user: str = "feedback") -> str:
    return "Basic " + b64encode(f"{user}:{password}".encode()).decode()
