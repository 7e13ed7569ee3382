"""The reconciliation: what the files say month by month against what our database says of the same answers."""

from collections import Counter, defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from feedback_app.crypto import Vault
from feedback_app.imports.delighted.notebook import Notebook, Noted
from feedback_app.imports.delighted.storing import Target
from feedback_app.people.queries import erased_among
from feedback_app.responses.models import Response, ResponseState
from feedback_app.scoring.metrics import Metric

NO_MONTH = "no date"
REJECTED, ERASED, MISSING, CHANGED, MOVED, TWICE = (
    "rejected",
    "erased for good",
    "not stored",
    "changed since",
    "of another month here",
    "there twice",
)
_STORED = select(Response.external_id, Response.rating, Response.created_at).where(
    Response.survey_id == bindparam("survey_id"),
    Response.external_id.in_(bindparam("ids", expanding=True)),
    Response.state == ResponseState.CONFIRMED,
)


@dataclass(frozen=True)
class Month:
    """One month of the reconciliation; scores are unrounded, None without answers."""

    month: str
    in_file: int
    stored: int
    score_in_file: float | None
    score_stored: float | None
    why: dict[str, int] = field(default_factory=dict)  # how many rows differ, by what became of them

    @property
    def is_equal(self) -> bool:
        return self.in_file == self.stored and self.score_in_file == self.score_stored

    @property
    def explanation(self) -> str:
        """Empty if both sides are equal."""
        return ", ".join(f"{count:,} {reason}" for reason, count in self.why.items())

    def kept(self) -> dict[str, Any]:
        """What ImportRun.options keeps of it."""
        return asdict(self)


@dataclass
class _Side:
    """Both sides of one month while they are counted."""

    rows: int = 0
    in_file: Counter[int] = field(default_factory=Counter)
    stored: Counter[int] = field(default_factory=Counter)
    why: Counter[str] = field(default_factory=Counter)


def compare(
    session: Session, notebook: Notebook, target: Target, metric: Metric, *, vault: Vault
) -> list[Month]:
    """Every month that the files speak of, oldest first; the database is asked anew for each of their answers."""
    sides: defaultdict[str, _Side] = defaultdict(_Side)
    for part in notebook.answers():
        _count(session, part, sides, target, vault)
    for month, count in notebook.repeated().items():
        sides[month or NO_MONTH].rows += count
        sides[month or NO_MONTH].why[TWICE] += count
    return [
        Month(
            month,
            side.rows,
            side.stored.total(),
            metric.score(side.in_file),
            metric.score(side.stored),
            dict(side.why),
        )
        for month, side in sorted(sides.items())
    ]


def _count(
    session: Session, part: list[Noted], sides: defaultdict[str, _Side], target: Target, vault: Vault
) -> None:
    given = {"survey_id": target.survey_id, "ids": [noted.external_id for noted in part]}
    stored = {row.external_id: row for row in session.execute(_STORED, given)}
    hashes = {noted.email_key: vault.address_hash(noted.email_key) for noted in part if noted.email_key}
    erased = erased_among(session, hashes.values())
    for noted in part:
        side = sides[noted.month or NO_MONTH]
        side.rows += 1
        if noted.rating is not None:
            side.in_file[noted.rating] += 1
        row = stored.get(noted.external_id)
        if row is None:
            is_erased = hashes.get(noted.email_key) in erased
            side.why[REJECTED if noted.why else ERASED if is_erased else MISSING] += 1
            continue
        month = f"{row.created_at.astimezone(target.zone):%Y-%m}"
        sides[month].stored[row.rating] += 1
        if month != noted.month:
            side.why[MOVED] += 1
        elif row.rating != noted.rating:
            side.why[CHANGED] += 1


def month_of(kept: dict[str, Any]) -> Month:
    """The month that `Month.kept` kept."""
    return Month(**kept)
