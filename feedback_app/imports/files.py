"""Delimited text files: their encoding, delimiter and headings found, their rows read in bounded memory.

Knows nothing of people. Every reader takes `open_file`, which opens the file anew: a look at it and a run over it
begin at its first byte.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from feedback_app.errors import Invalid

OpenFile = Callable[[], BinaryIO]
Row = tuple[int, list[str]]  # the line of the file that it begins on, and its cells

DELIMITERS = (",", ";", "\t", "|")
SAMPLE_BYTES = 256 * 1024
SAMPLE_LINES = 500
LONGEST_LINE = 1_000_000  # characters
MOST_COLUMNS = 200
LONGEST_HEADING = 100
UNREADABLE = "\ufffd"  # stands where bytes make no letter in the file's encoding

# What the guess may come to: the encodings that spreadsheets and old systems write.
GUESSES = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257",
    "iso8859_15", "koi8_r", "cp932", "gb18030", "big5", "euc_kr",
]  # fmt: skip
ENCODINGS = ("utf-8", "utf-16", *GUESSES)  # that one may choose by hand

LINE_HEADING, REASON_HEADING = "Line", "Why it was rejected"
OURS = [LINE_HEADING, REASON_HEADING]

_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]*\Z', re.IGNORECASE)
_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\Z")
_ARCHIVES = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # .xlsx and .ods, .xls
_WOULD_BE_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_WAS_PROTECTED = re.compile(r"'+[=+\-@\t\r]")


class FileProblem(Invalid):
    """The file as a whole cannot be read."""

    title = "This file cannot be imported"


@dataclass(frozen=True)
class Shape:
    """How a file is to be read. `is_mended`: it is a file of rejected rows of ours that comes again."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]  # each named once; our own two are left out
    is_mended: bool = False


def look_at(open_file: OpenFile, encoding: str | None = None) -> Shape:
    """The file's shape, its encoding found unless given; raises FileProblem if it has no headings or no rows."""
    with open_file() as stream:
        encoding = encoding or find_encoding(stream)
    with open_file() as stream:
        sample = sample_lines(stream, encoding)
    if not any(line.strip() for line in sample):
        raise FileProblem("The file is empty, so nothing was imported. Choose a file with headings and rows.")
    chosen = _SEPARATOR_LINE.match(sample[0])
    delimiter = chosen[1] if chosen else find_delimiter(sample)
    with open_file() as stream:
        rows = all_rows(stream, encoding, delimiter)
        headings = next(rows, (1, []))[1]
        require_headings(headings)
        if next(rows, None) is None:
            raise FileProblem(
                "The file has headings but no rows, so nothing was imported. Add rows below them."
            )
    is_mended = headings[:2] == OURS
    return Shape(encoding, delimiter, named_once(headings[2:] if is_mended else headings), is_mended)


def rows_of(open_file: OpenFile, shape: Shape) -> Iterator[Row]:
    """The rows below the headings; empty ones are passed over. Raises FileProblem where a row cannot be told."""
    with open_file() as stream:
        rows = all_rows(stream, shape.encoding, shape.delimiter)
        next(rows, None)
        if not shape.is_mended:
            yield from rows
            return
        for line, cells in rows:
            if any(cells[2:]):
                yield line, [restored(cell) for cell in cells[2:]]


def all_rows(stream: BinaryIO, encoding: str, delimiter: str) -> Iterator[Row]:
    """Every row that is not empty, the headings first. A quoted cell may span lines; the row counts as its first."""
    lines = file_lines(stream, encoding)
    reader = csv.reader(lines, delimiter=delimiter)
    begins = 1
    try:
        for cells in reader:
            is_separator_line = begins == 1 and _SEPARATOR_LINE.match(delimiter.join(cells))
            if any(cells) and not is_separator_line:
                yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileProblem(
            f"The row on line {begins} has no end that we can find; perhaps a quotation mark is opened there and never "
            "closed. Nothing was imported; mend that line and import the file again."
        ) from error


def file_lines(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """The file's lines with their ends, without NULs, which no database of ours takes."""
    text = io.TextIOWrapper(stream, encoding, errors="replace", newline="")
    number = 0
    while line := text.readline(LONGEST_LINE):
        number += 1
        if len(line) >= LONGEST_LINE:
            raise FileProblem(
                f"Line {number} is longer than a million characters, so this is no table that we can read. "
                "Save it as CSV (UTF-8) and import that."
            )
        yield line.replace("\0", "") if "\0" in line else line


def sample_lines(stream: BinaryIO, encoding: str) -> list[str]:
    """The first lines, as many as tell the delimiter."""
    lines: list[str] = []
    letters = 0
    for line in file_lines(stream, encoding):
        lines.append(line)
        letters += len(line)
        if len(lines) == SAMPLE_LINES or letters > SAMPLE_BYTES:
            break
    return lines


def find_encoding(stream: BinaryIO) -> str:
    """The name of the file's encoding, by its mark (BOM), by reading all of it as UTF-8, else by a guess."""
    sample = stream.read(SAMPLE_BYTES)
    if sample.startswith(_ARCHIVES):
        raise FileProblem(
            "This is a workbook, not a text file, so nothing was imported. Save it as CSV (UTF-8) and import that."
        )
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample.count(0) > len(sample) // 4:  # letters of two bytes, and no mark that says in which order
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    odd = first_piece_beyond_utf8(stream, sample)
    return "utf-8" if odd is None else guessed_encoding(odd)


def first_piece_beyond_utf8(stream: BinaryIO, piece: bytes) -> bytes | None:
    """The first part of the file that is no UTF-8; None if all is, or if a stray byte spoils what was UTF-8 so far."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8_so_far = False
    while piece:
        try:
            is_utf8_so_far |= not decoder.decode(piece).isascii()
        except UnicodeDecodeError as error:
            is_stray = is_utf8_so_far or not piece[: max(error.start - 4, 0)].isascii()
            return None if is_stray else piece
        piece = stream.read(SAMPLE_BYTES)
    return None


def guessed_encoding(sample: bytes) -> str:
    """The likeliest encoding of text that is not UTF-8."""
    from charset_normalizer import from_bytes  # 5 MB that most imports do without

    best = from_bytes(sample, cp_isolation=GUESSES).best()
    return best.encoding if best else GUESSES[0]


def find_delimiter(sample: list[str]) -> str:
    """The delimiter that cuts most lines into as many cells as there are headings; a comma if none does."""
    return max(DELIMITERS, key=lambda delimiter: fit(sample, delimiter))


def fit(sample: list[str], delimiter: str) -> tuple[float, int]:
    try:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
    except csv.Error:
        return 0, 0
    if widths[0] < 2:
        return 0, 0
    return widths.count(widths[0]) / len(widths), widths[0]


def require_headings(cells: list[str]) -> None:
    """Raise FileProblem if the first row holds values rather than headings."""
    found = next((cell.strip() for cell in cells if _ADDRESS.match(cell.strip())), None)
    if found:
        raise FileProblem(
            "The first line holds an address where headings should be, so nothing was imported. Put a line such as "
            "email,name above it and import the file again."
        )
    if len(cells) > MOST_COLUMNS:
        raise FileProblem(
            f"The file has {len(cells)} columns and we take {MOST_COLUMNS}, so nothing was imported. Leave out the "
            "columns that you do not need."
        )


def named_once(headings: list[str]) -> tuple[str, ...]:
    """The headings, each on one line and different from the others; one without a name is called by its place."""
    names: list[str] = []
    for place, heading in enumerate(headings, 1):
        name = " ".join(heading.split())[:LONGEST_HEADING] or f"Column {place}"
        taken, number = name, 1
        while name in names:
            number += 1
            name = f"{taken} ({number})"
        names.append(name)
    return tuple(names)


def protected(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; `restored` gives the very same cell again."""
    return f"'{cell}" if _WOULD_BE_FORMULA.match(cell) else cell


def restored(cell: str) -> str:
    return cell[1:] if _WAS_PROTECTED.match(cell) else cell


class RejectsFile:
    """The rows that did not fit, in a file that can be mended and imported again: our two columns, then theirs."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, delimiter=shape.delimiter)

    def head(self) -> bytes:
        """The file's first bytes, with the mark that makes spreadsheets read UTF-8."""
        return codecs.BOM_UTF8 + self._written([*OURS, *self._shape.columns])

    def row(self, line: int, reason: str, cells: list[str]) -> bytes:
        return self._written([str(line), reason, *map(protected, cells)])

    def _written(self, cells: list[str]) -> bytes:
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(cells)
        return self._buffer.getvalue().encode("utf-8", "replace")
