"""The web server is killed under load; `make soak` does the same at fifty random moments."""

from pathlib import Path

from tests.kills import answer_under_kills, assert_nothing_lost_or_doubled, installation_of_its_own


def test_no_acknowledged_answer_is_lost_or_doubled_when_the_web_server_is_killed(
    database: str, tmp_path: Path
):
    installation = installation_of_its_own(database, tmp_path)
    ids, record = answer_under_kills(installation, kills=3, seed=20261122)
    assert len(record.acknowledged) >= 60
    assert record.repeated > 0  # the kills did hit requests under way
    assert_nothing_lost_or_doubled(installation, ids, record)
