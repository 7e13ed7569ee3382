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


def plain_text(cell: str) -> str:
    """The text that `safe_cell` made this cell of.

    >>> plain_text("'=HYPERLINK(1)"), plain_text("'tis fine")
    ('=HYPERLINK(1)', "'tis fine")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell
