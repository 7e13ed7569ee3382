"""Every question that Delighted's API left open is decided once, in the docs."""

import re
from pathlib import Path

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "api-decisions.md"


def test_each_of_the_42_questions_has_one_line_with_an_answer() -> None:
    rows = re.findall(r"^\| U(\d+) \| (.+?) \| (.+) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, _, _ in rows] == list(range(1, 43))
    assert all(question.strip() and answer.strip().endswith(".") for _, question, answer in rows)
