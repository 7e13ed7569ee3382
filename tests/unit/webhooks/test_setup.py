"""How staff connect a helpdesk, and reading again what is stored."""

import json
from pathlib import Path

import pytest

from feedback_app.webhooks.helpdesks.provider import Unreadable
from feedback_app.webhooks.helpdesks.registry import UnknownKind, providers
from feedback_app.webhooks.helpdesks.rereading import reread
from feedback_app.webhooks.helpdesks.setup import SettingsField
from tests.helpdesks import SETTINGS, SIGNED_AT, VECTORS, sample

HOW_TO = Path(__file__).resolve().parents[3] / "docs" / "how-to"
EVERY = pytest.mark.parametrize("kind", sorted(providers()))


@EVERY
def test_a_hook_s_own_address_and_secret_are_pasted(kind: str) -> None:
    setup = providers()[kind].setup
    pasted = dict(setup.pasted("https://a.example/hooks/x/KEY", "s3cret"))
    assert "https://a.example/hooks/x/KEY" in pasted.values()
    assert any("s3cret" in text for text in pasted.values()) is not setup.makes_its_own_secret
    assert not any("{url}" in text or "{secret}" in text for text in pasted.values())
    assert len(pasted) == len(setup.paste)  # each label once


@EVERY
def test_steps_are_sentences(kind: str) -> None:
    helpdesk = providers()[kind]
    assert len(helpdesk.setup.steps) >= 3
    assert all(step.endswith(".") and step[0].isupper() for step in helpdesk.setup.steps)
    assert helpdesk.makes_its_own_secret is helpdesk.setup.makes_its_own_secret


@pytest.mark.parametrize("kind", sorted(set(providers()) - {"generic"}))
def test_the_how_to_page_says_what_the_page_of_triggers_says(kind: str) -> None:
    page = (HOW_TO / f"connect-{kind}.md").read_text()
    words = " ".join(page.split())
    setup = providers()[kind].setup
    assert [step for step in setup.steps if step not in words] == []
    blocks = setup.pasted(f"https://feedback.example.org/hooks/{kind}/KEY", "SECRET")
    assert [label for label, text in blocks if f"\n{text}\n```" not in page] == []
    assert "not recorded from a live account" in words


def test_our_own_example_is_read() -> None:
    [_, _, (label, body)] = providers()["generic"].setup.paste
    [event] = reread("generic", body.encode(), {}, {})
    assert (label, event.interaction_id, event.type) == ("Body", "84213", "interaction_closed")


@pytest.mark.parametrize(
    ("given", "chosen"),
    [
        ({"stages": ["4", 7]}, ("4", "7")),
        ({"stages": [" 4 ", ""]}, ("4",)),
        ({"stages": []}, ("1",)),
        ({"stages": "4"}, ("1",)),
        ({}, ("1",)),
    ],
)
def test_a_setting_is_what_was_chosen_or_its_default(
    given: dict[str, object], chosen: tuple[str, ...]
) -> None:
    assert SettingsField("stages", "Stages", "Which.", ("1",)).chosen(given) == chosen


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["file"] for vector in VECTORS])
def test_a_body_is_read_again_with_the_headers_that_are_kept(vector: dict[str, str]) -> None:
    kind, headers = vector["provider"], dict(vector["headers"])
    kept = {name: text for name, text in headers.items() if name.lower() in providers()[kind].kept_headers}
    events = reread(kind, sample(vector["file"]), kept, SETTINGS.get(kind, {}), received_at=SIGNED_AT)
    assert [event.interaction_id for event in events] == {
        "intercom": ["215470084213"],
        "front": ["cnv_84213"],
        "hubspot": ["20184213077", "20184200961"],
    }.get(kind, ["84213"])


def test_one_stored_element_of_a_batch_is_read_again_after_a_setting() -> None:
    body = json.dumps(json.loads(sample("hubspot.json"))[0]).encode()
    with pytest.raises(Unreadable, match="set closed_stages"):
        reread("hubspot", body, {}, {})
    [event] = reread("hubspot", body, {}, {"closed_stages": ["4"]})
    assert event.interaction_id == "20184213077"


def test_an_unknown_kind_cannot_be_read_again() -> None:
    with pytest.raises(UnknownKind):
        reread("desk", b"{}", {}, {})
