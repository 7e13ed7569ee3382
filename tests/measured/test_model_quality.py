"""The default tagger against TextBlob and VADER, on the labelled comments of a folder that need not be there.

`FEEDBACK_LABELLED_COMMENTS` names it. They are not ours to give away, so this is no part of `make test`:
`make evaluate` runs it. The figures of the last run are in docs/reference/tagger.md.
"""

import os
from pathlib import Path

import pytest

from training.evaluate import SETS, confusion, is_held_out, judges, read
from training.measures import binary_f1, macro_f1, negative_f1

FOLDER = os.environ.get("FEEDBACK_LABELLED_COMMENTS", "")

pytestmark = pytest.mark.skipif(not FOLDER, reason="FEEDBACK_LABELLED_COMMENTS names no folder of comments")


@pytest.mark.parametrize(
    ("name", "macro", "binary", "negative"),
    [("fabsa", 0.74, 0.88, 0.78), ("airline", 0.6, 0.73, 0.75), ("semeval_restaurants", 0.6, 0.75, 0.6)],
)
def test_it_is_as_right_as_was_measured_and_more_than_the_others(name, macro, binary, negative):
    assert name in {one.name for one in SETS}
    comments = [comment for comment in read(Path(FOLDER), name) if is_held_out(comment.text)]
    found = {tagger: confusion(comments, say) for tagger, say in judges().items()}
    own = found.pop("lexigram")
    assert macro_f1(own) >= macro
    assert binary_f1(own) >= binary
    assert negative_f1(own) >= negative
    for other in found.values():
        assert (macro_f1(own), binary_f1(own)) > (macro_f1(other), binary_f1(other))
