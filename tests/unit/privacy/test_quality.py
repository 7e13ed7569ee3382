"""How well personal data are found on the labelled set, and that the docs say so."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from feedback_app.privacy.personal import Kind

ROOT = Path(__file__).resolve().parents[3]
FLOORS = {  # recall, precision
    Kind.EMAIL: (0.97, 0.97),
    Kind.IBAN: (1.0, 1.0),
    Kind.CARD: (1.0, 1.0),
    Kind.PHONE: (0.93, 0.95),
    Kind.NAME: (0.90, 0.95),
}


@pytest.fixture(scope="module")
def evaluation():
    spec = spec_from_file_location("evaluate_personal", ROOT / "training" / "evaluate_personal.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_labelled_set_has_at_least_300_snippets_and_as_many_without_personal_data_as_with(evaluation):
    items = evaluation.snippets()
    without = sum(not item.labels for item in items)
    assert len(items) >= 320
    assert without >= len(items) / 2
    assert {item.language for item in items} == {"en", "de", "fr", "es"}


def test_every_kind_is_found_as_well_as_promised(evaluation):
    for kind, counts in evaluation.measured(evaluation.snippets()).items():
        recall, precision = FLOORS[kind]
        assert counts.covered / counts.labelled >= recall, kind
        assert counts.right / counts.found >= precision, kind


def test_the_docs_have_the_figures_of_today(evaluation):
    page = (ROOT / "docs" / "how-to" / "personal-data.md").read_text(encoding="utf-8")
    assert evaluation.section() in page
