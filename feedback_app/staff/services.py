"""Staff accounts: adding, signing in and out, changing one's own; and the audit trail.

Passwords are hashed and compared outside of transactions: Argon2 takes its time, and there is one writer.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_security import hash_password, verify_password
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from feedback_app.crypto import token_hash
from feedback_app.db import transaction
from feedback_app.errors import Gone, Invalid, NotFound
from feedback_app.links import Links
from feedback_app.staff.models import AuditEntry, Role, SignInLink, StaffRole, StaffSession, StaffUser
from feedback_app.staff.queries import user_by_email

SESSION_LIFETIME = timedelta(days=14)
PRINTED_LINK_LIFETIME = timedelta(hours=24)
MAILED_LINK_LIFETIME = timedelta(hours=1)
JUST_SIGNED_IN = timedelta(minutes=15)  # long enough to choose a password without giving the old one
SHORTEST_PASSWORD = 12


class WrongSignIn(Invalid):
    """No such account, or not its password: which of the two is not told."""

    title = "That did not match"

    def __init__(self) -> None:
        super().__init__("The e-mail address and password do not belong together. You are not signed in.")


class SignInLinkGone(Gone):
    """A one-time sign-in link that was used, has expired or was never made."""

    title = "This link cannot be used"

    def __init__(self) -> None:
        super().__init__(
            "A sign-in link works once, and this one was used or has expired. If you came in by it in this browser, "
            "press the button: you may still be signed in. Ask for a new one on the sign-in page if not."
        )


@dataclass(frozen=True)
class SignedIn:
    """Who signed in, and the token that their browser keeps."""

    user: StaffUser
    token: str


def add_user(session: Session, email: str, *, role: Role, name: str = "", now: datetime) -> int:
    """Add an account, or give an existing one this role (and name, if one is given); return its id."""
    address = staff_address(email)
    with transaction(session):
        user = user_by_email(session, address)
        if user is None:
            user = StaffUser(email=address, active=True, fs_uniquifier=secrets.token_hex(32), created_at=now)
            session.add(user)
        user.name = name or user.name or ""
        user.roles = [role_row(session, role)]
        session.flush()
        record_audit(session, None, "user.saved", "staff_user", user.id, {"role": role.key}, now)
        return user.id


def deactivate_user(session: Session, email: str, *, now: datetime) -> None:
    """Close an account: it cannot sign in, and its browsers are signed out. Raises NotFound."""
    with transaction(session):
        user = user_by_email(session, email)
        if user is None:
            raise NotFound(f"Nobody has an account as {email}, so nothing was changed.")
        user.active = False
        end_sessions(session, user.id)
        record_audit(session, None, "user.deactivated", "staff_user", user.id, {}, now)


def sign_in_link(
    session: Session, user_id: int, *, now: datetime, lifetime: timedelta = PRINTED_LINK_LIFETIME
) -> str:
    """A new one-time sign-in link, as a full URL. The database keeps only its hash."""
    links: Links = current_app.extensions["feedback_links"]
    token = secrets.token_urlsafe(32)
    with transaction(session):
        session.add(
            SignInLink(
                token_hash=token_hash(token), user_id=user_id, created_at=now, expires_at=now + lifetime
            )
        )
    return links.sign_in(token)


def sign_in_by_password(session: Session, email: str, password: str, *, now: datetime) -> SignedIn:
    """Begin a session for whoever knows the password; raises WrongSignIn.

    An unknown address costs the same time as a wrong password, so that nobody learns who works here.
    """
    user = user_by_email(session, email)
    known = user.password if user is not None and user.active else None
    matches = verify_password(plain(password), known or decoy_hash())
    if user is None or known is None or not matches:
        raise WrongSignIn
    user_id = user.id
    with transaction(session):
        # The password may have been changed while we compared.
        if session.scalar(select(StaffUser.password).where(StaffUser.id == user_id)) != known:
            raise WrongSignIn
        return begin_session(session, user_id, now)


def sign_in_by_link(session: Session, token: str, *, now: datetime) -> SignedIn:
    """Use up the link and begin a session; of two who press the button at once, one gets in."""
    with transaction(session):
        user_id = session.scalar(
            update(SignInLink)
            .where(
                SignInLink.token_hash == token_hash(token),
                SignInLink.used_at.is_(None),
                SignInLink.expires_at > now,
                SignInLink.user_id.in_(select(StaffUser.id).where(StaffUser.active.is_(True))),
            )
            .values(used_at=now)
            .returning(SignInLink.user_id)
        )
        if user_id is None:
            raise SignInLinkGone
        return begin_session(session, user_id, now)


def sign_out(session: Session, token: str) -> None:
    """End the browser's session: the token is worth nothing from here on."""
    with transaction(session):
        session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash(token)))


def save_profile(session: Session, user_id: int, *, name: str, time_zone: str | None, now: datetime) -> None:
    """Change one's own name and time zone (None: the workspace's)."""
    with transaction(session):
        user = session.get_one(StaffUser, user_id)
        user.name, user.time_zone = name.strip(), time_zone
        record_audit(session, user_id, "profile.saved", "staff_user", user_id, {}, now)


def change_password(
    session: Session, user_id: int, token: str, current: str, new: str, *, now: datetime
) -> SignedIn:
    """Set a new password and end every session of the account but a fresh one for this browser.

    The current password is asked for unless there is none or the browser signed in a moment ago: whoever forgot
    it comes in by a link. Raises WrongSignIn.
    """
    user = session.get_one(StaffUser, user_id)
    knows = user.password is not None and verify_password(plain(current), user.password)
    if not knows and not may_skip_current(session, user, token, now=now):
        raise WrongSignIn
    hashed = hash_password(plain(new))
    with transaction(session):
        user = session.get_one(StaffUser, user_id)
        user.password = hashed
        user.fs_uniquifier = secrets.token_hex(32)
        end_sessions(session, user_id)
        record_audit(session, user_id, "password.changed", "staff_user", user_id, {}, now)
        return begin_session(session, user_id, now)


def may_skip_current(session: Session, user: StaffUser, token: str, *, now: datetime) -> bool:
    """Whether a new password can be set without the old one: this browser signed in a moment ago."""
    begun = session.scalar(
        select(StaffSession.created_at).where(
            StaffSession.token_hash == token_hash(token), StaffSession.user_id == user.id
        )
    )
    return begun is not None and now - begun < JUST_SIGNED_IN


def record_audit(
    session: Session,
    user_id: int | None,
    action: str,
    subject_kind: str,
    subject_id: int | None,
    detail: dict[str, Any],
    now: datetime,
) -> None:
    """Note a change by staff, within the caller's transaction. `detail` holds ids and settings, never texts."""
    session.add(
        AuditEntry(
            at=now,
            user_id=user_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail,
        )
    )


def staff_address(email: str) -> str:
    """The address in the form that accounts are found by; raises Invalid."""
    try:
        return validate_email(email.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise Invalid(f"'{email.strip()[:80]}' is not an e-mail address, so no account was added.") from error


def role_row(session: Session, role: Role) -> StaffRole:
    """The role's row, made when it is first given to somebody."""
    row = session.scalar(select(StaffRole).where(StaffRole.name == role.key))
    if row is None:
        row = StaffRole(name=role.key)
        session.add(row)
    return row


def begin_session(session: Session, user_id: int, now: datetime) -> SignedIn:
    """A session row for one browser, within the caller's transaction; sessions that have expired go."""
    token = secrets.token_urlsafe(32)
    user = session.get_one(StaffUser, user_id)
    user.last_sign_in_at = now
    session.execute(
        delete(StaffSession).where(StaffSession.user_id == user_id, StaffSession.expires_at <= now)
    )
    session.add(
        StaffSession(
            token_hash=token_hash(token), user_id=user_id, created_at=now, expires_at=now + SESSION_LIFETIME
        )
    )
    return SignedIn(user, token)


def end_sessions(session: Session, user_id: int) -> None:
    """Sign out every browser of the account and void its unused links, within the caller's transaction."""
    session.execute(delete(StaffSession).where(StaffSession.user_id == user_id))
    session.execute(delete(SignInLink).where(SignInLink.user_id == user_id, SignInLink.used_at.is_(None)))


def plain(password: str) -> str:
    """The password as it is hashed: the same whichever way a keyboard composed its letters."""
    return unicodedata.normalize("NFKD", password)


@cache
def decoy_hash() -> str:
    """What the passwords of unknown accounts are compared with."""
    return str(hash_password(secrets.token_hex(16)))
