"""Excel workbooks, written row by row: what is written is on the disk, so a long one takes no more memory."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from xlsxwriter import Workbook

from feedback_app.errors import Invalid
from feedback_app.spreadsheet import FORMULA_STARTS

# What Excel can hold.
MOST_ROWS = 1_048_576  # of a sheet, its headings among them
MOST_COLUMNS = 16_384
LONGEST_TEXT = 32_767  # of a cell, in UTF-16 units
LARGEST_NUMBER = 10**15  # beyond, it forgets digits
FIRST_DAY = datetime(1900, 3, 1, tzinfo=UTC)  # Excel believes in a 29 February 1900
WIDTH = 18  # of a column, in digits

CUT = -2  # what XlsxWriter answers when it had to cut a text
OPTIONS = {
    "constant_memory": True,
    "use_zip64": True,  # only parts beyond 4 GB make use of it
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class TableBook:
    """One table with headings as a workbook; it goes on in a further sheet where one is full.

    `folder`: where its parts are kept until it is closed, for nobody else to read. A text is always a text, a moment
    a date in UTC. `cut_texts` says how many texts were longer than a cell can be.
    """

    def __init__(self, path: Path, name: str, headings: Sequence[str], folder: Path) -> None:
        if len(headings) > MOST_COLUMNS:
            raise Invalid(
                f"There are {len(headings)} columns, and Excel takes {MOST_COLUMNS}. "
                "No file was written; choose another format."
            )
        self.cut_texts = 0
        self._book = Workbook(str(path), {**OPTIONS, "tmpdir": str(folder)})
        self._name, self._headings = name, headings
        self._moment = self._book.add_format({"num_format": 'yyyy-mm-dd hh:mm:ss "UTC"'})
        self._heading = self._book.add_format({"bold": True})
        self._plain = self._book.add_format()
        self._plain.set_quote_prefix()  # whoever edits the cell makes no formula of it either
        self._sheets = 0
        self._begin_sheet()

    def __enter__(self) -> "TableBook":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._book.close()
            return
        for sheet in self._book.worksheets():  # nobody waits for a file that will not be
            sheet._opt_close()

    def add(self, values: Sequence[object]) -> None:
        """One more row."""
        if self._row == MOST_ROWS:
            self._begin_sheet()
        for column, value in enumerate(values):
            if value is not None and value != "":
                self._write(column, value)
        self._row += 1

    def _begin_sheet(self) -> None:
        self._sheets += 1
        name = self._name if self._sheets == 1 else f"{self._name} {self._sheets}"
        self._sheet: Any = self._book.add_worksheet(name)
        self._sheet.set_column(0, len(self._headings) - 1, WIDTH)
        self._sheet.freeze_panes(1, 0)
        # Ids and telephone numbers are texts on purpose: no green corner in each of their cells.
        self._sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        self._row = 0
        for column, heading in enumerate(self._headings):
            self._sheet.write_string(0, column, text_of(heading), self._heading)
        self._row = 1

    def _write(self, column: int, value: object) -> None:
        if isinstance(value, datetime) and value >= FIRST_DAY:
            moment = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
            self._sheet.write_datetime(self._row, column, moment, self._moment)
        elif is_number(value):
            self._sheet.write_number(self._row, column, value)
        else:
            text = text_of(value)
            look = self._plain if text.startswith(FORMULA_STARTS) else None
            self.cut_texts += self._sheet.write_string(self._row, column, text, look) == CUT


def is_number(value: object) -> bool:
    """Whether Excel can hold the value as a number without changing it."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return math.isfinite(value) and abs(value) <= LARGEST_NUMBER


def text_of(value: object) -> str:
    """The value as a text that stays one: XlsxWriter takes what stands between these tags for XML of its own.

    >>> text_of("<r>bold</r>")
    '<r>bold</r> '
    """
    text = str(value)
    return f"{text} " if text.startswith("<r>") and text.endswith("</r>") else text
