"""Eight people write for a minute on SQLite, which has one writer."""

from pathlib import Path

import pytest

from benchmarks.latency import WARM_UP, write_for
from benchmarks.product import Installation, open_survey
from tests.kills import stored_answers

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.mark.only("sqlite")
def test_a_minute_of_eight_writers_sees_no_locked_database_and_no_long_wait(database: str, tmp_path: Path):
    installation = Installation(tmp_path, database)
    open_survey(installation)
    (outcome,) = write_for(installation, seconds=60)
    assert outcome.errors == {}
    assert len(stored_answers(installation)) == outcome.answered + WARM_UP
    assert outcome.percentile(99) <= 5 * outcome.percentile(50)
