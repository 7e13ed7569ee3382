"""What `python -m benchmarks` understands."""

from importlib import import_module
from types import SimpleNamespace

import pytest

from benchmarks import __main__ as command
from benchmarks.__main__ import BENCHMARKS, read_arguments
from benchmarks.report import Goal, Row, spread


def test_without_a_name_everything_is_measured():
    chosen = read_arguments([])
    assert (chosen.names, chosen.rounds) == (list(BENCHMARKS), 5)


def test_names_choose():
    assert read_arguments(["memory", "slow", "--rounds", "7"]).names == ["memory", "slow"]


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        read_arguments(["male"])
    assert "no benchmark called male; there are: answer, events" in capsys.readouterr().err


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_name_is_a_module_that_measures(name):
    assert callable(import_module(f"benchmarks.{name}").measure)


def test_a_benchmark_that_breaks_off_costs_the_others_nothing(monkeypatch, tmp_path, capsys):
    whole = Row("GET", "SQLite", spread([0.7]), Goal(">=", 0.6))

    def measured(name):
        return {"answer": lambda _here: 1 / 0, "slow": lambda _here: iter([whole])}[name]

    monkeypatch.setattr(command, "measured", measured)
    monkeypatch.setattr(command, "look", lambda _folder: "a quiet machine")
    rows, broken = command.run(["answer", "slow"], SimpleNamespace(folder=tmp_path))
    assert (rows, broken) == ([whole], ["answer"])
    assert "ZeroDivisionError" in capsys.readouterr().err
