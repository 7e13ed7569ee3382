"""One mail the naive way: two templates, css-inline, EmailMessage and a connection of its own."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from pathlib import Path
from smtplib import SMTP

import css_inline
from jinja2 import Environment, FileSystemLoader, select_autoescape

from benchmarks.load import HOST
from feedback_app.mail.message import OutgoingMail
from feedback_app.mail.survey import PersonValues, SurveyMail

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    trim_blocks=True,
)
POLICY = WIRE.clone(max_line_length=998)  # or Python encodes a long List-Unsubscribe
INLINER = css_inline.CSSInliner()


def send_naively(content: SurveyMail, person: PersonValues, wanted: OutgoingMail, port: int) -> None:
    """Render, build and send the mail that was wanted: its addresses, subject and headers are given for nothing."""
    context = {"mail": content, "person": person}
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(wanted.sender.name, addr_spec=wanted.sender.address)
    message["To"] = Address(wanted.to.name, addr_spec=wanted.to.address)
    message["Subject"] = wanted.subject
    message["Message-ID"] = wanted.message_id
    message["Date"] = format_datetime(wanted.date)
    for name, value in wanted.headers:
        message[name] = value
    message.set_content(TEMPLATES.get_template("survey.txt").render(context))
    html = INLINER.inline(TEMPLATES.get_template("survey.html").render(context))
    message.add_alternative(html, subtype="html")
    with SMTP(HOST, port) as connection:
        connection.send_message(message, wanted.envelope_from, [wanted.to.address])
