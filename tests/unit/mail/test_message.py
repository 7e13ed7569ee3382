"""What goes over the wire, checked with the parser of the standard library."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from feedback_app.mail.message import Address, OutgoingMail, UnsafeHeader, as_bytes, envelope_addresses

MAIL = OutgoingMail(
    message_id="<invitation.7.abc@surveys.example.org>",
    envelope_from="bounce+7.abc@surveys.example.org",
    sender=Address("Northlight", "surveys@example.org"),
    reply_to=None,
    to=Address("Dana Whitfield", "dana@example.com"),
    subject="How did we do?",
    text="Question\n\n1: https://example.org/a/x?rating=1\n",
    html="<p>Question</p>",
    headers=(("Auto-Submitted", "auto-generated"),),
    date=datetime(2026, 11, 20, 15, 45, tzinfo=UTC),
)

HEADER_TEXT = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\0"), max_size=120
).map(str.strip)
BODY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=600)


def parsed(mail: OutgoingMail) -> EmailMessage:
    message = message_from_bytes(as_bytes(mail), policy=policy.default)
    assert isinstance(message, EmailMessage)
    assert not any(part.defects for part in message.walk())
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return part.get_content().replace("\r\n", "\n")


def decoded_name(data: bytes, header: str) -> str:
    """The name as RFC 2047, 6.2 has it: `policy.default` leaves a blank between two encoded words of a name."""
    raw = message_from_bytes(data, policy=policy.compat32)[header]
    return str(make_header(decode_header(raw.rpartition("<")[0].strip())))


def test_the_bytes_are_these():
    assert as_bytes(replace(MAIL, headers=())) == (
        b"Date: Fri, 20 Nov 2026 15:45:00 +0000\r\n"
        b"From: Northlight <surveys@example.org>\r\n"
        b"To: Dana Whitfield <dana@example.com>\r\n"
        b"Subject: How did we do?\r\n"
        b"Message-ID: <invitation.7.abc@surveys.example.org>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="=_eafe0648c4c20d68933fbffa30d55768"\r\n'
        b"\r\n"
        b"--=_eafe0648c4c20d68933fbffa30d55768\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"Question\r\n"
        b"\r\n"
        b"1: https://example.org/a/x?rating=1\r\n"
        b"\r\n"
        b"--=_eafe0648c4c20d68933fbffa30d55768\r\n"
        b'Content-Type: text/html; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n"
        b"\r\n"
        b"<p>Question</p>\r\n"
        b"--=_eafe0648c4c20d68933fbffa30d55768--\r\n"
    )


@given(text=BODY_TEXT, html=BODY_TEXT)
@example(text="no line end", html="ends in a blank ")
@example(text=".\n..\n.leading dots\n", html="From here\n=20\n")
@example(text="x" * 998, html="x" * 999)
@example(text="--=_eafe0648c4c20d68933fbffa30d55768--\n", html="tab\t and \x0b vertical\x1c")
@example(text="Grüße " * 40, html="شكرا" * 100)
def test_bodies_come_back_as_they_went_in(text, html):
    message = parsed(replace(MAIL, text=text, html=html))
    assert body(message, "plain") == text.replace("\r\n", "\n").replace("\r", "\n")
    assert body(message, "html") == html.replace("\r\n", "\n").replace("\r", "\n")


@given(subject=HEADER_TEXT, name=HEADER_TEXT)
@example(subject='"quoted", (bracketed) <angled>; semi:colon @ \\', name='Whitfield, "Dana" \\ (CSM) <x@y.z>')
@example(subject="two  spaces", name="two  spaces")
@example(subject="=?utf-8?q?not_yet_encoded?=", name="=?utf-8?q?not_yet_encoded?=")
@example(subject="Wie zufrieden waren Sie mit unserer Unterstützung? " * 6, name="Ünal Özgür " * 12)
@example(subject="👩‍👩‍👧‍👦" * 30, name="متجر نورث لايت")
@example(subject="x" * 1200, name="x" * 300)
def test_subject_and_names_come_back_as_they_went_in(subject, name):
    name = " ".join(name.split())
    mail = replace(
        MAIL,
        subject=subject,
        sender=Address(name, "surveys@example.org"),
        to=Address(name, "dana@example.com"),
        reply_to=Address(name, "help@example.org"),
    )
    message = parsed(mail)
    assert message["Subject"] == subject
    for header, address in (
        ("From", "surveys@example.org"),
        ("To", "dana@example.com"),
        ("Reply-To", "help@example.org"),
    ):
        (mailbox,) = message[header].addresses
        assert mailbox.addr_spec == address
        assert mailbox.display_name == name or decoded_name(as_bytes(mail), header) == name


@given(text=BODY_TEXT, subject=HEADER_TEXT, name=HEADER_TEXT)
def test_every_line_is_short_and_ends_in_crlf(text, subject, name):
    data = as_bytes(
        replace(MAIL, text=text, html=text * 3, subject=subject, to=Address(name, "dana@example.com"))
    )
    assert data.isascii()
    assert data.endswith(b"\r\n")
    for line in data.split(b"\r\n"):
        assert b"\r" not in line
        assert b"\n" not in line
        assert len(line) <= 998


@pytest.mark.parametrize("evil", ["a\r\nBcc: x@example.com", "a\nb", "a\rb", "a\0b", "a\r\n\r\n<script>"])
@pytest.mark.parametrize(
    "put",
    [
        lambda evil: replace(MAIL, subject=evil),
        lambda evil: replace(MAIL, message_id=evil),
        lambda evil: replace(MAIL, sender=Address(evil, "a@example.org")),
        lambda evil: replace(MAIL, sender=Address("A", evil)),
        lambda evil: replace(MAIL, to=Address(evil, "a@example.org")),
        lambda evil: replace(MAIL, to=Address("A", f"a@example.org{evil}")),
        lambda evil: replace(MAIL, reply_to=Address(evil, "a@example.org")),
        lambda evil: replace(MAIL, reply_to=Address("A", evil)),
        lambda evil: replace(MAIL, headers=(("X-Note", evil),)),
        lambda evil: replace(MAIL, headers=((evil, "x"),)),
    ],
    ids=[
        "subject",
        "id",
        "from name",
        "from",
        "to name",
        "to",
        "reply name",
        "reply",
        "header",
        "header name",
    ],
)
def test_a_line_break_in_a_header_is_refused(put, evil):
    with pytest.raises(UnsafeHeader):
        as_bytes(put(evil))


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org, b@example.org",
        "a@example.org> SIZE=1",
        "<a@example.org>",
        "a b@example.org",
        "a@b@example.org",
        "a@",
        "@example.org",
        "a;b@example.org",
        "a(x)@example.org",
        f"{'a' * 65}@example.org",
    ],
)
def test_what_could_be_more_than_one_address_is_refused(address):
    with pytest.raises(UnsafeHeader, match="address"):
        as_bytes(replace(MAIL, to=Address("Dana", address)))
    with pytest.raises(UnsafeHeader, match="address"):
        envelope_addresses(replace(MAIL, envelope_from=address))


def test_the_refusal_names_the_header_and_not_the_person():
    with pytest.raises(UnsafeHeader) as refusal:
        as_bytes(replace(MAIL, to=Address("Dana\nWhitfield", "dana@example.com")))
    assert refusal.value.header == "To"
    assert "Dana" not in str(refusal.value)


def test_a_long_unsubscribe_link_stays_on_one_plain_line():
    link = f"<https://surveys.example.org/u/{'x' * 300}>"
    data = as_bytes(replace(MAIL, headers=(("List-Unsubscribe", link),)))
    assert f"\r\nList-Unsubscribe: {link}\r\n".encode() in data


@pytest.mark.parametrize("value", ["<https://straße.de/u/x>", "x" * 990, "", " x"])
def test_a_machine_header_that_cannot_stand_on_one_plain_line_is_refused(value):
    with pytest.raises(UnsafeHeader):
        as_bytes(replace(MAIL, headers=(("List-Unsubscribe", value),)))


def test_a_domain_beyond_ascii_is_written_in_its_idna_form_of_2008():
    mail = replace(MAIL, to=Address("Jörg", "joerg@Straße.example"), envelope_from="b@bücher.example")
    assert b"<joerg@xn--strae-oqa.example>" in as_bytes(mail)
    assert envelope_addresses(mail) == ("b@xn--bcher-kva.example", "joerg@xn--strae-oqa.example")


def test_a_domain_that_has_no_ascii_form_is_refused():
    with pytest.raises(UnsafeHeader, match="domain"):
        as_bytes(replace(MAIL, to=Address("", "a@é..example")))


def test_no_bounce_address_makes_an_empty_envelope_sender():
    assert envelope_addresses(replace(MAIL, envelope_from="")) == ("", "dana@example.com")


def test_a_mail_without_html_is_plain_text_alone():
    message = parsed(replace(MAIL, html=None))
    assert message.get_content_type() == "text/plain"
    assert message.get_content().replace("\r\n", "\n") == MAIL.text


def test_a_broken_surrogate_costs_one_character_and_not_the_mail():
    message = parsed(
        replace(MAIL, subject="Hi \ud83d", text="Hi \ud83d!", to=Address("D\ud83d", "dana@example.com"))
    )
    assert message["Subject"] == "Hi ?"
    assert body(message, "plain") == "Hi ?!"
    assert message["To"].addresses[0].display_name == "D?"


def test_mostly_foreign_text_is_not_tripled_in_size():
    arabic = "كيف كانت تجربتك معنا؟ " * 1000
    assert len(as_bytes(replace(MAIL, html=arabic))) < 1.4 * len(arabic.encode())


def test_the_same_mail_makes_the_same_bytes():
    assert as_bytes(MAIL) == as_bytes(replace(MAIL))
