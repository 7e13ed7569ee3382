"""What a piece of text comes to, worked out once: comments are made of the same few thousand words again and again."""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

LONGEST = 40  # characters of a piece that is kept; a longer one is no word that comes again

Result = TypeVar("Result")


class Memory(dict[str, Result]):
    """What `work` gives for each piece; one that is not known yet is worked out when it is looked up.

    A dictionary because that is the quickest of all: a whole comment is looked up without a step of Python between.
    When it is full it forgets the older half, so that a stream of words which never come again does not make it grow.
    """

    __slots__ = ("_most", "_work")

    def __init__(self, work: Callable[[str], Result], most: int) -> None:
        super().__init__()
        self._work = work
        self._most = most

    def __missing__(self, piece: str) -> Result:
        found = self._work(piece)
        if len(piece) <= LONGEST:
            if len(self) >= self._most:
                for older in list(islice(self, (len(self) + 1) // 2)):
                    self.pop(older, None)  # another thread may have forgotten it already
            self[piece] = found
        return found

    def each(self, pieces: Iterable[str]) -> Iterable[Result]:
        """What each of the pieces comes to, in order."""
        return map(self.__getitem__, pieces)
