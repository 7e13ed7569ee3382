"""The mail that asks a person, compared with files in tests/snapshots/email.

After a wanted change: UPDATE_SNAPSHOTS=1 python -m pytest tests/unit/mail, then look at the difference.
"""

import html
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from feedback_app.mail.message import Address, OutgoingMail, as_bytes
from feedback_app.mail.survey import Choice, PersonValues, compile_survey_mail
from feedback_app.mail.tracing import message_id, survey_headers
from tests.unit.mail.contents import ALL, ARABIC, CES, CSAT, DANA, NPS, SMILEYS, THUMBS, WORDS

SNAPSHOTS = Path(__file__).parents[2] / "snapshots" / "email"
EVIL = '<script>alert("x")</script>\r\nBcc: x@example.com'


def rendered(content, person=DANA):
    return compile_survey_mail(content).render(person)


def soup(mail):
    return BeautifulSoup(mail.html, "html5lib")


def rating_links(mail):
    return [link for link in soup(mail).find_all("a") if "?rating=" in link["href"]]


def assert_like_snapshot(name, actual):
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(actual.encode())
    assert actual == path.read_bytes().decode()


@pytest.mark.parametrize("name", ALL)
def test_the_mail_looks_as_it_did(name):
    mail = rendered(ALL[name])
    assert_like_snapshot(
        f"{name}.html", mail.html.replace("><", ">\n<")
    )  # lines, so that a difference can be read
    assert_like_snapshot(f"{name}.txt", f"Subject: {mail.subject}\n\n{mail.text}")


def test_the_mail_goes_out_as_it_did():
    content = rendered(CES)
    mail = OutgoingMail(
        message_id=message_id(31, "invitation", "surveys.example.org", "secret"),
        envelope_from="surveys@example.org",
        sender=Address("Northlight", "surveys@example.org"),
        reply_to=Address("Northlight Support", "help@example.org"),
        to=Address("Dana Whitfield", "dana@example.com"),
        subject=content.subject,
        text=content.text,
        html=content.html,
        headers=survey_headers(DANA.unsubscribe_url, 31),
        date=datetime(2026, 11, 20, 15, 45, tzinfo=UTC),
    )
    assert_like_snapshot("ces-en.eml", as_bytes(mail).decode("ascii"))


@pytest.mark.parametrize("name", ALL)
def test_there_is_one_button_and_one_line_of_text_for_each_rating(name):
    content = ALL[name]
    mail = rendered(content)
    wanted = [f"{DANA.answer_url}?rating={choice.value}" for choice in content.choices]
    assert [link["href"] for link in rating_links(mail)] == wanted
    assert [line.rpartition(": ")[2] for line in mail.text.splitlines() if "?rating=" in line] == wanted


@pytest.mark.parametrize("name", ALL)
def test_every_link_leads_to_this_person_and_nothing_is_fetched_from_elsewhere(name):
    page = soup(rendered(ALL[name]))
    links = {link["href"].partition("?")[0] for link in page.find_all("a")}
    assert links == {DANA.answer_url, DANA.unsubscribe_url, DANA.trap_url}
    assert not page.find_all(["img", "script", "link", "iframe", "form"])
    assert "url(" not in str(page)
    assert "@import" not in str(page)


@pytest.mark.parametrize("name", ALL)
def test_the_mail_is_far_below_what_gmail_clips(name):
    assert len(rendered(ALL[name]).html.encode()) < 20_000


def test_a_mail_in_ascii_needs_no_encoding():
    mail = rendered(NPS)
    assert mail.html.isascii()
    assert max(len(line) for line in mail.html.splitlines()) <= 998


@pytest.mark.parametrize("name", ALL)
def test_layout_tables_are_no_tables_to_a_screen_reader(name):
    tables = soup(rendered(ALL[name])).find_all("table")
    assert {table.get("role") for table in tables} == {"presentation"}


@pytest.mark.parametrize("name", ALL)
def test_language_and_direction_are_told(name):
    page = soup(rendered(ALL[name]))
    assert (page.html["lang"], page.html["dir"]) == (ALL[name].language, ALL[name].direction)


def test_arabic_reads_from_the_right():
    page = soup(rendered(ARABIC))
    aligned = {cell["align"] for cell in page.find_all("td", class_=["brand", "ink", "plain"])}
    assert aligned == {"right"}
    assert (
        "direction:ltr" not in page.find("a", href=f"{DANA.answer_url}?rating=0").find_parent("div")["style"]
    )


def test_nobody_sees_hears_or_tabs_to_the_trap_link():
    mail = rendered(NPS)
    (trap,) = soup(mail).find_all("a", href=DANA.trap_url)
    assert trap.text == ""
    assert trap["tabindex"] == "-1"
    assert "display:none" in trap["style"]
    assert trap.parent["aria-hidden"] == "true"
    assert "display:none" in trap.parent["style"]
    assert DANA.trap_url not in mail.text


def test_the_text_says_how_to_answer_and_how_to_leave():
    lines = rendered(CES).text.splitlines()
    assert "Northlight made it easy for me to handle my issue." in lines
    assert f"1 (Strongly disagree): {DANA.answer_url}?rating=1" in lines
    assert f"4: {DANA.answer_url}?rating=4" in lines
    assert f"7 (Strongly agree): {DANA.answer_url}?rating=7" in lines
    assert lines[-1] == f"Unsubscribe: {DANA.unsubscribe_url}"


def test_a_screen_reader_hears_what_a_picture_stands_for():
    assert rating_links(rendered(SMILEYS))[0]["aria-label"] == "1: Very dissatisfied"
    assert [link.find_all("span")[0]["aria-hidden"] for link in rating_links(rendered(THUMBS))] == [
        "true"
    ] * 2
    assert not any(link.get("aria-label") for link in rating_links(rendered(WORDS)))


def test_a_thumb_says_in_words_what_it_means():
    assert [link.text for link in rating_links(rendered(THUMBS))] == ["👎No", "👍Yes"]
    nameless = replace(THUMBS, choices=(Choice(0, "", "bad"), Choice(1, "", "good")))
    assert [link.text for link in rating_links(rendered(nameless))] == ["👎", "👍"]


def test_faces_follow_the_tone():
    assert [link.text for link in rating_links(rendered(SMILEYS))] == ["😠", "🙁", "😐", "🙂", "😀"]
    three = replace(SMILEYS, choices=(Choice(1, "Bad", "bad"), Choice(2, "So-so"), Choice(3, "Good", "good")))
    assert [link.text for link in rating_links(rendered(three))] == ["🙁", "😐", "🙂"]
    seven = replace(
        SMILEYS,
        choices=tuple(
            Choice(value, "", "bad" if value < 4 else "middle" if value == 4 else "good")
            for value in range(1, 8)
        ),
    )
    assert [link.text for link in rating_links(rendered(seven))] == ["😠", "😠", "🙁", "😐", "🙂", "😀", "😀"]


def test_buttons_of_all_ratings_look_alike():
    assert len({link["style"] for link in rating_links(rendered(NPS))}) == 1
    assert len({link.parent["style"] for link in rating_links(rendered(NPS))}) == 1


def test_the_subject_greets_and_does_without_a_name():
    assert rendered(NPS).subject == "Dana, how likely are you to recommend Northlight?"
    assert rendered(NPS, replace(DANA, name="")).subject == "How likely are you to recommend Northlight?"
    assert "Hi there," in rendered(NPS, replace(DANA, name="")).text


def test_the_first_name_may_be_given():
    mail = rendered(NPS, replace(DANA, name="Whitfield Dana", first_name="Dana"))
    assert mail.text.startswith("Hi Dana,\n")


def test_a_mark_without_its_value_is_left_out_whole():
    assert "Case: Export to &lt;Excel&gt; &amp; back<br />" in rendered(CES).html
    nameless = rendered(CES, replace(DANA, extras={}))
    assert "Case" not in nameless.html.replace("closed your case", "")
    assert "Case" not in nameless.text


def test_an_empty_greeting_and_preheader_leave_no_gap():
    mail = rendered(replace(CSAT, greeting="", preheader=""))
    assert mail.text.startswith("How satisfied are you")
    assert 'class="ink"' in mail.html
    assert "&zwnj;" not in mail.html


def test_every_script_comes_through_in_text_and_attributes():
    hindi = "क्षि 'नहीं' \\ \N{COMBINING ACUTE ACCENT}"
    mail = rendered(
        replace(NPS, subject=hindi, question=hindi, choices=(Choice(0, hindi, "bad"), Choice(1, "", "good")))
    )
    page = soup(mail)
    assert page.title.text == hindi
    assert rating_links(mail)[0]["aria-label"] == f"0: {hindi}"
    assert page.find(role="article")["aria-label"] == hindi


def test_a_language_that_is_none_is_refused():
    with pytest.raises(ValueError, match="language"):
        rendered(replace(NPS, language='en" onload="x'))


@pytest.mark.parametrize("field", ["name", "first_name"])
def test_a_person_cannot_put_markup_or_headers_into_the_mail(field):
    mail = rendered(replace(NPS, intro="{name} {first_name}"), replace(DANA, **{field: EVIL}))
    assert not soup(mail).find_all("script")
    assert "\n" not in mail.subject
    assert "\r" not in mail.text
    assert not any(line.startswith("Bcc") for line in mail.text.splitlines())


def test_what_a_helpdesk_sends_is_escaped_and_kept_on_one_short_line():
    mail = rendered(CES, replace(DANA, extras={"topic": EVIL + "x" * 500, "agent": EVIL}))
    assert not soup(mail).find_all("script")
    assert "\n" not in mail.subject
    assert len(mail.subject) < 200
    assert not any(line.startswith("Bcc") for line in mail.text.splitlines())


def test_the_wording_of_a_survey_is_escaped_everywhere():
    evil = '"><script>alert(1)</script>{{ 7 * 7 }}<mj-raw>'
    content = replace(
        NPS,
        brand=evil,
        subject=evil,
        preheader=evil,
        greeting=evil,
        intro=evil,
        question=evil,
        low_label=evil,
        high_label=evil,
        footer=(evil,),
        unsubscribe_label=evil,
        browser_label=evil,
        choices=(Choice(0, evil, "bad"), Choice(1, evil, "good")),
        reference_marks=(evil,),
    )
    mail = rendered(content)
    page = soup(mail)
    assert not page.find_all("script")
    assert page.title.text == evil
    assert [tag["href"] for tag in page.find_all("a")][:2] == [
        f"{DANA.answer_url}?rating={n}" for n in (0, 1)
    ]
    assert evil in mail.text


@given(name=st.text(max_size=80), topic=st.text(max_size=200))
def test_any_name_and_topic_make_a_whole_mail(name, topic):
    mail = COMPILED.render(replace(DANA, name=name, extras={"topic": topic}))
    assert len(mail.subject.splitlines()) == 1
    assert mail.html.count("?rating=") == 7
    assert html.escape(" ".join(name.replace("\0", "").split())) in mail.html


COMPILED = compile_survey_mail(replace(CES, greeting="Hi {name},"))


def test_a_link_with_quotes_in_it_cannot_leave_its_attribute():
    person = PersonValues(
        "Dana", 'https://x.example/a/"onmouseover="x', "https://x.example/u", "https://x.example/m"
    )
    (first, *_) = rating_links(rendered(NPS, person))
    assert not first.has_attr("onmouseover")
    assert parse_qs(urlsplit(first["href"]).query) == {"rating": ["0"]}


def test_a_question_mark_in_french_stays_with_its_word():
    mail = rendered(
        replace(CSAT, subject="Satisfait\u00a0?", question="Êtes-vous  satisfait\u202f?\nVraiment\u00a0?")
    )
    assert mail.subject == "Satisfait\u00a0?"
    for part in (mail.text, html.unescape(mail.html)):
        assert "Êtes-vous satisfait\u202f? Vraiment\u00a0?" in part
