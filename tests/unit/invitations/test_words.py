"""Every outcome and state has words, and docs/reference/ledger.md explains each."""

import re
from enum import StrEnum
from pathlib import Path

import pytest

from feedback_app.invitations.models import EventState, InvitationState, Outcome
from feedback_app.invitations.words import EVENT_STATES, OUTCOMES, STATES, Words

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "ledger.md"


@pytest.mark.parametrize(
    ("words", "known"), [(OUTCOMES, Outcome), (STATES, InvitationState), (EVENT_STATES, EventState)]
)
def test_everything_known_has_its_own_words(words: dict[str, Words], known: type[StrEnum]) -> None:
    assert set(words) == {str(member) for member in known}
    assert len({one.text for one in words.values()}) == len(known)


@pytest.mark.parametrize(
    ("heading", "words"),
    [("Outcomes", OUTCOMES), ("States of an invitation", STATES), ("Events", EVENT_STATES)],
)
def test_the_reference_explains_exactly_these(heading: str, words: dict[str, Words]) -> None:
    section = PAGE.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", section, re.MULTILINE)
    assert {key: name for name, key, _, _ in rows} == {key: one.text for key, one in words.items()}
    assert all(meaning.endswith(".") and todo.endswith(".") for _, _, meaning, todo in rows)
