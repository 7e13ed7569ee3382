"""What `python -m benchmarks` understands."""

from importlib import import_module

import pytest

from benchmarks.__main__ import BENCHMARKS, read_arguments


def test_without_a_name_everything_is_measured():
    chosen = read_arguments([])
    assert (chosen.names, chosen.rounds) == (list(BENCHMARKS), 5)


def test_names_choose():
    assert read_arguments(["memory", "slow", "--rounds", "7"]).names == ["memory", "slow"]


def test_an_unknown_name_is_refused_with_the_known_ones(capsys):
    with pytest.raises(SystemExit, match="2"):
        read_arguments(["male"])
    assert "no benchmark called male; there are: answer, latency" in capsys.readouterr().err


@pytest.mark.parametrize("name", BENCHMARKS)
def test_each_name_is_a_module_that_measures(name):
    assert callable(import_module(f"benchmarks.{name}").measure)
