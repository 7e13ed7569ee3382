"""Addresses by the hundred thousand: most are plain, and are told so without the whole grammar of addresses."""

import re

from email_validator import SPECIAL_USE_DOMAIN_NAMES

from feedback_app.errors import Invalid
from feedback_app.imports.values import RowRejected
from feedback_app.people.addresses import normalised_address

# A part of what `normalised_address` takes, and of that only what it gives back in lower case.
_PLAIN = re.compile(
    r"[a-z0-9_+-]+(?:\.[a-z0-9_+-]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?P<last>[a-z]{2,20})", re.ASCII
)
_SPECIAL = frozenset(name.rsplit(".")[-1] for name in SPECIAL_USE_DOMAIN_NAMES)
LONGEST_PLAIN = 64  # of the whole address; then no part of it is too long


def address_key(address: str) -> str:
    """The normalised address, as `normalised_address` makes it but about thirty times faster; raises RowRejected."""
    key = address.lower() if address.isascii() else address
    plain = _PLAIN.fullmatch(key)
    if plain and len(key) <= LONGEST_PLAIN and plain["last"] not in _SPECIAL:
        return key
    try:
        return normalised_address(address)
    except Invalid:
        raise RowRejected(
            f"“{address[:80]}” is not an e-mail address." if address else "It has no address."
        ) from None
