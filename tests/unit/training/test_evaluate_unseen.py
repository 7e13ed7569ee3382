import pytest
from click.testing import CliRunner

from feedback_app.sentiment.training import Example
from training import evaluate_unseen
from training.datasets import SOURCES, examples, examples_by_kind
from training.evaluate import PAGE
from training.evaluate_unseen import ABOUT, BEGIN, END, report, without

FOUND = [
    *[("spoons", Example("A splendid spoon", "positive"))] * 4,
    *[("spoons", Example("A dreary spoon", "negative"))] * 4,
    *[("forks", Example("A zorby fork", "positive"))] * 4,
    *[("forks", Example("A dreary fork", "negative"))] * 4,
]


def test_a_kind_that_is_left_out_teaches_nothing():
    assert without("spoons", FOUND)("All zorby") == "positive"
    assert without("forks", FOUND)("All zorby") != "positive"


def test_each_kind_is_measured_beside_the_others():
    lines = report(FOUND, {"forks": "for eating"}).splitlines()
    assert [line.split(" | ")[:3] for line in lines[2:5]] == [
        ["| forks: for eating", "8", tagger] for tagger in ("lexigram", "textblob", "VADER")
    ]
    assert lines[0].count("|") == lines[1].count("|") == lines[2].count("|")


def test_the_page_is_written(tmp_path, monkeypatch):
    page = tmp_path / "tagger.md"
    page.write_text(f"# Title\n{BEGIN}\n{END}\nBelow\n")
    monkeypatch.setattr(evaluate_unseen, "PAGE", page)
    monkeypatch.setattr(evaluate_unseen, "ABOUT", {"spoons": "for soup"})
    monkeypatch.setattr(evaluate_unseen, "examples_by_kind", lambda: iter(FOUND))
    done = CliRunner().invoke(evaluate_unseen.main, [])
    assert done.exit_code == 0, done.output
    assert "| spoons: for soup | 8 | lexigram |" in page.read_text()
    assert page.read_text().endswith(f"{END}\nBelow\n")


def test_the_page_has_a_place_for_the_figures():
    text = PAGE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_every_kind_that_others_wrote_is_left_out_once():
    found = list(examples_by_kind())
    assert {kind for kind, _ in found} == {*ABOUT, "own"}
    assert [example for _, example in found] == examples()
    assert {source.path.stem for source in SOURCES} >= {"own"}


@pytest.mark.parametrize(
    ("row", "weight"),
    [
        ({}, 1.0),
        ({"score": ""}, 1.0),
        ({"score": "0.6"}, 0.3),
        ({"score": "-0.3"}, 0.3),
        ({"score": "-2.1"}, 1.0),
    ],
)
def test_a_label_that_other_raters_might_not_give_weighs_less(row, weight):
    from training.datasets import _certainty

    assert _certainty(row) == weight
