"""Who is who among staff."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.crypto import token_hash
from feedback_app.staff.models import SignInLink, StaffSession, StaffUser


def user_of_session(session: Session, token: str, uniquifier: str, *, now: datetime) -> StaffUser | None:
    """The active user whose browser holds this session token; None once the session has ended."""
    return session.scalar(
        select(StaffUser)
        .join(StaffSession, StaffSession.user_id == StaffUser.id)
        .where(
            StaffSession.token_hash == token_hash(token),
            StaffSession.expires_at > now,
            StaffUser.fs_uniquifier == uniquifier,
            StaffUser.active.is_(True),
        )
    )


def user_by_email(session: Session, email: str) -> StaffUser | None:
    """The account with this address, whatever its case."""
    return session.scalar(select(StaffUser).where(StaffUser.email == email.strip().lower()))


def usable_link(session: Session, token: str, *, now: datetime) -> SignInLink | None:
    """The sign-in link if it can still be used by an active user."""
    return session.scalar(
        select(SignInLink)
        .join(StaffUser, StaffUser.id == SignInLink.user_id)
        .where(
            SignInLink.token_hash == token_hash(token),
            SignInLink.used_at.is_(None),
            SignInLink.expires_at > now,
            StaffUser.active.is_(True),
        )
    )


def active_staff(session: Session) -> list[StaffUser]:
    """Everybody who can be given work, by name."""
    found = session.scalars(select(StaffUser).where(StaffUser.active.is_(True)))
    return sorted(found, key=lambda user: user.display_name.casefold())
