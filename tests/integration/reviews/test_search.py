"""/search: what it shows, to whom, and that no input is an error."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.reviews.services import add_note
from feedback_app.staff.models import Role
from tests.conftest import NOON
from tests.factories import make_person, make_read, make_response
from tests.pages import signed_in


def links(page: str) -> list[str]:
    return re.findall(r'class="open" href="([^"]+)"', page)


def test_hits_are_grouped_and_marked(app: Flask, session: Session) -> None:
    dana = make_person(session, name="Dana Export", email="dana@harrow.example").id
    hers = make_read(session, person_id=dana, comment="<b>Exports</b> fail").id
    add_note(session, hers, "Told them about exporting", user_id=None, now=NOON)
    make_read(session, comment="Something else")
    page = signed_in(app).get("/search?q=export").text
    assert links(page) == [f"/responses/{hers}", f"/responses/{hers}", f"/people/{dana}"]
    for shown in (
        "&lt;b&gt;<mark>Exports</mark>&lt;/b&gt; fail",
        "<mark>exporting</mark>",
        "Dana <mark>Export</mark>",
    ):
        assert shown in page


def test_a_viewer_sees_masked_hits_and_no_people(app: Flask, session: Session) -> None:
    dana = make_person(session, name="Dana Whitfield", email="dana@harrow.example").id
    hers = make_read(session, person_id=dana, comment="Dana says exports fail, write to x@y.example").id
    viewer = signed_in(app, Role.VIEWER)
    page = viewer.get("/search?q=export").text
    assert links(page) == [f"/responses/{hers}"]
    assert "<mark>exports</mark>" in page
    assert "Dana" not in page
    assert "y.example" not in page
    for hidden in ("dana", "whitfield", "y.example", "export dana", "&kind=person&q=dana"):
        assert links(viewer.get(f"/search?q={hidden}").text) == []
    assert links(viewer.get("/search?q=export+-dana").text) == [f"/responses/{hers}"]


def test_a_viewer_is_told_what_is_not_searched_and_not_of_hidden_people(app: Flask, session: Session) -> None:
    make_read(session, person_id=None, comment="slow")
    viewer, csm = signed_in(app, Role.VIEWER), signed_in(app)
    told = ["people are not searched for you" in who.get("/search?q=dana").text for who in (viewer, csm)]
    assert told == [True, False]
    page = viewer.get("/search?q=slow").text
    assert "Nobody known" in page
    assert "•••" not in page


@pytest.mark.parametrize("role", [Role.CSM, Role.VIEWER])
def test_many_hits_come_a_page_at_a_time(app: Flask, session: Session, role: Role) -> None:
    ids = [make_read(session, comment="slow", created_at=NOON - timedelta(hours=n)).id for n in range(23)]
    browser = signed_in(app, role)
    first = browser.get("/search?q=slow").text
    assert [int(link.rpartition("/")[2]) for link in links(first)] == ids[:10]
    assert (">23<" in first) is (role is Role.CSM)
    page = browser.get("/search?q=slow&kind=comment").text
    assert [int(link.rpartition("/")[2]) for link in links(page)] == ids[:20]
    (older,) = re.findall(r'rel="next" href="([^"]+)"', page)
    last = browser.get(older.replace("&amp;", "&")).text
    assert [int(link.rpartition("/")[2]) for link in links(last)] == ids[20:]
    assert 'rel="next"' not in last
    assert 'rel="prev"' in last


def test_comments_that_wait_for_the_tagger_are_counted(app: Flask, session: Session) -> None:
    browser = signed_in(app)
    make_read(session, comment="slow", tagged_at=None, tagger="some 1")  # to be read again
    assert "still to be read" not in browser.get("/search?q=slow").text
    make_response(session, comment="slow")
    page = browser.get("/search?q=slow").text
    assert "One new comment is still to be read and not found yet" in page
    assert len(links(page)) == 1
    make_response(session, comment="fast")
    assert "2 new comments are still to be read" in browser.get("/search?q=slow").text


def test_what_finds_nothing_says_what_to_do(app: Flask, session: Session) -> None:
    browser = signed_in(app)
    told = {
        "": "Find what customers said",
        "q=nothing": "Nothing found",
        "q=-slow": "Nothing to look for",
        "q=%22%22%22*%5E:%00": "Nothing to look for",
        "q=" + "x" * 10_000: "only the first 12 words or phrases, and the first 400 characters, were",
        "q=" + "y" * 401: 'value="' + "y" * 401 + '"',
        "q=slow&after=zzz&kind=comment": "Nothing found",
        "q=slow&after=99999999999999999999&kind=zzz": "Nothing found",
        "q=%F0%9F%91%8D": "Nothing to look for",
        "q=AND+OR+NEAR(a+b)": "Nothing found",
    }
    assert {query: told[query] in browser.get(f"/search?{query}").text for query in told} == dict.fromkeys(
        told, True
    )
