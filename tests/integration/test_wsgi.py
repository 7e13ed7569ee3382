"""`gunicorn wsgi:app` starts beside a database that is not there yet; /readyz says so."""

import subprocess
import sys
from pathlib import Path

from tests.installation import Installation

LOOK = "from wsgi import app; print(app.test_client().get('/readyz').json['detail'])"


def test_the_application_loads_before_its_database_is_made(tmp_path: Path) -> None:
    environment = Installation(tmp_path, f"sqlite:///{tmp_path / 'feedback.db'}").environment
    done = subprocess.run(
        [sys.executable, "-c", LOOK],
        env=environment,
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "The database is empty; run: feedback db upgrade"
