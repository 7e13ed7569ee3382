"""Imports run one way: web -> services and jobs -> models and queries -> scoring and sentiment."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[3] / "feedback_app"

# Each may import the ones named before it, and none after. `staff` stands beside them: everybody may ask who acts.
ORDER = (
    "accounts",
    "surveys",
    "people",
    "invitations",
    "campaigns",
    "deliveries",
    "responses",
    "themes",
    "tagging",
    "reviews",
    "ledger",
    "directory",
    "scoreboard",
    "imports",
    "webhooks",
    "api",
)
BESIDE = ("staff", "mail", "scoring", "sentiment", "search", "privacy")
# What a module of a domain package is, by its name; a lower number may not import a higher one.
PURE, DATA, SERVICE, WEB = range(4)
LAYERS = {"models": DATA, "queries": DATA, "views": WEB, "forms": WEB}
STANDARD_ONLY = ("scoring", "scales")
WEB_LIBRARIES = ("flask", "wtforms", "flask_wtf", "werkzeug")


def modules() -> Iterator[Path]:
    return PACKAGE.rglob("*.py")


def imported_by(path: Path) -> set[str]:
    """Dotted names that the file imports anywhere, in functions too."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def packages_of(names: set[str]) -> set[str]:
    return {name.split(".")[1] for name in names if name.startswith("feedback_app.")}


@pytest.mark.parametrize("package", ORDER)
def test_a_package_imports_only_the_packages_before_it(package: str) -> None:
    later = set(ORDER[ORDER.index(package) + 1 :])
    found = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in (PACKAGE / package).rglob("*.py")
        for name in packages_of(imported_by(path)) & later
    }
    assert found == set()


@pytest.mark.parametrize("package", BESIDE)
def test_what_stands_beside_the_packages_imports_none_of_them(package: str) -> None:
    found = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in (PACKAGE / package).rglob("*.py")
        for name in packages_of(imported_by(path)) & set(ORDER)
    }
    assert found == set()


def test_models_and_queries_import_neither_services_nor_pages() -> None:
    found = set()
    for path in modules():
        if LAYERS.get(path.stem) != DATA:
            continue
        for name in imported_by(path):
            last = name.split(".")[-1]
            if name.startswith("feedback_app.") and last in ("services", "jobs", "views", "forms"):
                found.add(f"{path.relative_to(PACKAGE)} imports {name}")
            if name.split(".")[0] in WEB_LIBRARIES:
                found.add(f"{path.relative_to(PACKAGE)} imports {name}")
    assert found == set()


def test_services_and_jobs_import_no_pages_and_no_forms() -> None:
    found = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in modules()
        if path.stem in ("services", "jobs")
        for name in imported_by(path)
        if (name.startswith("feedback_app.") and name.split(".")[-1] in ("views", "forms"))
        or name.split(".")[0] in ("wtforms", "flask_wtf")
    }
    assert found == set()


@pytest.mark.parametrize("package", ["scoring", "sentiment"])
def test_the_core_knows_neither_flask_nor_the_database(package: str) -> None:
    forbidden = {*WEB_LIBRARIES, "sqlalchemy", "flask_sqlalchemy"}
    found = {
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in (PACKAGE / package).rglob("*.py")
        for name in imported_by(path)
        if name.split(".")[0] in forbidden
    }
    assert found == set()


def test_scoring_needs_only_the_standard_library() -> None:
    files = [*(PACKAGE / "scoring").rglob("*.py"), PACKAGE / "scales.py"]
    roots = {name.split(".")[0] for path in files for name in imported_by(path)}
    assert roots - set(sys.stdlib_module_names) <= {"feedback_app"}


def test_the_package_itself_imports_nothing_heavy() -> None:
    code = "import sys, feedback_app; print(len([m for m in sys.modules if m.startswith(('flask', 'sqlalchemy'))]))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0"


def plain(name: str) -> str:
    """A distribution's name as the packaging rules compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_that_is_imported_is_declared() -> None:
    """One that merely came along with another is gone when the other is, and then a fresh `make run` fails."""
    project = tomllib.loads((PACKAGE.parent / "pyproject.toml").read_text())["project"]
    declared = {plain(re.match(r"[\w.-]+", line)[0]) for line in project["dependencies"]}  # type: ignore[index]
    carried_by = packages_distributions()
    files = [*modules(), *(PACKAGE.parent / "migrations").rglob("*.py")]
    imported = {name.split(".")[0] for path in files for name in imported_by(path)}
    foreign = imported - set(sys.stdlib_module_names) - {PACKAGE.name}
    undeclared = {
        name for name in foreign if not declared & {plain(found) for found in carried_by.get(name, [])}
    }
    assert undeclared == set()
