"""feedback triggers, as somebody who connects a helpdesk uses it."""

from collections.abc import Iterator

import pytest

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


def test_a_new_source_is_printed_with_url_and_secret_and_listed(
    installation: Installation, slug: str
) -> None:
    url, secret = installation.printed("triggers", "add", "generic", slug, "--delay", "10s").splitlines()
    assert url.startswith(f"{installation.base_url}/hooks/generic/")
    assert secret.startswith("whsec_")
    listed = installation.printed("triggers", "list").splitlines()
    assert f"Any program\t{slug}\t10\tactive\t{url}" in listed


def test_zendesk_s_own_secret_is_kept_afterwards(installation: Installation, slug: str) -> None:
    done = installation.feedback("triggers", "add", "zendesk", slug, "--name", "Our Zendesk")
    url = done.stdout.splitlines()[0]
    key = url.rpartition("/")[2]
    assert f"feedback triggers secret {key}" in done.stderr
    kept = installation.feedback("triggers", "secret", key, stdin="a secret from Zendesk\n")
    assert (kept.returncode, kept.stdout) == (0, "The secret is kept.\n")
    more = installation.printed("triggers", "add", key, slug, "--delay", "2d")
    assert more == url  # a second trigger of the same source: no new secret


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("add", "zendsk", "any"), 1, "neither a kind of helpdesk"),
        (("add", "generic", "no-such-survey"), 1, "There is no survey 'no-such-survey'"),
        (("add", "generic", "any", "--delay", "soon"), 2, "write it like 10s, 30m, 24h or 2d"),
        (("secret", "nobody"), 1, "neither a kind of helpdesk"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(
    arguments: tuple[str, ...], code: int, said: str, installation: Installation
) -> None:
    done = installation.feedback("triggers", *arguments, stdin="secret")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
