"""Who reads comments in this process: the tagger of the settings, or the own model that is in use.

Every batch asks, so that a switch is followed without a restart. An own model's weights are a file in the instance
folder, written from the database's row by each machine and checked by its hash. Weights that are damaged, or of a
release that wrote them otherwise, are left aside for the tagger of the settings; the log and the page say so.
"""

import atexit
import logging
import os
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import NamedTuple

from flask import current_app
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from feedback_app.config import Settings
from feedback_app.db import reading
from feedback_app.sentiment.guard import GuardedTagger
from feedback_app.sentiment.weights import Weights, WeightsDamaged
from feedback_app.tagging.own_models import InUse, model_in_use, weights_of

FOLDER = "own-models"  # of the instance folder
LEXIGRAM = "lexigram"  # whose weights own models are

log = logging.getLogger(__name__)


class Reading(NamedTuple):
    """A tagger by name, with the file of its weights and what they are called if they are one's own."""

    name: str
    weights: Path | None = None
    called: str = ""


class NotReadable(Exception):
    """The own model in use cannot be read; says why."""


class _Shared:
    """This process's one guarded tagger, and what was found when it was made."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.tagger: GuardedTagger | None = None
        self.reads: Reading | None = None
        self.good: dict[Path, tuple[int, int]] = {}  # files that were checked: their time and size
        self.refused: str | None = None  # the own model that could not be read

    def close(self) -> None:
        if self.tagger:
            self.tagger.close()


_shared = _Shared()
atexit.register(_shared.close)


def shared_tagger() -> GuardedTagger:
    """This process's tagger; it starts with the first comment and ends with the process."""
    with _shared.lock:
        wanted = reads_now()
        if _shared.tagger is None or wanted != _shared.reads:
            _shared.close()
            _shared.tagger = GuardedTagger(wanted.name, weights=wanted.weights, called=wanted.called)
            _shared.reads = wanted
        return _shared.tagger


def reads_now() -> Reading:
    """What reads comments at this moment."""
    settings: Settings = current_app.extensions["feedback_settings"]
    with reading() as connection:
        in_use = model_in_use(connection)
        if in_use is None:
            return Reading(settings.tagger)
        try:
            return Reading(LEXIGRAM, _file_of(connection, in_use, settings.instance / FOLDER), in_use.name)
        except NotReadable as damage:
            if _shared.refused != in_use.name:
                log.error("%s is not used, %s reads instead: %s", in_use.name, settings.tagger, damage)
                _shared.refused = in_use.name
            return Reading(settings.tagger)


def weights_problem(connection: Session | Connection, in_use: InUse) -> str:
    """Why the own model in use cannot be read; empty if it can."""
    try:
        _bytes_of(connection, in_use)
    except NotReadable as damage:
        return str(damage)
    return ""


def _file_of(connection: Connection, in_use: InUse, folder: Path) -> Path:
    """The file of the weights, written if it is not there or not as it was written; raises NotReadable."""
    path = folder / f"{in_use.fingerprint}.weights"
    try:
        if _stamp(path) == _shared.good.get(path):
            return path
        is_whole = sha256(path.read_bytes()).hexdigest() == in_use.fingerprint
    except FileNotFoundError:
        is_whole = False
    data = _bytes_of(connection, in_use)
    if not is_whole:
        _write(path, data)
    _shared.good = {path: _stamp(path)}
    return path


def _bytes_of(connection: Session | Connection, in_use: InUse) -> bytes:
    data = weights_of(connection, in_use.id)
    if data is None:
        raise NotReadable("its weights in the database are damaged")
    try:
        Weights.read(data)
    except WeightsDamaged as error:
        raise NotReadable("its weights are of another release") from error
    return data


def _write(path: Path, data: bytes) -> None:
    """The file, whole or not at all; those of earlier models go."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(data)
    os.replace(file.name, path)
    for other in path.parent.glob("*.weights"):
        if other != path:
            other.unlink(missing_ok=True)


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_mtime_ns, found.st_size
