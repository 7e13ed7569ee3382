"""What can be found in a text: of which kind, and where."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """In the order of certainty: where two overlap, the earlier one stays."""

    EMAIL = "email"
    IBAN = "iban"
    CARD = "card"
    PHONE = "phone"
    NAME = "name"


class Found(NamedTuple):
    """A stretch of a text that is personal data."""

    kind: Kind
    start: int
    end: int
