"""A package of misbehaving taggers, installed for one test the way any plug-in is."""

from pathlib import Path

import pytest

MISBEHAVING = '''
import os, signal, time
from feedback_app.sentiment import Tag

class Odd:
    """Does what the comment says, and finds everything else neutral."""

    name = "odd"
    version = "1"

    def tag(self, text):
        if text == "raise":
            raise ValueError("could not read: my secret comment")
        if text == "hang":
            time.sleep(3600)
        if text == "exit":
            os._exit(7)
        if text == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "print":
            print("hello from a plug-in")
        if text == "garble":
            os.write(1, b"no json\\n")
        return Tag(tagger=self.name, version=self.version, label="neutral", polarity=0.0)

def broken():
    raise RuntimeError("no model file")

def stuck():
    time.sleep(3600)

def impostor():
    raise AssertionError("a plug-in took over a built-in name")
'''
ENTRY_POINTS = """[feedback_app.taggers]
odd = odd_taggers:Odd
broken = odd_taggers:broken
stuck = odd_taggers:stuck
textblob = odd_taggers:impostor
"""


@pytest.fixture
def odd_taggers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The taggers "odd", "broken" and "stuck", found through their entry points."""
    (tmp_path / "odd_taggers.py").write_text(MISBEHAVING)
    metadata = tmp_path / "odd_taggers-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: odd-taggers\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("feedback_app.sentiment.registry._ready", {})
