"""Where a page of the ledger begins, as it stands in the address."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PATTERN = re.compile(r"([0-9]{1,16})-([0-9]{1,18})")  # 16 digits of microseconds reach the year 2286


@dataclass(frozen=True, slots=True)
class Place:
    """One row's place in the order of time; rows of the same moment stand in the order of their ids."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def read(cls, given: str) -> Self | None:
        """The place that was written like this; None for anything else."""
        found = PATTERN.fullmatch(given)
        if found is None:
            return None
        microseconds, row_id = (int(number) for number in found.groups())
        return cls(EPOCH + timedelta(microseconds=microseconds), row_id)
