"""The package as a whole: it stands alone, its examples are true, and a metric can be added to it."""

import doctest
import subprocess
import sys
from importlib import import_module
from pkgutil import iter_modules

import pytest

from feedback_app import scoring

MODULES = [
    "feedback_app.scales",
    *(f"feedback_app.scoring.{module.name}" for module in iter_modules(scoring.__path__)),
]


def run_python(*lines: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.strip()


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name):
    assert doctest.testmod(import_module(name)).failed == 0


def test_the_numbers_that_people_ask_for_have_an_example():
    attempted = {name: doctest.testmod(import_module(name)).attempted for name in MODULES}
    for noun in ("nps", "ces", "csat", "stars", "smileys", "thumbs", "pmf", "intervals", "change"):
        assert attempted[f"feedback_app.scoring.{noun}"] > 0


def test_scoring_needs_nothing_but_the_standard_library():
    brought_along = run_python(
        "import sys",
        "before = set(sys.modules)",
        *(f"import {name}" for name in MODULES),
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}",
        "print(sorted(new - sys.stdlib_module_names))",
    )
    assert brought_along == "['feedback_app']"


def test_scoring_knows_no_other_part_of_the_house():
    ours = run_python(
        "import sys",
        *(f"import {name}" for name in MODULES),
        "print(*sorted(name for name in sys.modules if name.startswith('feedback_app')))",
    )
    assert set(ours.split()) == {"feedback_app", "feedback_app.scoring", *MODULES}


def test_a_new_metric_is_one_module_and_nothing_else(tmp_path):
    (tmp_path / "mood.py").write_text(
        "from feedback_app.scales import Scale\n"
        "from feedback_app.scoring.bands import Band\n"
        "from feedback_app.scoring.shares import ShareMetric\n"
        "class Mood(ShareMetric):\n"
        "    key = 'mood'\n"
        "    scale = Scale(1, 4)\n"
        "    bands = (Band('low', 1, 2, 'bad'), Band('high', 3, 4, 'good'))\n"
        "OFFERED = (Mood(),)\n"
    )
    score = run_python(
        "from feedback_app import scoring",
        f"scoring.__path__.append({str(tmp_path)!r})",
        "from feedback_app.scoring.metrics import metric",
        "print(metric('mood').score({1: 1, 4: 3}))",
    )
    assert score == "75.0"
