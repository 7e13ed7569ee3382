"""Finding out whom we must not write to."""

from collections.abc import Collection

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedback_app.people.models import Suppression, SuppressionReason

# Which reason is told when several hold: the one that weighs most.
_WEIGHT = [
    SuppressionReason.ERASED,
    SuppressionReason.COMPLAINED,
    SuppressionReason.UNSUBSCRIBED,
    SuppressionReason.BOUNCED,
]
_SUPPRESSIONS = select(Suppression.address_hash, Suppression.survey_id, Suppression.reason).where(
    Suppression.address_hash.in_(bindparam("hashes", expanding=True))
)
_ERASED = select(Suppression.address_hash).where(
    Suppression.address_hash.in_(bindparam("hashes", expanding=True)),
    Suppression.reason == SuppressionReason.ERASED,
)


class Suppressions:
    """Which of some addresses get no mail, and why."""

    def __init__(self, rows: Collection[tuple[str, int | None, str]]) -> None:
        self._reasons: dict[tuple[str, int | None], set[str]] = {}
        for address_hash, survey_id, reason in rows:
            self._reasons.setdefault((address_hash, survey_id), set()).add(reason)

    def reason(self, address_hash: str, survey_id: int) -> SuppressionReason | None:
        """Why this survey must not write to the address; None if it may."""
        found = self._reasons.get((address_hash, None), set()) | self._reasons.get(
            (address_hash, survey_id), set()
        )
        return next((reason for reason in _WEIGHT if reason in found), None)

    def is_erased(self, address_hash: str) -> bool:
        """Whether the person asked to be forgotten."""
        return SuppressionReason.ERASED in self._reasons.get((address_hash, None), set())


def suppressions(session: Session, hashes: Collection[str]) -> Suppressions:
    """What is known against writing to these addresses (see `Vault.address_hash`)."""
    rows = session.execute(_SUPPRESSIONS, {"hashes": list(hashes)})
    return Suppressions([(address_hash, survey_id, reason) for address_hash, survey_id, reason in rows])


def erased_among(session: Session, hashes: Collection[str]) -> set[str]:
    """Which of these addresses belong to people who asked to be forgotten: a file must not bring them back."""
    return set(session.scalars(_ERASED, {"hashes": list(hashes)}))
