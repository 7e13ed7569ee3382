"""/people/import in a browser: upload, look, begin, watch, mend."""

import gc
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from feedback_app import http
from feedback_app.imports import uploads
from feedback_app.imports.jobs import run_imports
from feedback_app.imports.models import ImportChunk, ImportRun
from feedback_app.people.lists import all_lists
from feedback_app.people.models import Person, Suppression
from feedback_app.staff.models import Role
from tests.factories import make_user
from tests.pages import Browser, afresh, form_token, new_browser, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

IMPORT = "/people/import"
HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to" / "import-people.md"
GOOD = "email;name;MRR;company\nana@x.example;Jürgen Groß;1.200,50;Northwind\nnobody;=Nobody;;\n"


@pytest.fixture
def lead(app: Flask) -> Browser:
    return signed_in(app, Role.LEAD)


KIND = "multipart/form-data; boundary=x"


def form_with_file(data: bytes, token: str = "") -> bytes:
    """What a browser sends; the test client's own way leaves temporary files open."""
    return (
        f'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n{token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="people.csv"\r\n\r\n'
    ).encode() + (data + b"\r\n--x--\r\n")


def upload(browser: Browser, text: str | bytes) -> TestResponse:
    data = text if isinstance(text, bytes) else text.encode()
    token = form_token(browser.get(IMPORT).text)
    return browser.post(IMPORT, data=form_with_file(data, token), content_type=KIND)


def uploaded(browser: Browser, text: str | bytes) -> str:
    """The address of the run's page."""
    answer = upload(browser, text)
    assert answer.status_code == 303
    return answer.location


def chosen(page: str, **changes: str) -> dict[str, str]:
    """What a browser sends from the preview: each select's value."""
    found = re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    fields = {}
    for name, options in found:
        marked = re.search(r'<option selected value="([^"]*)"', options)
        first = re.search(r'<option[^>]*value="([^"]*)"', options)
        picked = marked or first
        assert picked
        fields[name] = picked[1]
    return fields | changes


def test_a_file_is_uploaded_looked_at_and_imported(app: Flask, session: Session, lead: Browser) -> None:
    run = uploaded(lead, GOOD)
    page = lead.get(run).text
    assert "Jürgen Groß" in page
    assert "1,200.50 a month" in page
    assert "Line 3: Column “email”: “nobody” is not an e-mail address." in page
    assert afresh(session).scalar(select(func.count()).select_from(Person)) == 0

    sent = lead.send(run, form_on=run, then="begin", **chosen(page, list_name=" Spring  survey "))
    assert (sent.status_code, sent.location) == (303, run)
    assert "Waiting for a worker" in lead.get(run).text
    assert lead.get(f"{run}/progress").json == {
        "state": "waiting", "at_work": True, "done": 0, "total": None, "rejected": 0,
    }  # fmt: skip

    run_imports.run()
    result = lead.get(run).text
    assert "Finished" in result
    assert "Column “email”: “nobody” is not an e-mail address." in result
    assert lead.get(f"{run}/progress").json == {
        "state": "finished", "at_work": False, "done": 2, "total": 2, "rejected": 1,
    }  # fmt: skip
    assert [(line.name, line.people) for line in all_lists(afresh(session))] == [("Spring survey", 1)]


def test_rejected_rows_are_mended_and_imported_again(app: Flask, session: Session, lead: Browser) -> None:
    run = uploaded(lead, GOOD)
    lead.send(run, form_on=run, then="begin", **chosen(lead.get(run).text))
    run_imports.run()
    answer = lead.get(f"{run}/rejected.csv", buffered=True)  # read as a server does, behind the view
    assert answer.headers["Content-Disposition"] == 'attachment; filename="people.rejected.csv"'
    assert answer.data.decode("utf-8-sig").splitlines() == [
        "Line;Why it was rejected;email;name;MRR;company",
        "3;Column “email”: “nobody” is not an e-mail address.;nobody;'=Nobody;;",
    ]

    again = uploaded(lead, answer.data.replace(b";nobody;", b";ben@x.example;"))
    lead.send(again, form_on=again, then="begin", **chosen(lead.get(again).text))
    run_imports.run()
    assert afresh(session).scalars(select(Person.name).order_by(Person.id)).all() == [
        "Jürgen Groß",
        "=Nobody",
    ]


def test_columns_can_be_changed_before_anything_is_stored(
    app: Flask, session: Session, lead: Browser
) -> None:
    run = uploaded(lead, "email,note,spitzname\nana@x.example,secret,Ani\n")
    choices = chosen(lead.get(run).text, **{"column-1": "ignore", "column-2": "name"})
    looked = lead.send(run, form_on=run, then="look", **choices)
    assert looked.status_code == 200
    assert chosen(looked.text)["column-2"] == "name"
    lead.send(run, form_on=run, then="begin", **chosen(looked.text))
    run_imports.run()
    person = afresh(session).scalars(select(Person)).one()
    assert (person.name, person.properties) == ("Ani", {})


def test_what_is_not_decided_is_asked_and_nothing_begins(lead: Browser) -> None:
    run = uploaded(lead, "email,company,renewal date\na@x.example,A,03/04/2026\n")
    page = lead.get(run).text
    assert "Say whether the day or the month is first." in page
    assert 'value="begin"' not in page
    assert lead.send(run, form_on=run, then="begin", **chosen(page)).status_code == 422
    looked = lead.send(run, form_on=run, then="look", **chosen(page, dates="day"))
    assert "renews on 3 Apr 2026" in looked.text


def test_an_encoding_that_was_guessed_wrongly_can_be_changed(lead: Browser, session: Session) -> None:
    run = uploaded(lead, "email;name\nana@x.example;Åsa Öberg\n".encode("cp1252"))
    looked = lead.send(run, form_on=run, then="look", **chosen(lead.get(run).text, encoding="cp1252"))
    assert "Åsa Öberg" in looked.text
    lead.send(run, form_on=run, then="begin", **chosen(looked.text, encoding="cp1252"))
    run_imports.run()
    assert afresh(session).scalars(select(Person.name)).all() == ["Åsa Öberg"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "The file is empty"),
        ("email,name\n", "headings but no rows"),
        ("ana@x.example,Ana\n", "an address where headings should be"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(
    lead: Browser, session: Session, text: str, said: str
) -> None:
    answer = upload(lead, text)
    assert answer.status_code == 422
    assert said in answer.text
    assert afresh(session).scalar(select(func.count()).select_from(ImportRun)) == 0


def test_without_a_file_the_page_says_so(lead: Browser) -> None:
    answer = lead.send(IMPORT, form_on=IMPORT)
    assert answer.status_code == 422
    assert "No file was chosen" in answer.text


def test_an_import_can_be_cancelled_and_is_listed(lead: Browser, session: Session) -> None:
    run = uploaded(lead, GOOD)
    assert lead.send(f"{run}/cancel", form_on=run).status_code == 303
    page = lead.get(IMPORT).text
    assert "people.csv" in page
    assert "Cancelled" in page
    assert "No row was imported." in lead.get(run).text
    assert afresh(session).scalar(select(func.count()).select_from(ImportChunk)) == 0
    assert lead.send(run, form_on=IMPORT, then="begin").location == run  # as it is no longer open


def test_an_unknown_import_is_a_404(lead: Browser) -> None:
    assert lead.get(f"{IMPORT}/7").status_code == 404


def test_large_files_are_taken_from_those_who_may_import_and_from_nobody_else(
    app: Flask, lead: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = "email,name\n" + "ana@x.example,Ana\n" * 70_000
    assert len(large) > http.LARGEST_BODY
    assert upload(lead, large).status_code == 303
    stranger, csm = new_browser(app), signed_in(app, Role.CSM)
    for browser in (stranger, csm):
        assert browser.post(IMPORT, data=form_with_file(large.encode()), content_type=KIND).status_code == 413
    assert lead.post(IMPORT, data=large.encode(), content_type="text/csv").status_code == 413


def test_a_file_that_is_too_large_is_refused_before_it_is_read(app: Flask, lead: Browser) -> None:
    size = uploads.LARGEST_FILE + 2 * http.LARGEST_BODY
    answer = lead.post(IMPORT, content_type=KIND, environ_overrides={"CONTENT_LENGTH": str(size)})
    assert answer.status_code == 413


@pytest.mark.filterwarnings("ignore:Unclosed file:ResourceWarning")  # werkzeug leaves it to the collector
def test_half_a_file_is_refused(lead: Browser, session: Session) -> None:
    whole = form_with_file(b"email\nana@x.example\nben@x.example\n", form_token(lead.get(IMPORT).text))
    assert lead.post(IMPORT, data=whole, content_type=KIND).status_code == 303
    half = whole[:-30]
    answer = lead.post(IMPORT, data=half, content_type=KIND)
    assert answer.status_code == 400
    late = lead.post(
        IMPORT, data=half, content_type=KIND, environ_overrides={"CONTENT_LENGTH": str(len(whole))}
    )
    assert late.status_code == 400
    assert afresh(session).scalar(select(func.count()).select_from(ImportRun)) == 1
    gc.collect()


def test_the_example_of_the_how_to_is_imported(app: Flask, session: Session, lead: Browser) -> None:
    example = re.search(r"```csv\n(.*?)```", HOW_TO.read_text(), re.DOTALL)
    assert example
    make_user(session, email="lena@northlight.example")
    run = uploaded(lead, example[1])
    page = lead.get(run).text
    assert "max@northlight.example is no colleague here" in page
    lead.send(run, form_on=run, then="begin", **chosen(page))
    run_imports.run()
    people = afresh(session).scalars(select(Person).order_by(Person.id)).all()
    assert [(person.name, person.locale) for person in people] == [
        ("Ana Lind", "sv"), ("Ben Ode", "en"), ("Chen Wu", "en"),
    ]  # fmt: skip
    assert session.scalars(select(Suppression.person_id)).all() == [people[1].id]
