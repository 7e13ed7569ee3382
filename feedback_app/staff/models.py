"""Staff accounts, their sign-in links and sessions, and the audit trail."""

from datetime import datetime
from enum import IntEnum
from typing import Any

from flask_security import RoleMixin, UserMixin
from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_app.db import Base, UtcDateTime


class Role(IntEnum):
    """What a member of staff may do; each role may do all that the ones before it may."""

    VIEWER = 1  # reads, personal data masked
    CSM = 2  # reads all, reviews, exports
    LEAD = 3  # also sets goals and themes
    ADMIN = 4  # everything, erasing and keys included

    @property
    def key(self) -> str:
        return self.name.lower()


class StaffRole(Base, RoleMixin):
    """A role's row, as Flask-Security wants it; `Role` says what it means."""

    __tablename__ = "staff_role"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    description: Mapped[str | None] = mapped_column(String(200))


class StaffUser(Base, UserMixin):
    """Somebody who signs in."""

    __tablename__ = "staff_user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    password: Mapped[str | None] = mapped_column(String(255))  # an Argon2 hash; None: signs in by link only
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)  # a new one ends every session
    time_zone: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    roles: Mapped[list[StaffRole]] = relationship(  # type: ignore[assignment]
        secondary="staff_user_role", lazy="selectin"
    )

    @property
    def role(self) -> Role:
        """The highest of the roles given; a user without any may only read."""
        return max((Role[role.name.upper()] for role in self.roles), default=Role.VIEWER)

    @property
    def display_name(self) -> str:
        return self.name or self.email


class StaffUserRole(Base):
    """Which roles a user has."""

    __tablename__ = "staff_user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("staff_role.id", ondelete="CASCADE"), primary_key=True)


class StaffSession(Base):
    """A signed-in browser. Signing out deletes the row, so a copied cookie is worth nothing afterwards."""

    __tablename__ = "staff_session"
    __table_args__ = (Index("ix_staff_session_user_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignInLink(Base):
    """A one-time sign-in link; opening it shows a button, pressing that signs in and uses it up."""

    __tablename__ = "sign_in_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AuditEntry(Base):
    """One change by staff: who, what, to which row. Holds ids and settings, never a comment or an address."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject_kind", "subject_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("staff_user.id", ondelete="SET NULL")
    )  # None: a command
    action: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
