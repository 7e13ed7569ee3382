"""Mails that report about our mail: what the documented ones say, and which of them prove it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_app.deliveries.bounce_mail import BounceMail, proven_invitation, read_mail
from feedback_app.links import Links
from feedback_app.mail.tracing import bounce_address, message_id
from tests.mail_providers import EXPECTED, SENT_AT, sample

SECRET = "a secret of the tests that is long enough"
SECRETS = ("an older secret of the tests, long enough", SECRET)
LINKS = Links(SECRETS, "https://surveys.example.net")
MAILS = [name for name in EXPECTED if name.endswith(".eml")]


def signed(name: str, invitation_id: int = 17) -> bytes:
    """The sample, as it would be about a mail of ours."""
    ours = bounce_address(invitation_id, "bounces.surveys.example.net", SECRET).encode()
    found = sample(name)
    for theirs in (
        b"bounce+inv_01KAM3VB9T4W6Y8A0C2E4G6J8M.9f31c2d0@bounces.surveys.example.net",
        b"bounce+inv_01KAM3VB9T4W6Y8A0C2E4G6J8N.1c44be70@bounces.surveys.example.net",
    ):
        found = found.replace(theirs, ours)
    return found


def proven(mail: BounceMail) -> int | None:
    return proven_invitation(mail, secrets=SECRETS, links=LINKS)


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("name", MAILS)
def test_each_sample_gives_its_documented_outcome(name: str, line_end: bytes) -> None:
    mail, expected = read_mail(sample(name).replace(b"\n", line_end)), EXPECTED[name]
    assert mail.report.outcome == expected["outcome"]
    assert (mail.report.suppresses is not None) == expected["suppress"]
    if "recipient" in expected:
        assert mail.report.recipient == expected["recipient"]
    if "invitation" in expected:
        assert mail.report.invitation == expected["invitation"]


@pytest.mark.parametrize("name", MAILS)
def test_a_sample_of_somebody_else_s_proves_nothing(name: str) -> None:
    assert proven(read_mail(sample(name))) is None


@pytest.mark.parametrize("name", ["dsn-failed.eml", "dsn-delayed.eml", "arf-complaint.eml"])
def test_a_bounce_address_of_ours_proves_it(name: str) -> None:
    assert proven(read_mail(signed(name))) == 17


@pytest.mark.parametrize("header", ["Delivered-To", "X-Original-To", "Envelope-To"])
def test_the_bounce_address_may_be_told_by_the_server_alone(header: str) -> None:
    ours = bounce_address(17, "bounces.example.net", SECRET)
    assert proven(read_mail(f"{header}: {ours}\n".encode() + sample("dsn-failed.eml"))) == 17
    assert proven(read_mail(sample("dsn-failed.eml"), [ours.upper()])) == 17


def test_the_message_id_or_unsubscribe_link_of_the_enclosed_mail_proves_it_too() -> None:
    ours = message_id(17, "reminder", "surveys.example.net", SECRET)
    theirs = b"<inv_01KAM3VB9T4W6Y8A0C2E4G6J8M@surveys.example.net>"
    mail = read_mail(sample("dsn-failed.eml").replace(theirs, ours.encode()))
    assert (proven(mail), mail.report.message_id) == (17, ours)
    link = LINKS.unsubscribe(17).encode()
    theirs = b"https://surveys.example.net/u/kS3vQ1n8xZr7YwPq0bTe4A"
    assert proven(read_mail(sample("dsn-failed.eml").replace(theirs, link))) == 17


def test_a_mac_that_was_guessed_or_moved_to_another_invitation_proves_nothing() -> None:
    ours = bounce_address(17, "bounces.example.net", SECRET)
    for address in (
        ours.replace("+17.", "+18."),
        ours.replace(ours[-25:-20], "00000"),
        "bounce+17@x.example",
    ):
        assert proven(read_mail(sample("dsn-failed.eml"), [address])) is None


@pytest.mark.parametrize(
    ("action", "status", "diagnosis", "outcome"),
    [
        ("failed", "5.1.1", "", "bounced_permanent"),
        ("Failed", "5.1.2", "", "bounced_permanent"),
        ("failed", "5.1.8", "", "bounced_transient"),
        ("failed", "5.7.1", "550 5.1.1", "bounced_transient"),
        ("failed", "5.2.2", "", "bounced_transient"),
        ("failed", "4.4.7", "", "bounced_transient"),
        ("failed", "5.0.0", "smtp; 550 5.1.1 no such user", "bounced_permanent"),
        ("failed", "5.0.0", "smtp; 550 no", "bounced_transient"),
        ("failed", "5.1.1 (bad destination mailbox)", "", "bounced_permanent"),
        ("delayed", "4.4.1", "", "deferred"),
        ("delivered", "2.0.0", "", "delivered"),
        ("relayed", "2.0.0", "", "ignored"),
    ],
)
def test_action_and_status_decide(action: str, status: str, diagnosis: str, outcome: str) -> None:
    found = sample("dsn-failed.eml").decode()
    found = found.replace("Action: failed", f"Action: {action}").replace("Status: 5.1.1", f"Status: {status}")
    old = "Diagnostic-Code: smtp; 550 5.1.1 <dana.whitfield@example.com>: Recipient\n address rejected: user unknown"
    assert old in found
    assert read_mail(found.replace(old, f"Diagnostic-Code: {diagnosis}").encode()).report.outcome == outcome


def test_of_several_recipients_the_worst_counts() -> None:
    other = "Final-Recipient: rfc822; other@example.com\nAction: delivered\nStatus: 2.0.0\n\n"
    start = "Final-Recipient: rfc822; dana"
    found = sample("dsn-failed.eml").decode().replace(start, other + start)
    report = read_mail(found.encode()).report
    assert (report.outcome, report.recipient) == ("bounced_permanent", "dana.whitfield@example.com")


def test_what_staff_read_holds_no_address() -> None:
    assert read_mail(sample("dsn-failed.eml")).report.detail == (
        "failed 5.1.1 550 5.1.1 … Recipient address rejected: user unknown"
    )


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("fraud", "complained"),
        ("not-spam", "ignored"),
        ("auth-failure", "ignored"),
        ("opt-out", "unsubscribed"),
    ],
)
def test_a_feedback_report_counts_by_its_type(kind: str, outcome: str) -> None:
    found = sample("arf-complaint.eml").replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    assert read_mail(found).report.outcome == outcome


@pytest.mark.parametrize(
    ("headers", "outcome"),
    [
        ("Auto-Submitted: auto-replied (vacation)", "auto_reply_ignored"),
        ("Return-Path: <>", "auto_reply_ignored"),
        ("Precedence: Junk", "auto_reply_ignored"),
        ("Auto-Submitted: no", "ignored"),
        ("From: dana@example.com", "ignored"),
    ],
)
def test_a_mail_that_is_no_report_is_ignored(headers: str, outcome: str) -> None:
    assert read_mail(f"{headers}\nSubject: 10 out of 10\n\nHello".encode()).report.outcome == outcome


def test_the_same_mail_is_known_again_by_its_id_and_else_by_its_bytes() -> None:
    one, other = (
        read_mail(sample("dsn-failed.eml")),
        read_mail(b"Received: by x\n" + sample("dsn-failed.eml")),
    )
    assert one.report.dedupe_key == other.report.dedupe_key
    assert read_mail(b"a").report.dedupe_key != read_mail(b"b").report.dedupe_key


def test_when_it_happened_is_read_as_well_as_the_date_can_be() -> None:
    assert (read_mail(sample("dsn-failed.eml")).report.occurred_at or SENT_AT) > SENT_AT
    for date in ("yesterday", "Fri, 99 Nov 2026 99:00:00 +0000", ""):
        assert read_mail(f"Date: {date}\n\n".encode()).report.occurred_at is None


@settings(max_examples=80)
@given(st.data())
def test_whatever_comes_by_mail_is_read(data: st.DataObject) -> None:
    """Samples with a piece cut out and bytes thrown in."""
    raw = bytearray(signed(data.draw(st.sampled_from(MAILS))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(raw)))
        raw[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    report = read_mail(bytes(raw)).report
    assert 0 < len(report.dedupe_key) <= 300
    assert "\0" not in f"{report.recipient}{report.invitation}{report.message_id}{report.detail}"
