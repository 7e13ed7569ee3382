"""What people say to the tagger's verdicts, and the models that learned from this installation's own comments."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, deferred, mapped_column

from feedback_app.db import NEVER_REUSED, Base, UtcDateTime


class Judgement(Base):
    """A person's word on a verdict: the same (`tagger_said` = `person_said`) or another. Appended only.

    Of a sentiment, both are labels; of a theme, "yes" or "no". `blind`: the person did not see what the tagger said,
    so that the share of agreement means something.
    """

    __tablename__ = "judgement"
    __table_args__ = (
        CheckConstraint("kind IN ('sentiment', 'theme')", name="known_kind"),
        Index("ix_judgement_response_id", "response_id", "kind"),
        Index("ix_judgement_at", "kind", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(ForeignKey("response.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(10))
    theme_id: Mapped[int | None] = mapped_column(ForeignKey("theme.id", ondelete="CASCADE"))
    tagger_said: Mapped[str | None] = mapped_column(String(10))  # None: it did not judge
    person_said: Mapped[str] = mapped_column(String(10))
    tagger: Mapped[str | None] = mapped_column(String(60))  # name and version, as on the response
    blind: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ModelState(StrEnum):
    PROPOSED = "proposed"  # better than what is in use; a person decides
    ACTIVE = "active"  # at most one
    RETIRED = "retired"  # was in use once, and can be again
    NOT_BETTER = "not-better"  # kept for its figures alone: it has no weights
    DECLINED = "declined"  # not wanted, or overtaken by a newer proposal; kept for its figures too


class OwnModel(Base):
    """Weights trained on this installation's comments, with what was measured before anybody chose them."""

    __tablename__ = "own_model"
    __table_args__ = (
        CheckConstraint(
            "state IN ('proposed', 'active', 'retired', 'not-better', 'declined')", name="known_state"
        ),
        Index(
            "uq_own_model_active",
            "state",
            unique=True,
            sqlite_where=text("state = 'active'"),
            postgresql_where=text("state = 'active'"),
        ),
        NEVER_REUSED,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    weights: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
    fingerprint: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the weights
    trained_on: Mapped[int]  # comments
    tested_on: Mapped[int]  # others, a fifth
    # {"classes": {label: n}, "own": {...}, "base": {...}}: shares and their intervals, see tagging/learning.py
    figures: Mapped[dict[str, Any]] = mapped_column(JSON)
    base: Mapped[str] = mapped_column(String(60))  # the tagger that it was compared with, name and version
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"))
