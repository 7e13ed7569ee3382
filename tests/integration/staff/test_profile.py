"""One's own name, time zone and password."""

import pytest
from flask import Flask
from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.clock import now
from feedback_app.staff.models import Role, StaffUser
from tests.factories import make_user
from tests.pages import browser_of, new_browser, signed_in

PASSWORD = "three plain words"


def test_the_profile_can_be_changed(app: Flask, session: Session) -> None:
    browser = signed_in(app, Role.VIEWER)
    saved = browser.send("/settings/profile", name=" Mia <b>Berg</b> ", time_zone="Europe/Zurich")
    assert (saved.status_code, saved.location) == (303, "/settings/profile")
    user = session.scalars(select(StaffUser).execution_options(populate_existing=True)).one()
    assert (user.name, user.time_zone) == ("Mia <b>Berg</b>", "Europe/Zurich")
    page = browser.get("/settings/profile").text
    assert "Your profile is saved." in page
    assert ">Mia &lt;b&gt;Berg&lt;/b&gt;</span></summary>" in page


def test_a_time_zone_that_does_not_exist_is_refused(app: Flask, session: Session) -> None:
    browser = signed_in(app)
    refused = browser.send("/settings/profile", name="Mia", time_zone="Europe/Atlantis")
    assert refused.status_code == 422
    assert session.scalars(select(StaffUser.time_zone)).one() is None


def test_a_new_password_signs_out_the_other_browsers_and_keeps_this_one(app: Flask, session: Session) -> None:
    user = make_user(session, password=hash_password(PASSWORD))
    here, there = browser_of(app, user.id), browser_of(app, user.id)
    changed = here.send(
        "/settings/password", current=PASSWORD, new="four other words", again="four other words"
    )
    assert (changed.status_code, changed.location) == (303, "/settings/profile")
    assert here.get("/settings/profile").status_code == 200
    assert there.get("/settings/profile").status_code == 302
    newcomer = new_browser(app)
    entered = newcomer.send("/login", form_on="/login", email=user.email, password="four other words")
    assert entered.status_code == 303


@pytest.mark.parametrize(
    ("new", "again", "told"),
    [
        ("short", "short", "Choose at least 12 characters"),
        ("four other words", "four other word", "The two new passwords are not the same."),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    app: Flask, session: Session, new: str, again: str, told: str
) -> None:
    user = make_user(session, password=hash_password(PASSWORD))
    before = user.password
    refused = browser_of(app, user.id).send("/settings/password", current=PASSWORD, new=new, again=again)
    assert refused.status_code == 422
    assert told in refused.text
    session.refresh(user)
    assert user.password == before


def test_times_are_shown_in_the_readers_zone(app: Flask, session: Session) -> None:
    with app.test_request_context():
        from flask_security import login_user

        login_user(make_user(session, time_zone="America/New_York"))
        moment = app.jinja_env.filters["moment"]
        assert moment(now().replace(2026, 7, 1, 12, 0)) == "1 Jul 2026, 08:00 EDT"
