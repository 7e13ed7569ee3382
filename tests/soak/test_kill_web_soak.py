"""The web server is killed at fifty random moments under load, on both databases."""

from pathlib import Path

import pytest

from tests.kills import answer_under_kills, assert_nothing_lost_or_doubled, installation_of_its_own

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]


def test_fifty_kills_under_load_lose_and_double_nothing(database: str, tmp_path: Path):
    installation = installation_of_its_own(database, tmp_path)
    ids, record = answer_under_kills(installation, kills=50, seed=50)
    assert len(record.acknowledged) >= 1_000
    assert record.repeated > 0
    assert_nothing_lost_or_doubled(installation, ids, record)
