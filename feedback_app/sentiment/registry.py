"""Taggers by name: the built-in ones, and those that installed packages bring along.

A package adds one with an entry point in the group `feedback_app.taggers`, whose name is the tagger's and whose
value is a class or function that is called without arguments.
"""

from importlib.metadata import EntryPoint, entry_points
from threading import Lock
from typing import cast

from feedback_app.sentiment.tagger import Tagger

DEFAULT = "lexigram"
GROUP = "feedback_app.taggers"
BUILT_IN = (
    EntryPoint("lexigram", "feedback_app.sentiment.lexigram:LexigramTagger", GROUP),
    EntryPoint("textblob", "feedback_app.sentiment.textblob_tagger:TextBlobTagger", GROUP),
)

_ready: dict[str, Tagger] = {}
_making = Lock()


class UnknownTagger(LookupError):
    """No tagger has this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        self.name = name
        self.known = known
        super().__init__(f"There is no tagger called {name!r}; there are: {', '.join(known)}.")


def tagger(name: str = DEFAULT) -> Tagger:
    """The tagger of this name, made at its first use and kept.

    Raises UnknownTagger, or whatever the making of the tagger raises.
    """
    with _making:  # one at a time: two threads at once would load the same library twice
        if name not in _ready:
            _ready[name] = _make(name)
        return _ready[name]


def tagger_names() -> list[str]:
    """The names that can be asked for, sorted."""
    return sorted(_entries())


def _make(name: str) -> Tagger:
    # The built-in ones first: no need to ask every installed package what it brings along.
    entries = {entry.name: entry for entry in BUILT_IN}
    if name not in entries:
        entries = _entries()
    if name not in entries:
        raise UnknownTagger(name, sorted(entries))
    return cast(Tagger, entries[name].load()())


def _entries() -> dict[str, EntryPoint]:
    """Every tagger's entry point by name; a built-in name cannot be taken over."""
    return {entry.name: entry for entry in (*entry_points(group=GROUP), *BUILT_IN)}
