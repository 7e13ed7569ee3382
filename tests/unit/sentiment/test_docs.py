"""The page on writing a tagger is followed to the letter."""

import io
import json
import re
import tomllib
from pathlib import Path

import pytest

from feedback_app.sentiment import Reason
from feedback_app.sentiment.filter import run_filter
from feedback_app.sentiment.registry import tagger

PAGE = (Path(__file__).parents[3] / "docs" / "how-to" / "write-a-tagger.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    blocks: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return blocks[number]


@pytest.fixture
def kopfhoch(tmp_path, monkeypatch):
    """The package of the page, installed."""
    (tmp_path / "kopfhoch.py").write_text(block("python"), encoding="utf-8")
    project = tomllib.loads(block("toml"))["project"]
    metadata = tmp_path / f"{project['name']}-{project['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    entries = project["entry-points"]["feedback_app.taggers"]
    lines = "\n".join(f"{name} = {value}" for name, value in entries.items())
    (metadata / "entry_points.txt").write_text(f"[feedback_app.taggers]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr("feedback_app.sentiment.registry._ready", {})


@pytest.mark.usefixtures("kopfhoch")
def test_the_example_answers_as_the_page_says():
    _, _, answer = block("console").strip().splitlines()
    (asked,) = re.findall(r"echo '(.*)' \|", block("console"))
    out, err = io.StringIO(), io.StringIO()
    assert (run_filter([asked], out, err, "kopfhoch"), err.getvalue()) == (0, "")
    assert out.getvalue().strip() == answer
    assert json.loads(answer)["evidence"][0]["word"] == "super"


@pytest.mark.usefixtures("kopfhoch")
def test_the_example_keeps_the_rules_it_teaches():
    found = tagger("kopfhoch")
    assert found.tag("k.A.").reason is Reason.NO_CONTENT
    (evidence,) = found.tag("<b>Langsam</b> &amp; teuer").evidence
    assert (evidence.start, evidence.end, evidence.word) == (3, 10, "Langsam")


@pytest.mark.usefixtures("kopfhoch")
def test_the_measurement_on_the_page_runs(tmp_path, monkeypatch, capsys):
    comments = tmp_path / "comments.csv"
    comments.write_text(
        "text,label\nDer Support war super,positive\nLangsam und falsch,negative\nAlles falsch,negative\n"
    )
    monkeypatch.setattr("sys.argv", ["measure.py", str(comments), "kopfhoch"])
    exec(compile(block("python", 1), "measure.py", "exec"), {})  # noqa: S102 - our own page
    default, ours, verdict = capsys.readouterr().out.splitlines()
    assert default.startswith("lexigram: macro-F1 0.000")  # it reads no German
    assert ours == "kopfhoch: macro-F1 1.000 (1.000 to 1.000), by label {'negative': 1.0, 'positive': 1.0}"
    assert verdict == "better, surely"


def test_what_the_page_says_of_the_built_in_taggers_is_so():
    assert tagger("textblob").tag("It isn't good").label == "positive"
    for name in ("textblob", "lexigram"):
        assert tagger(name).tag("12345").reason is Reason.NO_CONTENT
        assert tagger(name).tag("Der Support war super!").reason is Reason.LANGUAGE
