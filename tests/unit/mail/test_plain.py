import pytest
from bs4 import BeautifulSoup
from jinja2 import UndefinedError

from feedback_app.mail.plain import render_plain_mail

VALUES = {
    "brand": "Northlight",
    "address": "maya@example.org",
    "link": "https://surveys.example.org/login/abc?a=1&b=2",
    "expires": "22 November 2026, 15:00 UTC",
    "purpose": "sign_in",
}


def test_a_sign_in_mail_carries_its_link_in_both_parts():
    mail = render_plain_mail("sign_in", **VALUES)
    links = BeautifulSoup(mail.html, "html5lib").find_all("a")
    assert mail.subject == "Your sign-in link for Northlight"
    assert {link["href"] for link in links} == {VALUES["link"]}
    assert VALUES["link"] in mail.text.splitlines()
    assert "until 22 November 2026, 15:00 UTC" in mail.text


def test_a_password_mail_says_what_it_is_for():
    mail = render_plain_mail("sign_in", **{**VALUES, "purpose": "reset_password"})
    assert mail.subject == "Choose a new password for Northlight"
    assert "asked for a new password for maya@example.org" in mail.text


def test_values_are_escaped_and_bring_no_line_break():
    mail = render_plain_mail("sign_in", **{**VALUES, "brand": "<b>x</b>\r\nBcc: y"})
    assert "<b>x" not in mail.html
    assert mail.subject == "Your sign-in link for <b>x</b> Bcc: y"


def test_a_missing_value_and_an_unknown_kind_are_mistakes():
    with pytest.raises(UndefinedError):
        render_plain_mail("sign_in", brand="Northlight", purpose="sign_in")
    with pytest.raises(ValueError, match="no mail"):
        render_plain_mail("../survey", **VALUES)


def test_nothing_is_fetched_from_elsewhere():
    page = BeautifulSoup(render_plain_mail("sign_in", **VALUES).html, "html5lib")
    assert not page.find_all(["img", "script", "link", "iframe", "form"])
    assert "@import" not in str(page)
