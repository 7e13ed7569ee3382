"""feedback mail, as a mail server's pipe and an administrator use it."""

from collections.abc import Iterator

import pytest

from tests.installation import Installation
from tests.mail_providers import TOPIC, sample, sendgrid_public_key


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("mail")
    made = Installation(folder, f"sqlite:///{folder / 'feedback.db'}")
    made.printed("db", "upgrade")
    yield made
    made.stop()


def receive(installation: Installation, mail: str) -> tuple[int, str]:
    done = installation.feedback("mail", "receive", stdin=mail)
    assert "Traceback" not in done.stderr
    return done.returncode, (done.stdout + done.stderr).strip()


def test_what_is_stored_exits_0_whatever_it_is(installation: Installation) -> None:
    assert receive(installation, sample("dsn-failed.eml").decode()) == (0, "unmatched")
    assert receive(installation, "Hello") == (0, "ignored")


def test_no_mail_or_one_that_is_too_large_exits_65(installation: Installation) -> None:
    for mail in ("", "x" * 1_000_001):
        code, said = receive(installation, mail)
        assert (code, said) == (65, "Error: this is no mail of at most 1000000 bytes; nothing was stored.")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"FEEDBACK_DATABASE_URL": "sqlite:////nowhere/feedback.db"}, "not stored, try again later"),
        ({"FEEDBACK_IMAP_URL": "nonsense"}, "FEEDBACK_IMAP_URL is 'nonsense'"),
    ],
)
def test_trouble_that_an_operator_mends_exits_75_so_that_the_mail_waits(
    installation: Installation, more: dict[str, str], said: str
) -> None:
    broken = Installation(installation.folder, installation.database_url, more)
    code, printed = receive(broken, sample("dsn-failed.eml").decode())
    assert code == 75
    assert said in printed


def test_hooks_are_added_and_listed(installation: Installation) -> None:
    postmark = installation.printed("mail", "hooks", "add", "postmark", "--name", "Ours")
    assert postmark.startswith("http://feedback:")
    ses = installation.printed("mail", "hooks", "add", "ses", "--topic", TOPIC)
    added = installation.feedback("mail", "hooks", "add", "sendgrid", "--key", stdin=sendgrid_public_key())
    listed = [line.split("\t") for line in installation.printed("mail", "hooks", "list").splitlines()]
    assert [(kind, name, last) for kind, name, last, _ in listed] == [
        ("postmark", "Ours", "never"),
        ("ses", "Amazon SES", "never"),
        ("sendgrid", "SendGrid", "never"),
    ]
    assert listed[1][3] == ses
    assert listed[2][3] == added.stdout.strip()
    assert listed[0][3].rpartition("/")[2] == postmark.rpartition("/")[2]


def test_a_hook_without_its_topic_is_one_sentence(installation: Installation) -> None:
    done = installation.feedback("mail", "hooks", "add", "ses")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: No topic ARN was given")
