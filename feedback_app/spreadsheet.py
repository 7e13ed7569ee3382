"""Cells of files that people open in a spreadsheet."""

from datetime import UTC, datetime

# What makes a spreadsheet take a text for a formula, in full width too; a tab or a line's end may hide it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float


def safe_cell(value: object) -> Cell:
    """The value as a cell: nothing for None, ISO 8601 for a moment, and a text never as a formula.

    >>> safe_cell("=HYPERLINK(1)")
    "'=HYPERLINK(1)"
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
