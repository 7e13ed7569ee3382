"""Where a page of the inbox begins, as it stands in the address."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from feedback_app.db import LARGEST_ID

LONGEST = 200


@dataclass(frozen=True)
class Cursor:
    """The place of one response in both orders."""

    position: int
    created_at: datetime
    response_id: int

    def __str__(self) -> str:
        place = [self.position, self.created_at.astimezone(UTC).isoformat(), self.response_id]
        return urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")

    @classmethod
    def read(cls, given: str) -> Self | None:
        """The cursor that was written like this; None for anything else."""
        if len(given) > LONGEST:
            return None
        try:
            position, moment, response_id = json.loads(urlsafe_b64decode(given + "=" * (-len(given) % 4)))
            created_at = datetime.fromisoformat(moment)
            created_at.astimezone(UTC)  # the first and last days of the calendar have no moment in every zone
        except (ValueError, TypeError, OverflowError):
            return None
        whole = all(type(number) is int and 0 <= number <= LARGEST_ID for number in (position, response_id))
        if not whole or position > 100 or created_at.tzinfo is None:
            return None
        return cls(position, created_at, response_id)
