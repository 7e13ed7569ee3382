"""Everything that is wrong with one row, so that whoever mends it need not import it once for each fault."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from feedback_app.imports.files import UNREADABLE
from feedback_app.imports.values import RowRejected

T = TypeVar("T")

LONGEST_CELL = 2_000


class Faults:
    """What is found wrong while a row is read: of each column the first fault, and what the row as a whole lacks."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}

    def read(self, column: str | None, part: Callable[..., T], *given: Any) -> T | None:
        """What the part reads; None if it rejects the cell, which is kept as the fault of that column."""
        try:
            return part(*given)
        except RowRejected as error:
            self.add(column, str(error))
            return None

    def add(self, column: str | None, fault: str) -> None:
        """Keep the fault, of a column or (None) of the row."""
        self._found.setdefault(column or "", fault)

    def __len__(self) -> int:
        return len(self._found)

    def reject_any(self) -> None:
        """Raise RowRejected with all faults, a line each, if there are any."""
        if self._found:
            raise RowRejected("\n".join(_told(column, fault) for column, fault in self._found.items()))


def spoilt_cells(columns: Sequence[str], cells: Sequence[str]) -> Faults:
    """The faults of cells that are no good whatever their column means; nothing is looked at twice if none is."""
    found = Faults()
    is_long = len(max(cells, key=len)) > LONGEST_CELL
    if not is_long and not any(UNREADABLE in cell for cell in cells):
        return found
    for column, cell in zip(columns, cells, strict=True):
        if len(cell) > LONGEST_CELL:
            found.add(column, f"The cell has more than {LONGEST_CELL} characters.")
        elif UNREADABLE in cell:
            found.add(
                column, f"It has letters that cannot be read ({UNREADABLE}); write them anew, as UTF-8."
            )
    return found


def _told(column: str, fault: str) -> str:
    return f"Column “{column}”: {fault}" if column else fault
