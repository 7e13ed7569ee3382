import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from feedback_app.mail.catcher import CatcherTransport, MailNotCaught, list_caught, read_caught
from feedback_app.mail.message import Address, OutgoingMail, as_bytes
from feedback_app.mail.results import TryLater

MAIL = OutgoingMail(
    message_id="<invitation.7.abc@surveys.example.org>",
    envelope_from="",
    sender=Address("Northlight", "surveys@example.org"),
    reply_to=None,
    to=Address("Jörg Müller", "joerg@example.com"),
    subject="Wie war’s?",
    text="Grüße\n",
    html="<p>Grüße</p>",
    headers=(("List-Unsubscribe", "<https://surveys.example.org/u/x>"),),
    date=datetime(2026, 11, 20, 15, 45, tzinfo=UTC),
)


def catch(folder, *mails):
    for mail in mails:
        CatcherTransport(folder).send(mail, before_final_dot=lambda: None)


def numbered(number):
    return replace(
        MAIL,
        message_id=f"<{number}@x.example>",
        subject=str(number),
        date=MAIL.date + timedelta(hours=number),
    )


def test_a_caught_mail_can_be_looked_at_as_it_was_sent(tmp_path):
    catch(tmp_path / "outbox", MAIL)
    (summary,) = list_caught(tmp_path / "outbox", 10)
    opened = read_caught(tmp_path / "outbox", summary.key)
    assert opened.summary == summary
    assert (summary.sender, summary.to) == (
        "Northlight <surveys@example.org>",
        "Jörg Müller <joerg@example.com>",
    )
    assert (summary.subject, summary.date) == ("Wie war’s?", MAIL.date)
    assert (opened.text, opened.html) == ("Grüße\n", "<p>Grüße</p>")
    assert opened.raw == as_bytes(MAIL)
    assert ("List-Unsubscribe", "<https://surveys.example.org/u/x>") in opened.headers


def test_a_mail_without_html_has_none(tmp_path):
    catch(tmp_path, replace(MAIL, html=None))
    (summary,) = list_caught(tmp_path, 1)
    assert read_caught(tmp_path, summary.key).html == ""


def test_sending_again_does_not_double(tmp_path):
    catch(tmp_path, MAIL, replace(MAIL, subject="Second attempt"))
    assert [mail.subject for mail in list_caught(tmp_path, 10)] == ["Second attempt"]


def test_the_newest_come_first_and_a_page_goes_on_where_the_last_ended(tmp_path):
    catch(tmp_path, *(numbered(number) for number in (3, 1, 5, 2, 4)))
    page = list_caught(tmp_path, 2)
    assert [mail.subject for mail in page] == ["5", "4"]
    page = list_caught(tmp_path, 2, before=page[-1].key)
    assert [mail.subject for mail in page] == ["3", "2"]
    page = list_caught(tmp_path, 2, before=page[-1].key)
    assert [mail.subject for mail in page] == ["1"]
    assert list_caught(tmp_path, 2, before=page[-1].key) == []
    assert list_caught(tmp_path, 2, before="0" * 32) == []


def test_nothing_is_caught_before_the_marker_is_set(tmp_path):
    seen = []
    CatcherTransport(tmp_path).send(MAIL, before_final_dot=lambda: seen.append(list_caught(tmp_path, 1)))
    assert seen == [[]]


@pytest.mark.parametrize("failure", [RuntimeError, OSError])
def test_if_the_marker_cannot_be_set_nothing_is_caught(tmp_path, failure):
    def fail():
        raise failure("database is gone")

    with pytest.raises(failure, match="database"):
        CatcherTransport(tmp_path).send(MAIL, before_final_dot=fail)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_means_later(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TryLater) as trouble:
        CatcherTransport(tmp_path / "file").send(MAIL, before_final_dot=lambda: None)
    assert trouble.value.is_server_down


@pytest.mark.parametrize(
    "key", ["../secret", "/etc/passwd", "", "0" * 32, "A" * 32, "0" * 32 + "\n", "0" * 31 + "/"]
)
def test_a_key_cannot_leave_the_folder(tmp_path, key):
    (tmp_path / "secret.eml").write_text("Subject: secret\n\n")
    with pytest.raises(MailNotCaught):
        read_caught(tmp_path / "outbox", key)


def test_other_files_and_a_missing_folder_are_no_mails(tmp_path):
    (tmp_path / "notes.eml").write_text("x")
    (tmp_path / f"{'0' * 32}.txt").write_text("x")
    assert list_caught(tmp_path, 10) == []
    assert list_caught(tmp_path / "nowhere", 10) == []
