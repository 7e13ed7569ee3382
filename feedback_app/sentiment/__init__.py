"""Comments read: what is a comment's sentiment, which words say so, and what could not be read.

`registry.tagger()` gives the tagger to use, `guard.GuardedTagger` the same behind a wall that a crash or a hang
does not pass. Importing this package loads no tagger and none of their libraries.
"""

from feedback_app.sentiment.tagger import Evidence, Reason, Tag, Tagger

__all__ = ["Evidence", "Reason", "Tag", "Tagger"]
