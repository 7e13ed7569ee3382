"""The tree as a newcomer finds it: nothing left behind, nothing of anybody's machine in it."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LEFT_BEHIND = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
OF_A_MACHINE = re.compile(r"(/ro" r"ot/|/wo" r"rk/|/ho" r"me/[a-z])")


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    names = [name for name in listed.stdout.splitlines() if not name.endswith((".png", ".mo", ".ico", ".gz"))]
    names = [name for name in names if not name.startswith("training/data/")]  # sentences of other people
    return [ROOT / name for name in names if (ROOT / name).exists()]


@pytest.mark.parametrize("pattern", [LEFT_BEHIND, OF_A_MACHINE], ids=["left behind", "of a machine"])
def test_nothing_is_left_behind(pattern: re.Pattern[str]) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_stored_text_is_always_escaped() -> None:
    offenders = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "templates").rglob("*.html")
        if "|safe" in path.read_text().replace(" ", "") or "autoescape false" in path.read_text()
    ]
    assert offenders == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = [line for line in (ROOT / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0] == "## Unreleased"


def test_every_link_between_our_own_pages_leads_somewhere() -> None:
    broken = []
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text()):
            if "://" not in target and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(ROOT)} -> {target}")
    assert broken == []
