"""Talking to Amazon SNS, and only to it: which addresses are its own, and how little we take from them."""

import re
from urllib.parse import parse_qs, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

TIMEOUT_SECONDS = 5
LARGEST_ANSWER = 50_000
TOPIC = re.compile(r"arn:aws(?:-[a-z-]{1,12})?:sns:[a-z0-9-]{1,40}:\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?")
_HOST = r"https://sns\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?"
_CERTIFICATE = re.compile(_HOST + r"/[A-Za-z0-9_-]{1,200}\.pem")
_API = re.compile(_HOST + r"/\?[!-~]{1,2000}")


class NotAmazons(ValueError):
    """The address is not one of Amazon SNS, so nothing was asked there."""


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_args: object) -> None:
        return None


def certificate_address(url: str) -> str:
    """The address if SNS keeps its signing certificates there; raises NotAmazons.

    Exactly sns.<region>.amazonaws.com: a certificate from any other place would prove nothing (CVE-2023-33185).
    """
    if not _CERTIFICATE.fullmatch(url):
        raise NotAmazons("The signing certificate is not at an address of Amazon SNS.")
    return url


def confirmation_address(url: str, topic: str) -> str:
    """The address if opening it confirms a subscription to this very topic; raises NotAmazons."""
    asked = parse_qs(urlsplit(url).query) if _API.fullmatch(url) else {}
    if asked.get("Action") != ["ConfirmSubscription"] or asked.get("TopicArn") != [topic]:
        raise NotAmazons("The address does not confirm a subscription to the topic at Amazon SNS.")
    return url


def fetch(url: str) -> bytes:
    """What is there, a little of it and soon, without following redirects; raises OSError."""
    opener = build_opener(_NoRedirects)
    with opener.open(Request(url), timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # https, checked by the caller
        return bytes(answer.read(LARGEST_ANSWER))
