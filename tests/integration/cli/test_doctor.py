"""The doctor: each finding says what to fix, and nothing is sent or looked up that need not be."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from feedback_app.cli import doctor
from feedback_app.cli.doctor_mail import check_mail, check_senders, sender_addresses, smtp_finding
from feedback_app.cli.doctor_tagger import check_tagger
from feedback_app.config import Settings
from feedback_app.sentiment.registry import tagger, tagger_names
from tests.conftest import make_settings
from tests.factories import make_survey
from tests.integration.mail.mail_server import PASSWORD, Post, authenticate, free_port, mail_server
from tests.unit.mail.test_dns_checks import LONG_KEY, Book

pytestmark = pytest.mark.only("sqlite")  # nothing in it differs from database to database

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WELL = {
    "northlight.org": ["v=spf1 include:spf.provider.net -all"],
    "s1._domainkey.northlight.org": [f"v=DKIM1; k=rsa; p={LONG_KEY}"],
    "_dmarc.northlight.org": ["v=DMARC1; p=reject"],
}


def sending(folder: Path, **more: str) -> Settings:
    given = {"smtp_url": "smtp://127.0.0.1:1", "mail_from": "surveys@northlight.org", **more}
    return make_settings(folder, **given)


@pytest.mark.parametrize(
    ("base_url", "told"),
    [
        ("https://feedback.northlight.org", ""),
        ("http://feedback.northlight.org", "one-click unsubscribing over https alone"),
        ("http://127.0.0.1:8000", "set FEEDBACK_BASE_URL to your public address"),
    ],
)
def test_links_should_begin_with_a_public_address_and_https(base_url: str, told: str, tmp_path: Path) -> None:
    advice = doctor.advice_on_base_url(make_settings(tmp_path, base_url=base_url))
    assert told in advice
    assert bool(advice) == bool(told)


def test_a_setting_that_is_none_is_told_with_what_was_meant() -> None:
    environ = {
        "FEEDBACK_BASEURL": "x",
        "FEEDBACK_BASE_URL": "https://x.example",
        "FEEDBACK_QQQ": "1",
        "HOME": "/",
    }
    found = [(finding.what, finding.advice) for finding in doctor.unknown_settings(environ)]
    assert found == [
        ("FEEDBACK_BASEURL", "Did you mean FEEDBACK_BASE_URL?"),
        ("FEEDBACK_QQQ", "docs/reference/settings.md lists those there are."),
    ]


@pytest.mark.parametrize("name", tagger_names())
def test_a_tagger_that_answers_is_well(name: str, tmp_path: Path) -> None:
    (finding,) = check_tagger(make_settings(tmp_path, tagger=name))
    assert finding.says.startswith(f"{name} {tagger(name).version} ")
    assert (finding.says[-8:], finding.advice) == (" answers", "")


def test_a_tagger_that_is_none_must_be_mended(tmp_path: Path) -> None:
    (finding,) = check_tagger(make_settings(tmp_path, tagger="lexogram"))
    assert finding.is_grave
    assert "no tagger called 'lexogram'; there are: lexigram, textblob" in finding.says
    assert finding.advice.startswith("Correct FEEDBACK_TAGGER")


def test_a_tagger_that_fails_must_be_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plugin = tmp_path / "broken-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n", encoding="utf-8")
    (plugin / "entry_points.txt").write_text(
        "[feedback_app.taggers]\nbroken = no_such_module:It\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))  # of the tagger's own process
    (finding,) = check_tagger(make_settings(tmp_path, tagger="broken"))
    assert finding.is_grave
    assert finding.says.startswith("broken fails: the tagger did not start")


@pytest.mark.parametrize(("seconds", "is_well"), [(0, True), (1.5, True), (-90, False), (90, False)])
def test_clocks_that_differ_are_told_with_by_how_much(seconds: float, is_well: bool) -> None:
    finding = doctor.clock_finding("the database", NOON + timedelta(seconds=seconds), NOON)
    assert bool(finding.advice) is not is_well
    assert finding.says == (
        "agrees with that of the database" if is_well else "90 s away from that of the database"
    )


@pytest.mark.only("postgresql")
def test_the_clock_of_the_database_is_asked(app: Flask, settings: Settings) -> None:
    (finding,) = doctor.check_clocks(settings)
    assert (finding.what, finding.says) == ("Clock", "agrees with that of the database")


def test_an_embedded_database_has_no_clock_of_its_own(tmp_path: Path) -> None:
    assert list(doctor.check_clocks(make_settings(tmp_path))) == []


def test_a_server_that_lets_us_in_is_well_and_gets_no_mail() -> None:
    post = Post()
    with mail_server(post, authenticator=authenticate, auth_require_tls=False, auth_required=True) as port:
        url = f"smtp://feedback:{quote(PASSWORD)}@127.0.0.1:{port}?starttls=off"
        finding = smtp_finding(url)
    assert (finding.says, finding.advice) == ("127.0.0.1 answered and let feedback in", "")
    assert post.messages == []
    assert not any(command.startswith("MAIL") for command in post.commands)


def test_a_wrong_password_is_grave_and_not_repeated() -> None:
    with mail_server(Post(), authenticator=authenticate, auth_require_tls=False, auth_required=True) as port:
        finding = smtp_finding(f"smtp://feedback:wrong-secret@127.0.0.1:{port}?starttls=off")
    assert finding.is_grave
    assert finding.says.startswith("127.0.0.1 does not let us in")
    assert "wrong-secret" not in finding.says + finding.advice


def test_a_server_that_is_not_there_is_grave() -> None:
    finding = smtp_finding(f"smtp://127.0.0.1:{free_port()}?connect_timeout=2")
    assert (finding.is_grave, "does not answer" in finding.says) == (True, True)


def test_without_a_mail_server_nothing_is_looked_up(tmp_path: Path) -> None:
    book = Book()
    settings = make_settings(tmp_path, mail_from="surveys@northlight.org")
    assert list(check_senders(settings, ["a@northlight.org"], [], book)) == []
    assert book.asked == []
    (mail,) = check_mail(settings)
    assert "FEEDBACK_SMTP_URL" in mail.advice


def test_every_domain_that_mail_comes_from_is_looked_at_once(tmp_path: Path) -> None:
    settings = sending(tmp_path, bounce_domain="bounces.northlight.org")
    book = Book(WELL, {"bounces.northlight.org": ["mx.northlight.org"]})
    addresses = ["ask@northlight.org", "Ask@NORTHLIGHT.org", "", "ask@other.org"]
    found = list(check_senders(settings, addresses, ["s1"], book))
    assert [(finding.what, bool(finding.advice)) for finding in found] == [
        ("SPF of northlight.org", False),
        ("DKIM s1._domainkey.northlight.org", False),
        ("DMARC of northlight.org", False),
        ("SPF of other.org", True),
        ("DKIM s1._domainkey.other.org", True),
        ("DMARC of other.org", True),
        ("MX of bounces.northlight.org", False),
    ]
    assert all("docs/how-to/deliverability.md" in finding.advice for finding in found if finding.advice)
    assert not any(finding.is_grave for finding in found)


def test_a_sender_that_no_receiver_can_know_is_not_looked_up(tmp_path: Path) -> None:
    book = Book()
    settings = sending(tmp_path, mail_from="surveys@localhost.localdomain")
    (finding,) = check_senders(settings, [], ["s1"], book)
    assert "FEEDBACK_MAIL_FROM" in finding.advice
    assert book.asked == []


def test_the_senders_of_surveys_are_known_and_those_of_closed_ones_forgotten(
    app: Flask, session: Session, settings: Settings
) -> None:
    make_survey(session, sender_address="ask@northlight.org")
    make_survey(session, sender_address="ask@northlight.org")
    make_survey(session, sender_address="old@northlight.org", state="closed")
    session.rollback()
    assert sender_addresses(settings) == ["ask@northlight.org"]


def test_a_database_that_is_not_ready_has_no_senders(tmp_path: Path) -> None:
    assert sender_addresses(make_settings(tmp_path)) == []
