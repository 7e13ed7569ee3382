from itertools import pairwise

import pytest
from click.testing import CliRunner

from feedback_app.sentiment import Reason, Tag
from training import evaluate
from training.evaluate import BEGIN, END, PAGE, Comment, confusion, is_held_out, label_of, put, read
from training.measures import accuracy, binary_f1, calibration, interval, negative_f1, scores_of

CELLS = {
    ("negative", "negative"): 6,
    ("negative", "neutral"): 2,
    ("neutral", "neutral"): 3,
    ("neutral", "negative"): 1,
    ("positive", "positive"): 8,
}


def test_figures_worked_out_by_hand():
    assert scores_of(CELLS, "negative") == (
        pytest.approx(6 / 7),
        pytest.approx(6 / 8),
        pytest.approx(12 / 15),
    )
    assert negative_f1(CELLS) == pytest.approx(0.8)
    assert accuracy(CELLS) == pytest.approx(17 / 20)
    assert binary_f1(CELLS) == pytest.approx(
        (12 / 14 + 1) / 2
    )  # of six and two, six found; nothing else called so


def test_an_interval_holds_the_figure_and_is_the_same_each_time():
    low, high = interval(CELLS, accuracy)
    assert low < 17 / 20 < high
    assert (low, high) == interval(dict(reversed(CELLS.items())), accuracy)


def test_tags_are_gathered_by_their_confidence():
    found = calibration([(1.0, True), (0.92, True), (0.98, False), (0.55, True)])
    assert [(one.low, one.count, one.right) for one in found] == [
        (0.5, 1, 1.0),
        (0.9, 3, pytest.approx(2 / 3)),
    ]


def test_a_fifth_is_held_out_whatever_blanks_and_capitals_do():
    texts = [f"Comment number {number}" for number in range(2_000)]
    assert 340 < sum(map(is_held_out, texts)) < 460
    assert all(is_held_out(text) == is_held_out(f" {text.upper()}! ") for text in texts[:50])


def test_comments_without_one_of_the_labels_are_left_out(tmp_path):
    (tmp_path / "some.csv").write_text("text,label\nGood,positive\nSo and so,mixed\n")
    assert read(tmp_path, "some") == [Comment("Good", "positive")]


def test_what_was_not_read_is_missed_and_what_is_empty_is_neutral():
    assert label_of(Tag("t", "1", reason=Reason.LANGUAGE)) is None
    assert label_of(Tag("t", "1", reason=Reason.NO_CONTENT)) == "neutral"
    assert confusion([Comment("a", "positive")], lambda _: None) == {("positive", None): 1}


def test_the_figures_replace_the_old_ones_and_nothing_else():
    assert put(f"Above\n{BEGIN}\nold\n{END}\nBelow\n", "new") == f"Above\n{BEGIN}\n\nnew\n\n{END}\nBelow\n"


def test_the_page_is_written_and_a_missing_set_is_named_loudly(tmp_path, monkeypatch):
    page = tmp_path / "tagger.md"
    page.write_text(f"# Title\n{BEGIN}\n{END}\n")
    monkeypatch.setattr(evaluate, "PAGE", page)
    held = next(f"It is good {number}" for number in range(50) if is_held_out(f"It is good {number}"))
    other = next(f"It is bad {number}" for number in range(50) if not is_held_out(f"It is bad {number}"))
    (tmp_path / "fabsa.csv").write_text(f"text,label\n{held},positive\n{other},negative\n")
    done = CliRunner().invoke(evaluate.main, [str(tmp_path)])
    assert done.exit_code == 0, done.output
    assert "LEFT OUT" in done.output
    assert "airline.csv" in done.output
    assert "fabsa" in page.read_text()
    assert page.read_text().startswith("# Title\n")
    assert "| fabsa | 1 | lexigram | 1.000 |" in page.read_text()


def test_the_page_has_a_place_for_the_figures():
    text = PAGE.read_text(encoding="utf-8")
    assert text.index(BEGIN) < text.index(END)


def test_every_table_of_the_page_ends_with_a_blank_line():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    after = {line for row, line in pairwise(lines) if row.startswith("|") and not line.startswith("|")}
    assert after == {""}
