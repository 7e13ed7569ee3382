"""A model's weights in one file: what each word adds to each label, and the lexicon that goes with them."""

import json
import zlib
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Self

LABELS = ("negative", "neutral", "positive")
STEP = 1 / 32  # of a stored weight
_MAGIC = b"feedback-weights 1\n"
SHIPPED = Path(__file__).parent / "data" / "english.weights"

Vector = tuple[float, float]  # how much it speaks for negative and for positive, rather than neutral


class WeightsDamaged(ValueError):
    """The bytes are no weights, or not of this format."""


@dataclass(frozen=True, slots=True)
class Weights:
    """What training found. Weights of terms are multiples of STEP, so writing and reading loses nothing."""

    languages: tuple[str, ...]  # those it may judge
    terms: Mapping[str, Vector]
    signals: Sequence[Vector]  # in the order of features.SIGNALS
    bias: Vector
    lexicon: Mapping[str, float]
    temperature: float = 1.0  # scores are multiplied by it before they become probabilities
    about: Mapping[str, Any] = field(default_factory=dict)  # sources, counts, hashes: what a reader may want
    fingerprint: str = ""  # of the file that they were read from

    def write(self) -> bytes:
        """The file; the same weights give the same bytes."""
        names = sorted(self.terms)
        lexicon = sorted(self.lexicon)
        head = {
            "languages": list(self.languages),
            "bias": list(self.bias),
            "signals": [list(vector) for vector in self.signals],
            "temperature": self.temperature,
            "terms": len(names),
            "about": dict(self.about),
        }
        flat = array("b", (round(self.terms[name][c] / STEP) for c in range(2) for name in names))
        values = array("b", (round(self.lexicon[word] / STEP) for word in lexicon))
        body = b"\0".join(("\n".join(names).encode(), "\n".join(lexicon).encode()))
        parts = [json.dumps(head, sort_keys=True).encode(), body, flat.tobytes() + values.tobytes()]
        packed = zlib.compress(b"".join(len(part).to_bytes(4, "big") + part for part in parts), 9)
        return _MAGIC + sha256(packed).digest() + packed

    @classmethod
    def read(cls, data: bytes) -> Self:
        """The weights in a file; raises WeightsDamaged."""
        packed = data[len(_MAGIC) + 32 :]
        if not data.startswith(_MAGIC) or sha256(packed).digest() != data[len(_MAGIC) : len(_MAGIC) + 32]:
            raise WeightsDamaged("These are no weights of a tagger, or they have been changed.")
        head_part, body, numbers = _parts(zlib.decompress(packed))
        head = json.loads(head_part)
        names, lexicon = ((part.decode().split("\n") if part else []) for part in body.split(b"\0"))
        flat = array("b", numbers)
        count = len(names)
        figures = [STEP * value for value in range(128)] + [STEP * value for value in range(-128, 0)]
        vectors = _Vectors(figures)
        columns = zip(flat[:count], flat[count : 2 * count], strict=True)
        values = (figures[value] for value in flat[2 * count :])
        negative, positive = head["bias"]
        return cls(
            languages=tuple(head["languages"]),
            terms=dict(zip(names, map(vectors.__getitem__, columns), strict=True)),
            signals=[(bad, good) for bad, good in head["signals"]],
            bias=(negative, positive),
            lexicon=dict(zip(lexicon, values, strict=True)),
            temperature=head["temperature"],
            about=head["about"],
            fingerprint=fingerprint(data),
        )


class _Vectors(dict[tuple[int, int], Vector]):
    """Two stored numbers as weights, one object for all terms that weigh alike: a tenth of the memory to look into."""

    def __init__(self, figures: Sequence[float]) -> None:
        super().__init__()
        self._figures = figures

    def __missing__(self, stored: tuple[int, int]) -> Vector:
        vector = self[stored] = (self._figures[stored[0]], self._figures[stored[1]])
        return vector


def fingerprint(data: bytes) -> str:
    """Ten letters and digits that stand for the whole file."""
    return sha256(data).hexdigest()[:10]


@cache
def shipped() -> Weights:
    """The weights in the package."""
    return Weights.read(SHIPPED.read_bytes())


def _parts(data: bytes) -> list[bytes]:
    found = []
    while data:
        length = int.from_bytes(data[:4], "big")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    return found
