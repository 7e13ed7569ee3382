"""`python -m training.evaluate_learning FOLDER`: what learning at home brings, for docs/how-to/learn-at-home.md.

An installation is played with labelled comments of one product: so many of them are its own ratings and comments, from
which is learned as by the nightly job, and others of the product are read with the shipped and the learned model.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from feedback_app.sentiment.comparing import Figures, compare
from feedback_app.sentiment.lexigram import LexigramTagger
from feedback_app.sentiment.registry import DEFAULT, tagger
from feedback_app.tagging.pairs import Pair
from feedback_app.tagging.trial import BASE_AND_OWN, OWN, best_weights, candidates, verdicts
from training.evaluate import FIFTHS, Comment, head, put, read

PAGE = Path(__file__).parents[1] / "docs" / "how-to" / "learn-at-home.md"
RECIPES = {OWN: "own alone", BASE_AND_OWN: "shipped and own"}


@dataclass(frozen=True)
class Product:
    """Comments of one product: how many are its own, how many others are read, and how often that is drawn anew."""

    name: str
    language: str
    sizes: tuple[int, ...]
    others: int
    draws: int


PRODUCTS = (
    Product("appstore_scores", "en", (200, 500, 2_000), others=1_500, draws=3),
    Product("german_rail", "de", (800,), others=200, draws=3),
)


@dataclass(frozen=True)
class Draw:
    """What one training came to."""

    shipped: Figures
    learned: Figures
    recipe: str
    is_proposed: bool


def table(folder: Path) -> Iterator[str]:
    """A row of Markdown for each product and number of own comments."""
    measures = ("shipped: accuracy, macro-F1", "learned: accuracy, macro-F1")
    yield from head("comments", "own", *measures, "learned from", "proposed")
    for product in PRODUCTS:
        comments = read(folder, product.name)
        random.Random(1).shuffle(comments)  # noqa: S311 - a sample
        others, pool = comments[: product.others], comments[product.others :]
        for size in product.sizes:
            drawn = [learn(product, pool, others, size, seed) for seed in range(product.draws)]
            yield f"| {product.name} | {size:,} | {line(drawn)} |"


def learn(product: Product, pool: Sequence[Comment], others: Sequence[Comment], size: int, seed: int) -> Draw:
    """Train on `size` of the pool, and read the others."""
    own = [
        Pair(comment.text, comment.label, 1.0, held_out=place % FIFTHS == 0)
        for place, comment in enumerate(random.Random(seed).sample(pool, size))  # noqa: S311 - a sample
    ]
    training, held_out = [one for one in own if not one.held_out], [one for one in own if one.held_out]
    read_with = [Pair(comment.text, comment.label, 1.0, held_out=True) for comment in others]
    recipe, weights = best_weights(training, candidates((product.language,)))
    shipped, learned = tagger(DEFAULT), LexigramTagger(weights)
    at_night, by_others = (
        compare([one.label for one in pairs], verdicts(shipped, pairs), verdicts(learned, pairs))
        for pairs in (held_out, read_with)
    )
    return Draw(by_others.before, by_others.after, recipe, at_night.is_better)


def line(drawn: Sequence[Draw]) -> str:
    """The means of several draws, from which recipe each came, and how many would have been proposed."""
    recipes = Counter(RECIPES[one.recipe] for one in drawn).most_common()
    chosen = ", ".join(f"{name} ({times})" for name, times in recipes)
    proposed = f"{sum(one.is_proposed for one in drawn)} of {len(drawn)}"
    return f"{means([one.shipped for one in drawn])} | {means([one.learned for one in drawn])} | {chosen} | {proposed}"


def means(found: Sequence[Figures]) -> str:
    accuracy, macro_f1 = (
        sum(values) / len(found)
        for values in zip(*((one.accuracy, one.macro_f1) for one in found), strict=True)
    )
    return f"{accuracy:.3f}, {macro_f1:.3f}"


@click.command(help=__doc__)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(folder: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(put(page, "\n".join(table(folder))), encoding="utf-8")
    click.echo(f"{PAGE.name} was written.")


if __name__ == "__main__":
    main()
