"""The mail sink takes mail from any client and counts it."""

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
