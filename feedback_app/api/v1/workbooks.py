"""Responses as an Excel workbook, with the columns of the CSV."""

from pathlib import Path

from feedback_app.api.v1.exports import COLUMNS, PROPERTY, batches, property_names, record_values
from feedback_app.responses.listing import ResponseFilter
from feedback_app.workbook import TableBook


def responses_xlsx(wanted: ResponseFilter, path: Path, *, masks: bool = False) -> int:
    """Write the workbook to `path`, its parts beside it meanwhile; gives how many texts were cut to fit into a cell."""
    names = property_names(wanted)
    headings = [*COLUMNS, *(f"{PROPERTY}{name}" for name in names)]
    with TableBook(path, "Responses", headings, path.parent) as book:
        for rows, items, people in batches(wanted, masks=masks):
            for row, item in zip(rows, items, strict=True):
                book.add(record_values(row, item, people.get(row.person_id, {}), names))
    return book.cut_texts
