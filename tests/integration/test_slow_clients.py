"""80 half-sent requests must delay nobody else for more than a second, with the settings that are shipped."""

from pathlib import Path

import pytest

from benchmarks.product import Installation, invite, open_survey
from benchmarks.slow import BODIES, HEADERS, half_sent, open_pages


@pytest.mark.only("sqlite")
def test_eighty_half_sent_requests_delay_no_page_by_a_second(database: str, tmp_path: Path):
    installation = Installation(tmp_path, database)
    open_survey(installation)
    tokens = invite(installation, 20)
    with installation.server() as server, half_sent(server.port, tokens[0]) as links:
        took = open_pages(server.port, tokens, seconds=5)
        held = sum(link.fileno() >= 0 for link in links)
    assert held == HEADERS + BODIES  # the server did not get rid of them
    assert max(took) < 1.0
