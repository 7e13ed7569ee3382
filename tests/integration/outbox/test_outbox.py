"""/outbox: the caught mails, exactly as they would have gone out, and harmless."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from flask import Flask

from feedback_app.app import create_app
from feedback_app.mail.catcher import CatcherTransport, list_caught
from feedback_app.mail.message import Address, OutgoingMail
from feedback_app.staff.models import Role
from tests.conftest import close, make_settings
from tests.pages import Browser, signed_in

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

MAIL = OutgoingMail(
    message_id="<1@northlight.example>",
    envelope_from="surveys@northlight.example",
    sender=Address("Northlight", "surveys@northlight.example"),
    reply_to=None,
    to=Address("Dana", "dana@harrow.example"),
    subject="How did <it> go?",
    text="Tap: http://localhost/a/token?rating=9\n",
    html='<html><head><title>x</title></head><body><a href="http://localhost/a/token?rating=9">9</a>'
    "<script>alert(1)</script></body></html>",
    headers=(("List-Unsubscribe", "<http://localhost/u/token>"),),
    date=datetime(2026, 11, 20, 12, 0, tzinfo=UTC),
)


def catch(app: Flask, **given: object) -> str:
    folder: Path = app.extensions["feedback_settings"].outbox
    CatcherTransport(folder).send(replace(MAIL, **given), before_final_dot=lambda: None)  # type: ignore[arg-type]
    return list_caught(folder, 1)[0].key


@pytest.fixture
def csm(app: Flask) -> Browser:
    return signed_in(app)


def test_an_empty_outbox_says_when_mail_comes(csm: Browser) -> None:
    assert "No mail yet" in csm.get("/outbox").text


def test_the_list_shows_the_newest_first_and_pages_on(app: Flask, csm: Browser) -> None:
    for n in range(51):
        catch(app, message_id=f"<{n}@x.example>", subject=f"Mail {n}.", date=MAIL.date + timedelta(minutes=n))
    page = csm.get("/outbox").text
    assert page.index("Mail 50.") < page.index("Mail 49.") < page.index("Mail 1.")
    assert "Mail 0." not in page
    older = csm.get(page.split('rel="next" href="')[1].split('"')[0]).text
    assert "Mail 0." in older
    assert "Mail 1." not in older


def test_a_mail_shows_its_text_and_headers_escaped(app: Flask, csm: Browser) -> None:
    page = csm.get(f"/outbox/{catch(app)}")
    assert '<h1 dir="auto">How did &lt;it&gt; go?</h1>' in page.text
    assert "Tap: http://localhost/a/token?rating=9" in page.text
    assert "List-Unsubscribe: &lt;http://localhost/u/token&gt;" in page.text
    assert "alert(1)" not in page.text
    assert page.headers["Content-Security-Policy"].endswith("; frame-src 'self'")


def test_the_html_is_framed_without_scripts_or_our_origin(app: Flask, csm: Browser) -> None:
    key = catch(app)
    page = csm.get(f"/outbox/{key}").text
    assert f'src="/outbox/{key}/html" sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    framed = csm.get(f"/outbox/{key}/html")
    rules = framed.headers["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in rules
    assert "img-src data:" in rules
    assert "frame-ancestors 'self'" in rules
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in rules
    assert not [rule for rule in rules if "script" in rule or "same-origin" in rule]
    assert '<head><base target="_blank">' in framed.text
    assert '<a href="http://localhost/a/token?rating=9">9</a>' in framed.text


def test_the_download_is_the_mail_byte_for_byte(app: Flask, csm: Browser) -> None:
    key = catch(app)
    given = csm.get(f"/outbox/{key}/raw")
    kept = app.extensions["feedback_settings"].outbox / f"{key}.eml"
    assert given.data == kept.read_bytes()
    assert given.headers["Content-Type"] == "message/rfc822"
    assert given.headers["Content-Disposition"] == f"attachment; filename={key}.eml"
    assert message_from_bytes(given.data, policy=policy.default)["Subject"] == "How did <it> go?"


@pytest.mark.parametrize("key", ["0" * 32, "..%2f..%2fsecret_key", "x", "A" * 32])
@pytest.mark.parametrize("part", ["", "/html", "/raw"])
def test_what_is_no_mail_is_not_found(csm: Browser, key: str, part: str) -> None:
    assert csm.get(f"/outbox/{key}{part}").status_code == 404


def test_a_viewer_reads_no_mail(app: Flask) -> None:
    viewer = signed_in(app, Role.VIEWER)
    key = catch(app)
    assert [
        viewer.get(f"/outbox{path}").status_code for path in ("", f"/{key}", f"/{key}/html", f"/{key}/raw")
    ] == [403] * 4
    assert 'href="/outbox"' not in viewer.get("/inbox").text


@pytest.fixture
def app_with_smtp(tmp_path: Path, database: str) -> Iterator[Flask]:
    app = create_app(make_settings(tmp_path, database, smtp_url="smtp://127.0.0.1:9"))
    with app.app_context():
        yield app
    close(app)


def test_with_a_mail_server_there_is_no_outbox(app_with_smtp: Flask) -> None:
    csm = signed_in(app_with_smtp)
    page = csm.get("/outbox")
    assert page.status_code == 404
    assert "Mail goes out through the server of FEEDBACK_SMTP_URL" in page.text
    assert 'href="/outbox"' not in csm.get("/inbox").text
