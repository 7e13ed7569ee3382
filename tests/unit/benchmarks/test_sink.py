"""The mail sink takes mail from any client and counts it."""

import time
from email.message import EmailMessage
from smtplib import SMTP

from benchmarks.sink import sink


def test_mails_are_counted_by_their_final_dot():
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Hello"
    message.set_content("A line.\n.\n.. and one that begins with a dot\n")
    with sink() as running:
        with SMTP("127.0.0.1", running.port) as connection:
            connection.send_message(message)
            connection.send_message(message)
        assert running.taken() == 2


def test_a_slow_sink_takes_its_time_for_each_message_alone():
    with sink(seconds=0.3) as running, SMTP("127.0.0.1", running.port) as connection:
        begun = time.perf_counter()
        connection.sendmail("a@example.org", ["b@example.org"], "Subject: Hello\r\n\r\nA line.\r\n")
        assert 0.3 <= time.perf_counter() - begun < 3
        assert running.taken() == 1
