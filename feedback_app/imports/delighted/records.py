"""The records of a file, one by one and in bounded memory, whatever tool wrote it.

Knows CSV, JSON (arrays, several of them, JSON lines), and the envelopes of Singer and Airbyte. A record comes out flat:
`{"person": {"email": …}}` is one heading `person__email`, as Fivetran and Stitch name their columns.
"""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from feedback_app.imports.columns import heading_key
from feedback_app.imports.files import (
    OURS,
    FileProblem,
    OpenFile,
    file_lines,
    find_encoding,
    look_at,
    rows_of,
)

CHUNK_CHARACTERS = 64 * 1024
LONGEST_RECORD = 2_000_000  # characters
STREAMS = {
    "surveyresponse": "responses",
    "surveyresponses": "responses",
    "person": "people",
    "people": "people",
    "unsubscribe": "unsubscribes",
    "unsubscribes": "unsubscribes",
    "bounce": "bounces",
    "bounces": "bounces",
}
_SEPARATORS = " \t\r\n,[]"
_OBJECTS = ("person", "personproperties", "properties")  # CSV of warehouses holds these as JSON


class Form(StrEnum):
    """Who wrote the file."""

    CSV = "CSV"
    JSON = "JSON"
    SINGER = "Singer"
    AIRBYTE = "Airbyte"


class Record(NamedTuple):
    """One record: the line that it begins on, its stream if it names one, and its headings and values.

    `cells` are the row as it stands in a CSV; `trouble` says why nothing can be read.
    """

    line: int
    stream: str
    values: Mapping[str, str]
    cells: Sequence[str] = ()
    trouble: str = ""


def form_of(open_file: OpenFile, encoding: str | None = None) -> Form:
    """Who wrote the file; raises FileProblem if it is empty or a workbook."""
    with open_file() as stream:
        encoding = encoding or find_encoding(stream)
    if not is_json(open_file, encoding):
        look = look_at(open_file, encoding)
        return Form.AIRBYTE if "_airbyte_data" in look.columns else Form.CSV
    given = (one for _, one in _objects(open_file, encoding) if isinstance(one, dict))
    telling = next((one for one in given if not is_about_the_file(one)), None)
    if telling is None:
        raise FileProblem("The file holds no records, so nothing was imported from it.")
    if "_airbyte_data" in telling or (
        isinstance(telling.get("record"), dict) and "data" in telling["record"]
    ):
        return Form.AIRBYTE
    return Form.SINGER if isinstance(telling.get("record"), dict) else Form.JSON


def is_about_the_file(given: Mapping[str, Any]) -> bool:
    """Whether a message of a sync tool holds no record: a schema, a state, a line of its log."""
    kind = given.get("type")
    return isinstance(kind, str) and kind.isupper() and not isinstance(given.get("record"), dict)


def is_json(open_file: OpenFile, encoding: str) -> bool:
    with open_file() as stream:
        start = stream.read(4000).decode(encoding, "replace").lstrip("\ufeff \t\r\n")
    return start.startswith(("{", "["))


def records_of(open_file: OpenFile, encoding: str | None = None) -> Iterator[Record]:
    """Every record of the file; raises FileProblem where the file as a whole cannot be read on."""
    with open_file() as stream:
        encoding = encoding or find_encoding(stream)
    if is_json(open_file, encoding):
        yield from _json_records(open_file, encoding)
    else:
        yield from _csv_records(open_file, encoding)


def _csv_records(open_file: OpenFile, encoding: str) -> Iterator[Record]:
    shape = look_at(open_file, encoding)
    holds_objects = any(heading_key(name) in _OBJECTS or name == "_airbyte_data" for name in shape.columns)
    for line, cells in rows_of(open_file, shape):
        while len(cells) > len(shape.columns) and not cells[-1]:
            cells.pop()  # a delimiter at the end of the line
        if len(cells) != len(shape.columns):
            trouble = f"It has {len(cells)} cells and the headings are {len(shape.columns)}."
            yield Record(line, "", {}, cells, trouble)
            continue
        values = dict(zip(shape.columns, cells, strict=True))
        if holds_objects:
            yield _unwrapped(line, {name: _parsed(cell) for name, cell in values.items()}) or Record(
                line, "", {}
            )
        else:
            yield Record(line, "", values, cells)


def _parsed(cell: str) -> Any:
    if not cell.startswith("{"):
        return cell
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return cell


def _json_records(open_file: OpenFile, encoding: str) -> Iterator[Record]:
    for line, given in _objects(open_file, encoding):
        if isinstance(given, str):
            yield Record(
                line, "", {}, [given[:500]], "This line is not whole JSON, so nothing of it can be read."
            )
        elif (record := _unwrapped(line, given)) is not None:
            yield record


def _unwrapped(line: int, given: dict[str, Any]) -> Record | None:
    """The record without its envelope; None for what says something about the file alone."""
    data = given.get("_airbyte_data")
    if data is not None:
        found = _loaded(data) if isinstance(data, str) else data
        return Record(line, "", flat(found if isinstance(found, dict) else {}))
    inner = given.get("record")
    if not isinstance(inner, dict):
        return None if is_about_the_file(given) else Record(line, "", flat(given))
    if isinstance(inner.get("data"), dict):
        return _of_stream(line, inner.get("stream"), inner["data"])
    return _of_stream(line, given.get("stream"), inner)


def _of_stream(line: int, stream: Any, given: dict[str, Any]) -> Record | None:
    """Streams that hold no people and no responses (metrics) are passed over."""
    name = STREAMS.get(heading_key(str(stream or "")))
    return Record(line, name or "", flat(given)) if name or not stream else None


def _objects(open_file: OpenFile, encoding: str) -> Iterator[tuple[int, Any]]:
    """The file's objects with their lines; a line of JSON lines that is broken comes as its text."""
    with open_file() as stream:
        first = next((line for line in file_lines_or_long(stream, encoding) if line.strip()), "")
    with open_file() as stream:
        if isinstance(_loaded(first), dict):
            yield from _objects_of_lines(file_lines(stream, encoding))
        else:
            yield from _objects_of_stream(io.TextIOWrapper(stream, encoding, errors="replace"))


def file_lines_or_long(stream: Any, encoding: str) -> Iterator[str]:
    """The first lines, as far as they are lines: an array may stand on one of a hundred million characters."""
    text = io.TextIOWrapper(stream, encoding, errors="replace")
    while line := text.readline(LONGEST_RECORD):
        yield line.lstrip("\ufeff")


def _loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _objects_of_lines(lines: Iterator[str]) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(lines, 1):
        if text := line.strip().lstrip("\ufeff"):
            loaded = _loaded(text)
            yield number, loaded if isinstance(loaded, dict) else text


def _objects_of_stream(text: io.TextIOBase) -> Iterator[tuple[int, dict[str, Any]]]:
    """Objects behind one another, with or without brackets and commas around them."""
    decoder = json.JSONDecoder()
    buffer, place, line = "", 0, 1
    while True:
        while place < len(buffer) and buffer[place] in _SEPARATORS:
            line += buffer[place] == "\n"
            place += 1
        if place < len(buffer) and (found := _decoded(decoder, buffer, place)):
            value, end = found
            yield line, value
            line += buffer.count("\n", place, end)
            place = end
            continue
        more = text.read(CHUNK_CHARACTERS).lstrip("\ufeff") if len(buffer) - place < LONGEST_RECORD else ""
        if not more:
            break
        buffer, place = buffer[place:] + more, 0
    if place < len(buffer):
        raise FileProblem(
            f"The record that begins on line {line} is not whole JSON, perhaps because the file was cut. Nothing was "
            "imported; mend it and import the file again."
        )


def _decoded(decoder: json.JSONDecoder, buffer: str, place: int) -> tuple[dict[str, Any], int] | None:
    try:
        value, end = decoder.raw_decode(buffer, place)
    except (ValueError, RecursionError):
        return None
    return (value, end) if isinstance(value, dict) else None


def flat(given: Mapping[str, Any], before: str = "") -> dict[str, str]:
    """The record's values as texts under flat headings; lists stay JSON."""
    values: dict[str, str] = {}
    for key, value in given.items():
        if key in OURS:
            continue
        name = clean(f"{before}{key}")
        if isinstance(value, dict):
            values |= flat(value, f"{name}__")
        else:
            values[name] = _text(value)
    return values


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return clean(json.dumps(value, ensure_ascii=False) if isinstance(value, list) else str(value))


def clean(text: str) -> str:
    """The text without what no database of ours takes: NULs and halves of letters."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
