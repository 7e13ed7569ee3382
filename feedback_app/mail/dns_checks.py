"""What the DNS says of a sender's domain: SPF, DKIM, DMARC, and who takes its bounces.

The checks are functions of the records' texts. Looking them up is a Resolver's, so that tests need no network.
"""

import re
from binascii import Error as NotBase64
from binascii import a2b_base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

LOOKUP_SECONDS = 4.0
MOST_SPF_LOOKUPS = 10  # RFC 7208, 4.6.4
# A public key of 2048 bits has 294 bytes, one of 1024 bits 162.
FEWEST_KEY_BYTES = 250
_LOOKS_UP = re.compile(r"[+~?-]?(include:|a\b|mx\b|ptr\b|exists:)|redirect=")
# RFC 2606 and 6761: names that never stand in the DNS.
_NEVER_PUBLIC = ("example", "invalid", "localhost", "localdomain", "test", "local", "internal")


class CouldNotLookUp(Exception):
    """The DNS did not answer; that says nothing about the record."""


class Resolver(Protocol):
    """Who looks up records; both raise CouldNotLookUp."""

    def texts(self, name: str) -> list[str]:
        """The TXT records of a name, each as one text; none if there is no such name."""

    def exchangers(self, name: str) -> list[str]:
        """The hosts that take mail for a domain."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a record says; `advice` is empty when it is well."""

    what: str
    says: str
    advice: str = ""


class DnsResolver:
    """Asks the name servers of this machine, with a short patience."""

    def texts(self, name: str) -> list[str]:
        return [b"".join(record.strings).decode("utf-8", "replace") for record in self._records(name, "TXT")]

    def exchangers(self, name: str) -> list[str]:
        hosts = [str(record.exchange).rstrip(".") for record in self._records(name, "MX")]
        return [host for host in hosts if host]  # "." says that nobody takes mail (RFC 7505)

    def _records(self, name: str, kind: str) -> list[Any]:
        from dns.exception import DNSException
        from dns.resolver import NXDOMAIN, NoAnswer, Resolver

        try:
            return list(Resolver().resolve(name, kind, lifetime=LOOKUP_SECONDS))
        except (NXDOMAIN, NoAnswer):
            return []
        except (DNSException, OSError) as error:
            raise CouldNotLookUp(type(error).__name__) from error


def can_be_public(domain: str) -> bool:
    """Whether the DNS could know the domain at all.

    >>> can_be_public("example.org"), can_be_public("northlight.example"), can_be_public("mailhost")
    (True, False, False)
    """
    labels = domain.lower().rstrip(".").split(".")
    return len(labels) > 1 and labels[-1] not in _NEVER_PUBLIC


def check_domain(domain: str, selectors: Sequence[str], resolver: Resolver) -> Iterator[Verdict]:
    """SPF, DKIM and DMARC of a domain that mail comes from."""
    yield looked_up(f"SPF of {domain}", lambda: spf_verdict(domain, resolver.texts(domain)))
    for selector in selectors:
        name = f"{selector}._domainkey.{domain}"
        yield looked_up(f"DKIM {name}", lambda name=name: dkim_verdict(name, resolver.texts(name)))
    if not selectors:
        yield Verdict(
            f"DKIM of {domain}",
            "not looked up",
            "Its name has a selector that only your mail provider knows: feedback doctor --dkim-selector NAME",
        )
    yield looked_up(f"DMARC of {domain}", lambda: dmarc_verdict(domain, dmarc_records(domain, resolver)))


def check_bounces(domain: str, resolver: Resolver) -> Verdict:
    """Whether mail to the bounce domain arrives anywhere."""
    return looked_up(f"MX of {domain}", lambda: mx_verdict(domain, resolver.exchangers(domain)))


def looked_up(what: str, verdict: Any) -> Verdict:
    """The verdict; a DNS that does not answer is told as such, not as a missing record."""
    try:
        found: Verdict = verdict()
    except CouldNotLookUp as error:
        return Verdict(what, f"could not be looked up ({error})", "Check that this machine may ask the DNS.")
    return found


def spf_verdict(domain: str, texts: Sequence[str]) -> Verdict:
    """Who may send for the domain (RFC 7208)."""
    what = f"SPF of {domain}"
    records = [text for text in texts if re.match(r"v=spf1(\s|$)", text, re.IGNORECASE)]
    if not records:
        return Verdict(
            what,
            "no record",
            f"Add a TXT record to {domain}: v=spf1 include:YOUR-MAIL-PROVIDER -all "
            "(the provider says what to include; for a server of your own: v=spf1 ip4:ITS-ADDRESS -all)",
        )
    if len(records) > 1:
        return Verdict(what, f"{len(records)} records", "Receivers then take none; join them into one.")
    terms = records[0].split()[1:]
    lookups = sum(1 for term in terms if _LOOKS_UP.match(term.lower()))
    if lookups > MOST_SPF_LOOKUPS:
        return Verdict(what, f"{lookups} lookups", f"Receivers stop at {MOST_SPF_LOOKUPS}; take some out.")
    if "+all" in terms or "all" in terms:
        return Verdict(what, records[0], "It lets anybody send for you; end it with -all or ~all.")
    if not any(term in ("-all", "~all") or term.startswith("redirect=") for term in terms):
        return Verdict(what, records[0], "It refuses nobody; end it with -all or ~all.")
    return Verdict(what, records[0])


def dkim_verdict(name: str, texts: Sequence[str]) -> Verdict:
    """Whether the key that signs our mail can be found (RFC 6376)."""
    what = f"DKIM {name}"
    records = [tags for text in texts if "p" in (tags := tags_of(text))]
    if not records:
        return Verdict(
            what, "no key", "Copy the record that your mail provider shows, or check the selector's name."
        )
    if len(records) > 1:
        return Verdict(what, f"{len(records)} keys", "There must be one; remove the others.")
    key, kind = records[0]["p"].replace(" ", ""), records[0].get("k", "rsa")
    if not key:
        return Verdict(what, "revoked (p= is empty)", "Publish a new key with your mail provider.")
    try:
        size = len(a2b_base64(key, strict_mode=True))
    except NotBase64:
        return Verdict(what, "a key that cannot be read", "Copy it again, whole: long ones are often cut.")
    if kind == "rsa" and size < FEWEST_KEY_BYTES:
        return Verdict(
            what, "a short key", "Keys below 2048 bits are no longer trusted everywhere; renew it."
        )
    return Verdict(what, f"a key ({kind})")


def dmarc_records(domain: str, resolver: Resolver) -> list[str]:
    """The DMARC records of the domain, else of the nearest domain above it that has any."""
    labels = domain.split(".")
    for start in range(len(labels) - 1):
        found = [
            text
            for text in resolver.texts("_dmarc." + ".".join(labels[start:]))
            if tags_of(text).get("v") == "DMARC1"
        ]
        if found:
            return found
    return []


def dmarc_verdict(domain: str, records: Sequence[str]) -> Verdict:
    """What receivers should do with mail that only pretends to be ours (RFC 7489)."""
    what = f"DMARC of {domain}"
    if not records:
        return Verdict(
            what,
            "no record",
            "Gmail and Yahoo want one from bulk senders. Begin by watching: a TXT record at "
            f"_dmarc.{domain}: v=DMARC1; p=none; rua=mailto:dmarc@{domain}",
        )
    if len(records) > 1:
        return Verdict(what, f"{len(records)} records", "Receivers then take none; leave one.")
    policy = tags_of(records[0]).get("p", "")
    if policy not in ("none", "quarantine", "reject"):
        return Verdict(what, records[0], "Its p= must be none, quarantine or reject.")
    if policy == "none":
        return Verdict(
            what, records[0], "It only watches. Once its reports are clean, use p=quarantine or p=reject."
        )
    return Verdict(what, records[0])


def mx_verdict(domain: str, hosts: Sequence[str]) -> Verdict:
    what = f"MX of {domain}"
    if not hosts:
        advice = f"Bounces go nowhere. Add an MX record to {domain} that names the server which reads them."
        return Verdict(what, "no record", advice)
    return Verdict(what, ", ".join(hosts))


def tags_of(text: str) -> dict[str, str]:
    """The tags of a DKIM or DMARC record.

    >>> tags_of("v=DMARC1; p=none;rua=mailto:a@example.org ")
    {'v': 'DMARC1', 'p': 'none', 'rua': 'mailto:a@example.org'}
    """
    pairs = (part.partition("=") for part in text.split(";") if "=" in part)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}
