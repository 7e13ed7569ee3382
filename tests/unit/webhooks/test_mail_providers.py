"""Each mail provider: what its documented requests mean, and that nothing unproven gets by."""

import json
from base64 import b64encode
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feedback_app.deliveries.models import MailOutcome
from feedback_app.deliveries.reports import MailReport
from feedback_app.errors import Unavailable
from feedback_app.webhooks.helpdesks.provider import BadSignature, Unreadable
from feedback_app.webhooks.mail_providers.mailgun import Mailgun
from feedback_app.webhooks.mail_providers.postmark import Postmark
from feedback_app.webhooks.mail_providers.registry import PROVIDERS, UnknownProvider, mail_provider
from feedback_app.webhooks.mail_providers.sendgrid import SendGrid
from feedback_app.webhooks.mail_providers.ses import Ses
from tests.mail_providers import (
    CERTIFICATE_URL,
    EXPECTED,
    MAILGUN_KEY,
    SENT_AT,
    TOPIC,
    basic,
    certificate,
    mailgun_signed,
    request,
    sample,
    sendgrid_public_key,
    sendgrid_signed,
    sns_signed,
)

WEBHOOKS = [name for name in EXPECTED if ".json" in name]


def reports(name: str) -> list[MailReport]:
    kind = name.partition("-")[0]
    return PROVIDERS[kind].parse(request(sample(name))).reports


def postmark(**changes: Any) -> MailReport:
    message = json.loads(sample("postmark-bounce.json")) | changes
    (report,) = Postmark().parse(request(json.dumps(message).encode())).reports
    return report


@pytest.mark.parametrize("name", WEBHOOKS)
def test_each_sample_gives_its_documented_outcome(name: str) -> None:
    file, _, number = name.partition("[")
    report = reports(file)[int(number.rstrip("]") or 0)]
    expected = EXPECTED[name]
    assert report.outcome == expected["outcome"]
    assert (report.suppresses is not None) == expected.get("suppress", False)
    for ours, theirs in (("recipient", "recipient"), ("invitation", "invitation"), ("dedupe_key", "dedupe")):
        if theirs in expected:
            assert getattr(report, ours) == expected[theirs]


def test_a_report_says_when_it_happened_and_what_the_server_called_the_mail() -> None:
    (ses,) = reports("ses-sns-bounce.json")
    assert ses.remote_id == "0107019aa1c2d3e4-5f60718293-4a5b-6c7d-8e9f-0a1b2c3d4e5f-000000"
    assert (ses.occurred_at, ses.detail) == (
        SENT_AT + timedelta(seconds=2, milliseconds=233),
        "Permanent General 5.1.1",
    )
    assert reports("postmark-bounce.json")[0].remote_id == "3f1c9a52-7b0e-4d7e-9a51-6b2f0c4d8e10"
    assert reports("sendgrid-events.json")[1].remote_id == "kT3w9QmZRrC5xV1bN7yLdA"
    assert reports("mailgun-delivered.json")[0].occurred_at is not None


def test_what_staff_read_about_it_holds_no_address() -> None:
    told = [
        report.detail for name in {name.partition("[")[0] for name in WEBHOOKS} for report in reports(name)
    ]
    assert all("@" not in detail for detail in told)
    assert reports("sendgrid-events.json")[3].detail == "bounce 5.1.1 550 5.1.1 … user unknown"


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        ("SoftBounce", "bounced_transient"),
        ("Transient", "bounced_transient"),
        ("BadEmailAddress", "bounced_permanent"),
        ("SpamComplaint", "complained"),
        ("AutoResponder", "auto_reply_ignored"),
        ("SomethingNew", "bounced_transient"),
    ],
)
def test_postmark_s_type_decides_and_not_its_number(kind: str, outcome: str) -> None:
    assert postmark(Type=kind, TypeCode=1).outcome == outcome


def test_postmark_s_long_ids_come_through_unrounded() -> None:
    assert postmark(ID=9_007_199_254_740_993).dedupe_key == "postmark:9007199254740993"


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"SuppressionReason": "ManualSuppression"}, "unsubscribed"),
        ({"SuppressionReason": "HardBounce"}, "bounced_permanent"),
        ({"SuppressSending": False}, "ignored"),
    ],
)
def test_a_change_of_postmark_s_list_is_read_by_its_reason(changes: dict[str, Any], outcome: str) -> None:
    message = json.loads(sample("postmark-subscriptionchange.json")) | changes
    assert Postmark().parse(request(json.dumps(message).encode())).reports[0].outcome == outcome


@pytest.mark.parametrize(
    ("changes", "outcome", "is_old_bounce"),
    [
        ({"reason": "suppress-bounce"}, "rejected", True),
        ({"reason": "suppress-complaint"}, "rejected", False),
        ({"delivery-status": {"enhanced-code": "5.7.1"}}, "bounced_transient", False),
        ({"delivery-status": {"enhanced-code": "5.2.2"}}, "bounced_transient", False),
        ({"delivery-status": {}}, "bounced_permanent", False),
        ({"event": "opened"}, "ignored", False),
    ],
)
def test_a_failure_at_mailgun_is_told_apart(
    changes: dict[str, Any], outcome: str, is_old_bounce: bool
) -> None:
    event = json.loads(sample("mailgun-failed-permanent.json"))["event-data"] | changes
    (report,) = Mailgun().parse(request(mailgun_signed(event))).reports
    assert (report.outcome, report.is_old_bounce) == (outcome, is_old_bounce)


def test_ses_may_name_a_person_with_a_name_or_only_in_the_mail() -> None:
    message = json.loads(sample("ses-sns-bounce.json"))
    event = json.loads(message["Message"])
    event["bounce"]["bouncedRecipients"] = [{"emailAddress": "Dana <dana@example.com>"}, "other@example.com"]
    del event["mail"]["tags"]
    body = json.dumps(message | {"Message": json.dumps(event)}).encode()
    first, second = Ses().parse(request(body)).reports
    assert (first.recipient, second.recipient) == ("dana@example.com", "other@example.com")
    assert first.invitation == "inv_01KAM3VB9T4W6Y8A0C2E4G6J8M"  # of the header
    assert second.dedupe_key == first.dedupe_key + ":1"
    event = {"eventType": "Reject", "reject": {"reason": "Bad content"}, "mail": event["mail"]}
    body = json.dumps(message | {"Message": json.dumps(event)}).encode()
    (rejected,) = Ses().parse(request(body)).reports
    assert (rejected.outcome, rejected.recipient) == ("rejected", "dana.whitfield@example.com")


def test_the_first_words_of_ses_are_no_report() -> None:
    message = json.loads(sample("ses-sns-bounce.json"))
    message["Message"] = "Successfully validated SNS topic for Amazon SES event publishing."
    assert Ses().parse(request(json.dumps(message).encode())).reports[0].outcome is MailOutcome.IGNORED


def test_a_bad_element_does_not_lose_its_neighbours() -> None:
    events = json.loads(sample("sendgrid-events.json"))
    events[1:1] = [None, {"email": "x"}, 7, {"event": ["delivered"]}]
    parsed = SendGrid().parse(request(json.dumps(events).encode()))
    assert [report.outcome.value for report in parsed.reports[:3]] == ["ignored", "delivered", "deferred"]
    assert len(parsed.reports) == 8
    assert [unread.body for unread in parsed.unread] == [
        b"null",
        b'{"email": "x"}',
        b"7",
        b'{"event": ["delivered"]}',
    ]


def test_an_event_without_an_id_is_known_again_by_its_words() -> None:
    event = {"event": "delivered", "email": "dana@example.com"}
    keys = [SendGrid().parse(request(json.dumps([event]).encode())).reports[0].dedupe_key for _ in range(2)]
    assert keys[0] == keys[1]
    assert keys[0].startswith("sendgrid:sha256:")


# --- proofs


def sns(name: str = "ses-sns-bounce.json", **changes: Any) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(sample(name)) | changes
    return message


class Certificates:
    """Hands out one certificate and counts how often it was asked."""

    def __init__(self, pem: bytes | None = None) -> None:
        self.pem = pem or certificate()
        self.asked: list[str] = []

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        return self.pem


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize(
    "name", ["ses-sns-bounce.json", "ses-sns-delivery.json", "ses-sns-subscription-confirmation.json"]
)
def test_what_sns_signed_is_taken_and_its_certificate_fetched_once(name: str, version: str) -> None:
    fetch = Certificates()
    ses = Ses(fetch)
    for _ in range(3):
        ses.verify(sns_signed(sns(name), version=version), "", SENT_AT)
    assert fetch.asked == [CERTIFICATE_URL]


def test_the_subject_is_signed_only_where_there_is_one() -> None:
    message = sns()
    del message["Subject"]
    Ses(Certificates()).verify(sns_signed(message), "", SENT_AT)


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
        "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://s3.eu-west-1.amazonaws.com/bucket/a.pem",
        "https://sns.amazonaws.com/a.pem",
        "https://xsns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.crt",
        "https://sns.eu-west-1.amazonaws.com/?x=a.pem",
        "https://sns.eu-west-1.amazonaws.com/../a.pem",
        "https://sns.eu-west-1.amazonaws.com/a.pem\n",
        "",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str) -> None:
    fetch = Certificates()
    with pytest.raises(ValueError, match="not at an address of Amazon SNS"):
        Ses(fetch).verify(sns_signed(sns(SigningCertURL=url)), "", SENT_AT)
    assert fetch.asked == []


def test_a_certificate_of_china_is_amazon_s_too() -> None:
    url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-0a.pem"
    fetch = Certificates(certificate("sns.cn-north-1.amazonaws.com.cn"))
    Ses(fetch).verify(sns_signed(sns(SigningCertURL=url)), "", SENT_AT)
    assert fetch.asked == [url]


def test_a_topic_of_another_customer_is_refused_although_its_signature_fits() -> None:
    other = sns(TopicArn="arn:aws:sns:eu-west-1:999999999999:ses-survey-events")
    fetch = Certificates()
    with pytest.raises(BadSignature, match="topic"):
        Ses(fetch).verify(sns_signed(other), "", SENT_AT)
    assert fetch.asked == []


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp", "Subject"])
def test_a_changed_field_breaks_the_signature(field: str) -> None:
    signed = sns_signed(sns())
    body = json.dumps(json.loads(signed.body) | {field: "something else"}).encode()
    with pytest.raises(BadSignature, match="does not fit"):
        Ses(Certificates()).verify(replace(signed, body=body), "", SENT_AT)


def test_the_header_must_name_the_type_that_was_signed() -> None:
    signed = sns_signed(sns())
    headers = {"x-amz-sns-message-type": "SubscriptionConfirmation"}
    with pytest.raises(BadSignature, match="differ"):
        Ses(Certificates()).verify(replace(signed, headers=headers), "", SENT_AT)


def test_a_confirmation_must_lead_to_sns_and_to_its_own_topic() -> None:
    for url in (
        "https://evil.example/?Action=ConfirmSubscription&TopicArn=" + TOPIC,
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:x",
        "https://sns.eu-west-1.amazonaws.com/?Action=DeleteTopic&TopicArn=" + TOPIC,
    ):
        message = sns("ses-sns-subscription-confirmation.json", SubscribeURL=url)
        with pytest.raises(ValueError, match="does not confirm"):
            Ses(Certificates()).verify(sns_signed(message), "", SENT_AT)


@pytest.mark.parametrize(
    ("pem", "reason"),
    [
        (certificate("example.com"), "made out"),
        (certificate("sns.amazonaws.com.evil.example"), "made out"),
        (certificate(days=1), "not valid today"),
        (certificate(valid_from=SENT_AT + timedelta(days=1)), "not valid today"),
    ],
)
def test_a_certificate_of_somebody_else_or_of_another_time_proves_nothing(pem: bytes, reason: str) -> None:
    with pytest.raises(BadSignature, match=reason):
        Ses(Certificates(pem)).verify(sns_signed(sns()), "", SENT_AT)


def test_a_certificate_that_ran_out_meanwhile_is_refused_although_it_is_kept() -> None:
    ses = Ses(Certificates())
    ses.verify(sns_signed(sns()), "", SENT_AT)
    with pytest.raises(BadSignature, match="not valid today"):
        ses.verify(sns_signed(sns()), "", SENT_AT + timedelta(days=400))


def test_a_certificate_that_cannot_be_got_just_now_is_a_passing_trouble() -> None:
    def down(_url: str) -> bytes:
        raise TimeoutError

    with pytest.raises(Unavailable):
        Ses(down).verify(sns_signed(sns()), "", SENT_AT)


def test_sendgrid_s_signature_covers_every_byte() -> None:
    proof = sendgrid_public_key()
    signed = sendgrid_signed(sample("sendgrid-events.json"))
    SendGrid().verify(signed, proof, SENT_AT)
    with pytest.raises(BadSignature, match="does not fit"):
        SendGrid().verify(replace(signed, body=signed.body + b"\n"), proof, SENT_AT)
    with pytest.raises(BadSignature, match="missing"):
        SendGrid().verify(request(signed.body), proof, SENT_AT)


@pytest.mark.parametrize("name", [name for name in WEBHOOKS if name.startswith("mailgun")])
def test_mailgun_s_samples_are_signed_with_its_key(name: str) -> None:
    Mailgun().verify(request(sample(name)), MAILGUN_KEY, SENT_AT + timedelta(hours=3))
    with pytest.raises(BadSignature, match="does not fit"):
        Mailgun().verify(request(sample(name)), "another key", SENT_AT)


@pytest.mark.parametrize("late", [timedelta(hours=9, minutes=1), -timedelta(minutes=6)])
def test_mailgun_s_old_and_early_signatures_are_refused(late: timedelta) -> None:
    with pytest.raises(BadSignature, match="nine hours"):
        Mailgun().verify(request(mailgun_signed({})), MAILGUN_KEY, SENT_AT + late)


def test_postmark_gives_its_password_in_the_url_or_in_a_header() -> None:
    proof = "päss:word"
    Postmark().verify(request(b"", authorization=basic("päss:word")), proof, SENT_AT)
    Postmark().verify(request(b"", x_feedback_secret="päss:word"), proof, SENT_AT)


@pytest.mark.parametrize(
    "authorization",
    [
        basic("other"),
        basic(""),
        "Bearer secret",
        "Basic",
        "Basic ===",
        "Basic " + b64encode(b"secret").decode(),
        "Basic " + b64encode(b"\xff:\xfe").decode(),
    ],
)
def test_postmark_without_its_password_is_refused(authorization: str) -> None:
    with pytest.raises(BadSignature):
        Postmark().verify(request(b"", authorization=authorization), "secret", SENT_AT)


def test_a_provider_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UnknownProvider, match="ses, postmark, sendgrid, mailgun"):
        mail_provider("carrier-pigeon")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("kind", list(PROVIDERS))
@settings(max_examples=60)
@given(JSON, st.data())
def test_whatever_comes_is_read_or_said_to_be_unreadable(kind: str, junk: object, data: Any) -> None:
    """Junk as the whole body, and in place of one field of a sample."""
    names = [name for name in WEBHOOKS if name.startswith(kind) and "[" not in name]
    message = json.loads(sample(data.draw(st.sampled_from(names or ["sendgrid-events.json"]))))
    holder = message[1] if isinstance(message, list) else message.get("event-data", message)
    holder[data.draw(st.sampled_from(sorted(holder)))] = junk
    for body in (json.dumps(junk), json.dumps(message)):
        with suppress(Unreadable):  # and nothing else
            parsed = PROVIDERS[kind].parse(request(body.encode()))
            assert all(0 < len(report.dedupe_key) <= 300 for report in parsed.reports)
