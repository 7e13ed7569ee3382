"""Tags as a Unix filter: JSON lines with a "text" in, JSON lines with its tag out, in the same order.

Neither Flask nor the database is loaded. What has arrived is answered before the filter waits for more, so it can be
talked to line by line.
"""

import argparse
import gc
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import redirect_stdout, suppress
from io import BufferedReader
from json import JSONDecoder, dumps
from math import isinf
from pathlib import Path
from typing import Any, NoReturn, TextIO

from feedback_app.sentiment.answers import answer
from feedback_app.sentiment.registry import DEFAULT, UnknownTagger, tagger
from feedback_app.sentiment.tagger import Tagger

CHUNK = 65_536  # bytes that are read at a time
LOOSE_THRESHOLD = 50_000  # objects: tagging leaves no cycles behind, so looking for them often is time lost


class LineRefused(Exception):
    """A line that gets no tag; says why, without a word of the comment."""

    def __init__(self, why: str, rest: dict[str, Any] | None = None) -> None:
        self.why = why
        self.rest = rest or {}
        super().__init__(why)


def run_filter(
    stdin: Iterable[bytes | str],
    stdout: TextIO,
    stderr: TextIO,
    tagger_name: str = DEFAULT,
    *,
    greet: bool = False,
    weights: Path | None = None,
    called: str = "",
) -> int:
    """Tag each line of `stdin`; return the exit code: 0, 1 if a line was refused, 2 if there is no such tagger.

    Other keys than "text" are passed through. Where the comment's language cannot be read, a "rating" with its "metric"
    (and "points", if not the usual ones) gives the label. A refused line gets {"error": ..., "line": N} in its place.
    Give it `sys.stdin.buffer`, so that a line which is not UTF-8 costs the others nothing. `greet` writes {} once the
    tagger is loaded, and each answer as soon as it is there: whoever greets wants to know which comment takes long.
    """
    try:
        with redirect_stdout(stderr):  # a tagger that prints must not get between the answers
            gc.set_threshold(LOOSE_THRESHOLD)
            reader = _load(tagger_name, weights, called, stderr)
            if reader is None:
                return 2
            if greet:
                print("{}", file=stdout, flush=True)
            return _answer_all(reader, stdin, stdout, stderr, one_by_one=greet)
    except BrokenPipeError:  # `| head` has seen enough; Python must not complain about it when it ends
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
        return 1


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """`python -m feedback_app.sentiment`: the filter as a process of its own, as the guard starts it."""
    parser = argparse.ArgumentParser(prog="python -m feedback_app.sentiment", description=__doc__)
    parser.add_argument("--tagger", default=DEFAULT, metavar="NAME", help="default: %(default)s")
    parser.add_argument("--greet", action="store_true", help="write {} once the tagger is loaded")
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="of a model that takes the shipped one's place"
    )
    parser.add_argument(
        "--called", default="", metavar="NAME", help="with --weights: how tags name the model"
    )
    chosen = parser.parse_args(arguments)
    sys.exit(
        run_filter(
            sys.stdin.buffer,
            sys.stdout,
            sys.stderr,
            chosen.tagger,
            greet=chosen.greet,
            weights=chosen.weights,
            called=chosen.called,
        )
    )


def _load(name: str, weights: Path | None, called: str, stderr: TextIO) -> Tagger | None:
    try:
        return with_weights(weights, called) if weights else tagger(name)
    except UnknownTagger as unknown:
        print(unknown, file=stderr)
    except Exception as error:  # whatever a plug-in's import or constructor raises
        print(f"The tagger {name!r} cannot be started ({type(error).__name__}: {error}).", file=stderr)
    return None


def with_weights(file: Path, called: str) -> Tagger:
    """The default tagger with the weights of another model, which its version names."""
    from feedback_app.sentiment.lexigram import LexigramTagger  # other taggers do without it
    from feedback_app.sentiment.weights import Weights

    reader = LexigramTagger(Weights.read(file.read_bytes()))
    reader.version = f"{called} {reader.version}".strip()
    return reader


def _answer_all(
    reader: Tagger, stdin: Iterable[bytes | str], stdout: TextIO, stderr: TextIO, *, one_by_one: bool
) -> int:
    number, refused = 0, False
    for lines in _as_they_come(stdin):
        for line in lines:
            number += 1
            if not line.strip():
                continue
            try:
                answered = _answer(reader, line)
            except LineRefused as refusal:
                refused = True
                print(f"Line {number} was not tagged: {refusal.why}.", file=stderr)
                answered = dumps(refusal.rest | {"error": refusal.why, "line": number})
            stdout.write(answered + "\n")
            if one_by_one:
                stdout.flush()
        stdout.flush()
    return int(refused)


def _as_they_come(stdin: Iterable[bytes | str]) -> Iterator[Sequence[bytes | str]]:
    """The lines of a file, all that have arrived at a time; of anything else, one at a time."""
    if not isinstance(stdin, BufferedReader):
        yield from ([line] for line in stdin)
        return
    begun: list[bytes] = []  # of a line whose end has not come yet
    while data := stdin.read1(CHUNK):
        first, *others = data.split(b"\n")
        begun.append(first)
        if others:
            yield [b"".join(begun), *others[:-1]]
            begun = [others[-1]]
    yield [b"".join(begun)]


def _answer(reader: Tagger, line: bytes | str) -> str:
    request = _parse(line)
    text = request.pop("text", None)
    if not isinstance(text, str):
        raise LineRefused('it has no "text" that is a string', request)
    try:
        return answer(reader.tag(text), request)
    except Exception as error:  # a plug-in's; its message may quote the comment, its name does not
        raise LineRefused(
            f"the tagger {reader.name!r} failed with {type(error).__name__}", request
        ) from error


def _parse(line: bytes | str) -> dict[str, Any]:
    try:
        text = (line.decode() if isinstance(line, bytes) else line).strip(_BLANKS)
        found, end = _DECODER.raw_decode(
            text
        )  # half of the time of `decode`, which strips by a regular expression
        if end < len(text):
            raise ValueError("there is something behind it")
    except UnicodeDecodeError as error:
        raise LineRefused("it is not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise LineRefused("it is not JSON") from error
    if not isinstance(found, dict):
        raise LineRefused("it is not a JSON object")
    return found


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(written: str) -> float:
    number = float(written)
    if isinf(number):  # to pass it through would give "Infinity", which is not JSON
        raise LineRefused("a number in it is too large")
    return number


_BLANKS = " \t\n\r\ufeff"  # as JSON has them, and the mark that some programs begin a file with
_DECODER = JSONDecoder(parse_constant=_no_such_number, parse_float=_finite)
