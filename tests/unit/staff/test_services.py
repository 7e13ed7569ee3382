"""Staff accounts: who gets in, for how long, and what ends it."""

import threading
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from feedback_app.crypto import token_hash
from feedback_app.db import db, transaction
from feedback_app.errors import Invalid, NotFound
from feedback_app.staff import services
from feedback_app.staff.models import AuditEntry, Role, SignInLink, StaffSession, StaffUser
from feedback_app.staff.queries import user_of_session
from feedback_app.staff.services import SignedIn, SignInLinkGone, WrongSignIn
from tests.factories import make_user

PASSWORD = "three plain words"


def with_password(session: Session, **given: object) -> StaffUser:
    return make_user(session, password=hash_password(PASSWORD), **given)


def token_in(url: str) -> str:
    return url.removeprefix("http://localhost/login/")


def open_sessions(session: Session, user: StaffUser) -> int:
    count = session.scalar(
        select(func.count()).select_from(StaffSession).where(StaffSession.user_id == user.id)
    )
    return int(count or 0)


def test_adding_somebody_twice_changes_the_role_and_keeps_the_name(session: Session, now: datetime) -> None:
    first = services.add_user(session, "Mia@Northlight.example", role=Role.VIEWER, name="Mia", now=now)
    again = services.add_user(session, "mia@northlight.example ", role=Role.LEAD, now=now)
    user = session.get_one(StaffUser, first)
    assert (again, user.role, user.name, user.email) == (first, Role.LEAD, "Mia", "mia@northlight.example")


def test_adding_somebody_is_on_the_record(session: Session, now: datetime) -> None:
    user_id = services.add_user(session, "mia@northlight.example", role=Role.CSM, now=now)
    entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject_kind, entry.subject_id) == ("user.saved", "staff_user", user_id)
    assert (entry.user_id, entry.detail) == (None, {"role": "csm"})


def test_what_is_no_address_adds_nobody(session: Session, now: datetime) -> None:
    with pytest.raises(Invalid, match="'mia at northlight' is not an e-mail address"):
        services.add_user(session, "mia at northlight", role=Role.CSM, now=now)
    assert session.scalar(select(func.count()).select_from(StaffUser)) == 0


def test_the_database_never_sees_a_sign_in_token(session: Session, now: datetime) -> None:
    token = token_in(services.sign_in_link(session, make_user(session).id, now=now))
    kept = session.scalars(select(SignInLink)).one()
    assert kept.token_hash == token_hash(token)
    assert kept.expires_at == now + timedelta(hours=24)


def test_a_link_signs_in_once(session: Session, now: datetime) -> None:
    user = make_user(session)
    token = token_in(services.sign_in_link(session, user.id, now=now))
    signed_in = services.sign_in_by_link(session, token, now=now)
    assert signed_in.user.id == user.id
    with pytest.raises(SignInLinkGone):
        services.sign_in_by_link(session, token, now=now)
    assert open_sessions(session, user) == 1


def test_a_link_that_has_expired_signs_nobody_in(session: Session, now: datetime) -> None:
    token = token_in(services.sign_in_link(session, make_user(session).id, now=now))
    with pytest.raises(SignInLinkGone):
        services.sign_in_by_link(session, token, now=now + timedelta(hours=24))


def test_a_link_of_a_closed_account_signs_nobody_in(session: Session, now: datetime) -> None:
    user = make_user(session, active=False)
    with pytest.raises(SignInLinkGone):
        services.sign_in_by_link(session, token_in(services.sign_in_link(session, user.id, now=now)), now=now)


def test_of_two_who_press_the_button_at_once_one_gets_in(app: Flask, session: Session, now: datetime) -> None:
    token = token_in(services.sign_in_link(session, make_user(session).id, now=now))
    together = threading.Barrier(2)
    outcomes: list[str] = []

    def press() -> None:
        with app.app_context():
            together.wait()
            try:
                services.sign_in_by_link(db.session(), token, now=now)
                outcomes.append("in")
            except SignInLinkGone:
                outcomes.append("gone")

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["gone", "in"]


def test_the_password_opens_a_session_of_fourteen_days(session: Session, now: datetime) -> None:
    user = with_password(session)
    signed_in = services.sign_in_by_password(session, user.email.upper(), PASSWORD, now=now)
    uniquifier = signed_in.user.fs_uniquifier
    almost, over = now + timedelta(days=14, seconds=-1), now + timedelta(days=14)
    assert user_of_session(session, signed_in.token, uniquifier, now=almost) is not None
    assert user_of_session(session, signed_in.token, uniquifier, now=over) is None


@pytest.mark.parametrize(
    "given", [{"active": False}, {"password": None}, {"email": "other@northlight.example"}]
)
def test_a_wrong_password_and_an_account_without_one_are_told_alike(
    session: Session, now: datetime, given: dict[str, object]
) -> None:
    make_user(session, **{"email": "mia@northlight.example", "password": hash_password(PASSWORD)} | given)
    for password in (PASSWORD + "!", PASSWORD if given else "three plain word"):
        with pytest.raises(WrongSignIn) as refused:
            services.sign_in_by_password(session, "mia@northlight.example", password, now=now)
        assert refused.value.message == (
            "The e-mail address and password do not belong together. You are not signed in."
        )


def test_an_unknown_address_is_compared_with_a_hash_too(
    session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    monkeypatch.setattr(services, "verify_password", lambda _given, kept: compared.append(kept) or False)
    with pytest.raises(WrongSignIn):
        services.sign_in_by_password(session, "nobody@northlight.example", PASSWORD, now=now)
    assert compared == [services.decoy_hash()]
    assert compared[0].startswith("$argon2id$")


def test_signing_out_ends_this_session_only(session: Session, now: datetime) -> None:
    user = with_password(session)
    here = services.sign_in_by_password(session, user.email, PASSWORD, now=now)
    there = services.sign_in_by_password(session, user.email, PASSWORD, now=now)
    services.sign_out(session, here.token)
    assert user_of_session(session, here.token, user.fs_uniquifier, now=now) is None
    assert user_of_session(session, there.token, user.fs_uniquifier, now=now) is not None


def test_a_new_password_ends_every_other_session_and_link(session: Session, now: datetime) -> None:
    user = with_password(session)
    here = services.sign_in_by_password(session, user.email, PASSWORD, now=now)
    services.sign_in_by_password(session, user.email, PASSWORD, now=now)
    token = token_in(services.sign_in_link(session, user.id, now=now))
    kept = services.change_password(session, user.id, here.token, PASSWORD, "four other plain words", now=now)
    assert open_sessions(session, user) == 1
    assert user_of_session(session, kept.token, kept.user.fs_uniquifier, now=now) is not None
    with pytest.raises(SignInLinkGone):
        services.sign_in_by_link(session, token, now=now)
    services.sign_in_by_password(session, user.email, "four other plain words", now=now)


def session_begun(session: Session, user: StaffUser, at: datetime) -> SignedIn:
    with transaction(session):
        return services.begin_session(session, user.id, at)


def test_an_older_session_needs_the_current_password_for_a_new_one(session: Session, now: datetime) -> None:
    user = with_password(session)
    begun = session_begun(session, user, now - timedelta(minutes=15))
    with pytest.raises(WrongSignIn):
        services.change_password(session, user.id, begun.token, "not it", "four other plain words", now=now)
    assert open_sessions(session, user) == 1


def test_whoever_came_in_a_moment_ago_may_set_a_forgotten_password(session: Session, now: datetime) -> None:
    user = with_password(session)
    begun = session_begun(session, user, now - timedelta(minutes=14))
    services.change_password(session, user.id, begun.token, "", "four other plain words", now=now)
    assert services.sign_in_by_password(session, user.email, "four other plain words", now=now)


def test_an_older_session_without_a_password_cannot_set_one(session: Session, now: datetime) -> None:
    user = make_user(session)
    begun = session_begun(session, user, now - timedelta(hours=1))
    with pytest.raises(WrongSignIn):
        services.change_password(session, user.id, begun.token, "", "four other plain words", now=now)


def test_a_closed_account_is_signed_out_everywhere(session: Session, now: datetime) -> None:
    user = with_password(session)
    services.sign_in_by_password(session, user.email, PASSWORD, now=now)
    services.deactivate_user(session, user.email, now=now)
    assert open_sessions(session, user) == 0
    with pytest.raises(WrongSignIn):
        services.sign_in_by_password(session, user.email, PASSWORD, now=now)


def test_a_session_that_began_while_the_account_was_closed_is_nobodys(
    session: Session, now: datetime
) -> None:
    user = with_password(session)
    services.deactivate_user(session, user.email, now=now)
    begun = session_begun(session, user, now)
    assert user_of_session(session, begun.token, begun.user.fs_uniquifier, now=now) is None


def test_closing_an_account_that_is_not_there_says_so(session: Session, now: datetime) -> None:
    with pytest.raises(NotFound, match="Nobody has an account as nobody@"):
        services.deactivate_user(session, "nobody@northlight.example", now=now)


def test_a_password_is_the_same_however_its_letters_were_composed(session: Session, now: datetime) -> None:
    user = make_user(session, password=hash_password(services.plain("Zürcher Straße")))
    assert services.sign_in_by_password(session, user.email, "Zu\u0308rcher Straße", now=now)
