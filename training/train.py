"""`python -m training.train`: the shipped weights, made from the sentences in training/data.

The same data and code give the same file, byte for byte. The file holds a hash of both, so that a test can tell
cheaply when one was changed and the other not made anew.
"""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import click

from feedback_app import sentiment
from feedback_app.sentiment.training import Example, train
from feedback_app.sentiment.weights import SHIPPED, Weights
from training.datasets import DATA, LEXICONS, SOURCES, examples, lexicon

# What is added to the scores of negative and positive: customers who comment are less often happy than the authors of
# the training sentences. Chosen on the development part of the sets that `make evaluate` reads.
PRIOR = (0.1, -0.3)
TEMPERATURE = 0.85  # chosen there too, so that of the tags with confidence .8 eight in ten are right
FAINTEST = 0.25  # terms that weigh less are half of the file and change nothing that was measured
DROPOUT = 0.4
PACKAGE = Path(sentiment.__file__).parent
CODE = (
    *(
        PACKAGE / name
        for name in ("features.py", "lexicon.py", "signs.py", "text.py", "training.py", "weights.py")
    ),
    *(Path(__file__).parent / name for name in ("datasets.py", "train.py")),
)


def made_from() -> str:
    """A hash of all that the weights depend on."""
    digest = sha256()
    for path in (*CODE, *(source.path for source in SOURCES), *(DATA / name for name in LEXICONS)):
        digest.update(sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def model(found: Sequence[Example]) -> Weights:
    """The weights that are learned from these sentences."""
    about = {
        "made_from": made_from(),
        "sentences": len(found),
        "sources": [f"{source.file} ({source.licence}; {source.by})" for source in SOURCES],
    }
    fitted = train(found, lexicon=lexicon(), dropout=DROPOUT, about=about)
    bias = round(fitted.bias[0] + PRIOR[0], 4), round(fitted.bias[1] + PRIOR[1], 4)
    kept = {
        term: lean
        for term, lean in fitted.terms.items()
        if max(*map(abs, lean), abs(lean[0] - lean[1])) >= FAINTEST
    }
    return replace(fitted, terms=kept, bias=bias, temperature=TEMPERATURE)


def main() -> None:
    data = model(examples()).write()
    SHIPPED.parent.mkdir(exist_ok=True)
    SHIPPED.write_bytes(data)
    click.echo(f"{SHIPPED}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
