"""`python -m training.evaluate_unseen`: how right the default tagger is on kinds of text that it was not trained on.

For each kind among the sentences in training/data the weights are learned anew without that kind and measured on it,
beside TextBlob and VADER. No other data are needed; the figures replace those in docs/reference/tagger.md. It takes a
quarter of a minute for each kind.
"""

from collections.abc import Iterator, Mapping, Sequence

import click

from feedback_app.sentiment.lexigram import LexigramTagger
from feedback_app.sentiment.training import Example
from training.datasets import examples_by_kind
from training.evaluate import PAGE, Comment, Verdict, confusion, head, is_held_out, judges, label_of, put
from training.measures import accuracy, binary_f1, macro_f1, negative_f1
from training.train import model

BEGIN, END = "<!-- unseen: begin -->", "<!-- unseen: end -->"
ABOUT = {
    "uci_amazon": "reviews of phones, two classes",
    "uci/imdb": "reviews of films, two classes",
    "huliu_products": "reviews of nine products, two classes",
    "vader_tweets": "tweets",
    "vader/movies": "reviews of films",
    "vader/editorials": "editorials",
}
OTHERS = ("textblob", "VADER")


def without(kind: str, found: Sequence[tuple[str, Example]]) -> Verdict:
    """The default tagger, had it never seen this kind."""
    reader = LexigramTagger(model([example for other, example in found if other != kind]))
    return lambda text: label_of(reader.tag(text))


def report(found: Sequence[tuple[str, Example]], kinds: Mapping[str, str]) -> str:
    """The figures as Markdown, of every sentence of a kind and of the fifth that nothing was chosen by."""
    others = {name: say for name, say in judges().items() if name in OTHERS}
    lines = list(
        head("kind left out", "sentences", "tagger", "accuracy", "macro-F1", "binary F1", "F1 of negative")
    )
    for kind, about in kinds.items():
        every = [Comment(example.text, example.label) for other, example in found if other == kind]
        verdicts = {"lexigram": without(kind, found), **others}
        fifth = [comment for comment in every if is_held_out(comment.text)]
        lines += _rows(f"{kind}: {about}", every, verdicts)
        lines += _rows(f"{kind}, held out", fifth, verdicts) if fifth else ()
    return "\n".join(lines)


def _rows(name: str, comments: Sequence[Comment], verdicts: Mapping[str, Verdict]) -> Iterator[str]:
    for tagger, say in verdicts.items():
        cells = confusion(comments, say)
        figures = " | ".join(
            f"{measure(cells):.3f}" for measure in (accuracy, macro_f1, binary_f1, negative_f1)
        )
        yield f"| {name} | {len(comments):,} | {tagger} | {figures} |"


@click.command(help=__doc__)
def main() -> None:
    figures = report(list(examples_by_kind()), ABOUT)
    PAGE.write_text(put(PAGE.read_text(encoding="utf-8"), figures, BEGIN, END), encoding="utf-8")
    click.echo(f"{PAGE.name} was written.")


if __name__ == "__main__":
    main()
