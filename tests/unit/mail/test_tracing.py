from hypothesis import given
from hypothesis import strategies as st

from feedback_app.mail.tracing import (
    bounce_address,
    message_id,
    provider_headers,
    read_bounce_address,
    read_message_id,
    survey_headers,
)

SECRET = "a secret of this installation"


def test_a_message_id_is_the_same_at_every_attempt():
    first = message_id(7, "invitation", "surveys.example.org", SECRET)
    assert first == message_id(7, "invitation", "surveys.example.org", SECRET)
    assert first.startswith("<invitation.7.")
    assert first.endswith("@surveys.example.org>")


def test_message_ids_differ_by_invitation_kind_and_secret():
    ids = {
        message_id(7, "invitation", "x.example", SECRET),
        message_id(8, "invitation", "x.example", SECRET),
        message_id(7, "reminder", "x.example", SECRET),
        message_id(7, "invitation", "x.example", "another"),
    }
    assert len({message.split(".")[2] for message in ids}) == 4


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_bounce_address_leads_back_to_its_invitation_and_fits(invitation_id):
    address = bounce_address(invitation_id, "bounces.example.org", SECRET)
    assert read_bounce_address(address, SECRET) == invitation_id
    assert len(address.partition("@")[0]) <= 64


def test_servers_may_change_its_letter_case_and_put_blanks_around_it():
    address = bounce_address(7, "bounces.example.org", SECRET)
    assert read_bounce_address(f" {address.upper()}\r\n", SECRET) == 7


def test_an_address_of_an_older_secret_is_still_read():
    address = bounce_address(7, "bounces.example.org", "older")
    assert read_bounce_address(address, "older", SECRET) == 7


def test_a_forged_or_foreign_address_is_nobodys():
    genuine = bounce_address(7, "bounces.example.org", SECRET)
    mac = genuine.partition(".")[2].partition("@")[0]
    for address in (
        genuine.replace("+7.", "+8."),
        genuine.replace(mac, mac[:-1]),
        genuine.replace(mac, "0" * len(mac)),
        genuine.replace("bounce+", "answer+"),
        f"bounce+{'9' * 30}.{mac}@bounces.example.org",
        f"bounce+٧.{mac}@bounces.example.org",
        message_id(7, "invitation", "bounces.example.org", SECRET),
        "dana@example.com",
        "",
    ):
        assert read_bounce_address(address, SECRET) is None, address


def test_without_a_secret_nothing_is_read():
    assert read_bounce_address(bounce_address(7, "x.example", SECRET)) is None


def test_the_macs_of_two_purposes_differ():
    bounce = bounce_address(7, "x.example", SECRET).partition(".")[2].partition("@")[0]
    assert bounce not in message_id(7, "", "x.example", SECRET)


def test_a_survey_mail_can_be_left_with_one_click_and_asks_for_no_automatic_reply():
    assert survey_headers("https://surveys.example.org/u/x", 7) == (
        ("List-Unsubscribe", "<https://surveys.example.org/u/x>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("X-Survey-Invitation", "7"),
    )


def test_a_message_id_of_ours_leads_back_to_its_mail_with_and_without_brackets():
    ours = message_id(7, "reminder", "surveys.example.org", SECRET)
    assert read_message_id(ours, "older", SECRET) == ("reminder", 7)
    assert read_message_id(f" {ours.strip('<>')}\r\n", SECRET) == ("reminder", 7)


def test_a_forged_or_foreign_message_id_is_nobodys():
    ours = message_id(7, "survey", "surveys.example.org", SECRET)
    for foreign in (
        ours.replace(".7.", ".8."),
        ours.replace("survey.", "reminder."),
        bounce_address(7, "surveys.example.org", SECRET),
        f"{ours} {ours}",
        "<20261120154502.7A1F2C0031@mx.example.com>",
        "",
    ):
        assert read_message_id(foreign, SECRET) is None, foreign


def test_each_provider_is_asked_for_the_number_in_its_own_way_and_others_are_not():
    found = {
        host: provider_headers(host, 17)
        for host in ("email-smtp.eu-west-1.amazonaws.com", "smtp.sendgrid.net", "SMTP.eu.mailgun.org")
    }
    assert found == {
        "email-smtp.eu-west-1.amazonaws.com": (("X-SES-MESSAGE-TAGS", "invitation=17"),),
        "smtp.sendgrid.net": (("X-SMTPAPI", '{"unique_args": {"invitation": "17"}}'),),
        "SMTP.eu.mailgun.org": (("X-Mailgun-Variables", '{"invitation": "17"}'),),
    }
    for host in ("mail.example.org", "evilmailgun.org", "smtp.mailgun.org.example.org", ""):
        assert provider_headers(host, 17) == ()
