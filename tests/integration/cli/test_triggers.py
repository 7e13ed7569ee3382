"""feedback triggers, as somebody who connects a helpdesk uses it."""

import json
from collections.abc import Iterator

import click
import pytest

from feedback_app.cli.trigger_options import read_window
from tests.helpdesks import sample
from tests.installation import Installation


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder = tmp_path_factory.mktemp("triggers")
    made = Installation(folder, f"sqlite:///{folder / 'feedback.db'}")
    made.printed("db", "upgrade")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def slug(installation: Installation) -> str:
    return installation.printed("surveys", "add", "--metric", "ces", "--name", "After a case")


def test_a_trigger_from_its_making_to_its_end(installation: Installation, slug: str) -> None:
    """One story, because every command starts a process: made, listed, tried, paused, resumed and deleted."""
    asked = ("--delay", "10s", "--sample", "50", "--window", "Mon-Fri 09:00-17:00", "--when", "tag is vip")
    url, secret = installation.printed("triggers", "add", "generic", slug, *asked).splitlines()
    assert url.startswith(f"{installation.base_url}/hooks/generic/")
    assert secret.startswith("whsec_")
    line = f"1\tAfter a case\tAny program\t{slug}\t10\tactive\ttag is vip\t{url}"
    assert installation.printed("triggers", "list") == line
    key = url.rpartition("/")[2]
    tried = installation.feedback("triggers", "test", key, stdin=sample("generic.json").decode())
    assert tried.stdout.splitlines() == [
        "interaction_closed 84213 of dana.whitfield@example.com",
        "After a case: does not match: the tag is not vip",
    ]
    assert installation.feedback("triggers", "test", key, stdin="{").returncode == 1
    assert "Paused; 0" in installation.printed("triggers", "pause", "1")
    assert installation.printed("triggers", "list") == line.replace("active", "paused")
    assert installation.printed("triggers", "resume", "1") == "On again."
    assert installation.printed("triggers", "delete", "1") == "Deleted; 0 scheduled invitations cancelled."
    assert installation.printed("triggers", "list") == ""
    assert "was deleted" in installation.feedback("triggers", "resume", "1").stderr
    assert installation.printed("triggers", "unread") == ""
    assert installation.printed("triggers", "reread") == "0 read, 0 still cannot be read."


def test_no_secret_is_made_up_for_a_helpdesk_that_makes_its_own(
    installation: Installation, slug: str
) -> None:
    done = installation.feedback("triggers", "add", "zendesk", slug, "--name", "Our Zendesk")
    [url] = done.stdout.splitlines()
    key = url.rpartition("/")[2]
    assert f"feedback triggers secret {key}" in done.stderr
    kept = installation.feedback("triggers", "secret", key, stdin="a secret from Zendesk\n")
    assert (kept.returncode, kept.stdout) == (0, "The secret is kept.\n")
    more = installation.printed("triggers", "add", key, slug, "--delay", "2d", "--name", "Two days later")
    assert more == url  # a second trigger of the same source: no new secret
    assert "\tTwo days later\tOur Zendesk\t" in installation.printed("triggers", "list")
    old = json.dumps(json.loads(sample("zendesk.json")) | {"updated_at": "2020-01-01T00:00:00Z"})
    tried = installation.feedback("triggers", "test", key, stdin=old)
    assert "Two days later: stale: It was older than seven days when we came to it." in tried.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "zendsk", "any"), 1, "neither a kind of helpdesk"),
        (("add", "generic", "no-such-survey"), 1, "There is no survey 'no-such-survey'"),
        (("add", "generic", "any", "--delay", "soon"), 2, "write it like 10s, 30m, 24h or 2d"),
        (("add", "generic", "any", "--when", "tag vip"), 2, "is not a condition"),
        (("secret", "nobody"), 1, "neither a kind of helpdesk"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    arguments: tuple[str, ...], code: int, said: str, installation: Installation
) -> None:
    done = installation.feedback("triggers", *arguments, stdin="secret")
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def window(text: str) -> str:
    found = read_window(click.Context(click.Command("add")), click.Option(["--window"]), text)
    assert found is not None
    return found.words()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Mon-Fri 09:00-17:00", "Mon–Fri 09:00–17:00"),
        ("mon–fri 9:00 - 17:00", "Mon–Fri 09:00–17:00"),
        ("Sat, Sun", "Sat–Sun"),
        ("Saturday-Monday 10:00-12:00", "Mon, Sat–Sun 10:00–12:00"),
        ("08:00-20:00", "Mon–Sun 08:00–20:00"),
    ],
)
def test_a_part_of_the_week_is_read(text: str, words: str) -> None:
    assert window(text) == words


@pytest.mark.parametrize("text", ["", "always", "Mon-Xyz", "25:00-26:00", "Mon 9-17", "09:00"])
def test_what_is_no_part_of_the_week_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="not a part of the week"):
        window(text)
