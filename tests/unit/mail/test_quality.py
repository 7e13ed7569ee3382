"""What every mail must be, whoever it is for: kept for Outlook, for dark mode, for small screens and for no pictures.

The golden files beside this say how each message looks. After a wanted change:
UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/mail, then look at the difference.
"""

import re
from email import message_from_bytes, policy
from functools import cache
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup

from feedback_app.mail.message import as_bytes
from tests.unit.mail.contents import DANA
from tests.unit.mail.looks import is_hidden, night_rules, shown_texts
from tests.unit.mail.messages import BASE, GOLDEN, every_message
from tests.unit.mail.test_survey import assert_like_snapshot

EVERY = pytest.mark.parametrize("name", every_message())
CLIPPED_BY_GMAIL = 102_000  # bytes
ENOUGH_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
NOT_IN_OUTLOOK = re.compile(
    r"display:\s*(flex|grid)|position:\s*(absolute|fixed|relative)|float:", re.IGNORECASE
)


def mail_of(name):
    return every_message()[name].mail


@cache
def page_of(name):
    return BeautifulSoup(mail_of(name).html, "html5lib")


@pytest.mark.parametrize("name", GOLDEN)
def test_the_message_is_as_it_was(name):
    mail = mail_of(name)
    assert_like_snapshot(f"{name}.html", mail.html.replace("><", ">\n<"))
    assert_like_snapshot(f"{name}.txt", f"Subject: {mail.subject}\n\n{mail.text}")


@EVERY
def test_outlook_finds_tables_and_nothing_that_it_does_not_know(name):
    html, page = mail_of(name).html, page_of(name)
    assert not NOT_IN_OUTLOOK.search(html)
    for table in page.find_all("table"):
        assert table["role"] == "presentation"
        assert table.get("width") or "width:" in table.get("style", "") or is_button(table)
    assert len(re.findall(r"<!--\[if [^\]]*\]>", html)) == len(re.findall(r"<!\[endif\]-->", html))


def is_button(table):
    """Whether it is one of MJML's buttons, as wide as what stands on it."""
    return len(table.find_all("td")) == 1 and table.td.get("bgcolor")


@EVERY
def test_buttons_are_coloured_cells_of_which_the_whole_is_a_link(name):
    message = every_message()[name]
    buttons = page_of(name).select("td[bgcolor] > a")
    assert len(buttons) == (message.ratings or 1)
    for link in buttons:
        assert re.search(r"display:\s*(inline-)?block", link["style"])
        assert "text-decoration:none" in link["style"]


@EVERY
@pytest.mark.parametrize("at_night", [False, True], ids=["by day", "by night"])
def test_every_text_stands_out_from_what_is_behind_it(name, at_night):
    shown = list(shown_texts(page_of(name), at_night=at_night))
    assert len(shown) > 3
    assert [(one.text, one.ink, one.ground) for one in shown if one.contrast < ENOUGH_CONTRAST] == []


@EVERY
def test_dark_mode_is_told_to_mail_readers_and_meets_what_it_names(name):
    page = page_of(name)
    schemes = {meta["name"]: meta["content"] for meta in page.find_all("meta", attrs={"name": True})}
    assert schemes["color-scheme"] == schemes["supported-color-schemes"] == "light dark"
    rules = night_rules(page)
    assert len(rules) >= 4
    assert page.select(".card")
    assert page.select(".ink div")


@EVERY
def test_the_mail_is_far_below_what_gmail_clips(name):
    mail = mail_of(name)
    assert len(mail.html.encode()) < 25_000
    assert len(as_bytes(mail)) < CLIPPED_BY_GMAIL // 2


@EVERY
def test_pictures_have_a_text_and_nothing_is_fetched_from_elsewhere(name):
    html, page = mail_of(name).html, page_of(name)
    assert all(image.has_attr("alt") for image in page.find_all("img"))
    assert not page.find_all(["link", "script", "iframe", "form", "object", "video", "base"])
    assert not re.search(r"url\(|@import|\bsrc=", html)


@EVERY
def test_links_are_whole_and_lead_to_us_alone(name):
    for link in page_of(name).find_all("a"):
        parts = urlsplit(link["href"])
        assert f"{parts.scheme}://{parts.netloc}" == BASE
        assert parts.path not in ("", "/")


@EVERY
def test_language_and_direction_are_told(name):
    message = every_message()[name]
    page = page_of(name)
    assert (page.html["lang"], page.html["dir"]) == (message.language, message.direction)


@EVERY
def test_a_mailbox_shows_a_line_of_ours_behind_the_subject(name):
    first = next(text for text in page_of(name).body.find_all(string=True) if re.search(r"\w{3}", text))
    assert is_hidden(first)
    assert len(first.split("\u034f")[0].strip()) > 15


@EVERY
def test_the_text_part_stands_alone_with_every_link(name):
    mail = mail_of(name)
    wanted = {link["href"] for link in page_of(name).find_all("a") if link.text.strip()}
    assert wanted <= set(re.findall(r"https://\S+", mail.text))
    assert not re.search(r"<[a-z/]|&[a-z]+;|@[0-9a-f]{16}\.", mail.text.replace("Export to <Excel>", ""))
    assert len(mail.text.strip().splitlines()) >= 4


@EVERY
def test_nothing_of_the_making_is_left_in_the_mail(name):
    mail = mail_of(name)
    for part in (mail.subject, mail.text, page_of(name).text):
        assert not re.search(r"\{\w+|\}\}|None\b|@[0-9a-f]{16}\.", part)


@EVERY
def test_headers_are_short_lines_and_machines_find_theirs_whole(name):
    head = as_bytes(mail_of(name)).partition(b"\r\n\r\n")[0].decode("ascii")
    assert max(map(len, head.split("\r\n"))) <= 998
    parsed = message_from_bytes(as_bytes(mail_of(name)), policy=policy.default)
    assert parsed["Subject"] == mail_of(name).subject
    assert parsed["Auto-Submitted"] == "auto-generated"
    if every_message()[name].ratings and not name.startswith("test-"):
        assert f"\r\nList-Unsubscribe: <{DANA.unsubscribe_url}>\r\n" in f"{head}\r\n"
        assert "\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n" in f"{head}\r\n"
    else:
        assert "List-Unsubscribe" not in head


@EVERY
def test_both_parts_come_through_as_they_were_written(name):
    mail = mail_of(name)
    parsed = message_from_bytes(as_bytes(mail), policy=policy.default)
    text, html = (
        parsed.get_body(kind).get_content().replace("\r\n", "\n") for kind in (("plain",), ("html",))
    )
    assert text.rstrip("\n") == mail.text.rstrip("\n")
    assert html.rstrip("\n") == mail.html.rstrip("\n")


def test_a_mail_for_right_to_left_readers_is_mirrored():
    page = page_of("style-nps-ar")
    assert {cell["align"] for cell in page.find_all("td", class_=["brand", "ink"])} == {"right"}
    assert "direction:rtl" in str(page.find(class_="card"))


def test_the_checks_of_colours_see_what_cannot_be_read():
    pale = BeautifulSoup(
        '<body style="background:#ffffff"><p style="color:#bbbbbb">Pale</p></body>', "html5lib"
    )
    (shown,) = shown_texts(pale, at_night=False)
    assert shown.contrast < 2
