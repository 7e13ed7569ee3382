"""The line of JSON with which the filter answers a comment: what came with it, and its tag."""

from collections.abc import Mapping
from json import dumps
from json.encoder import encode_basestring_ascii as quoted
from types import NoneType
from typing import Any

from feedback_app.sentiment.tagger import Label, Reason, Tag


def answer(tag: Tag, request: Mapping[str, Any]) -> str:
    """The request's own keys, the tag, whether its label comes from the words or from the rating, and its maker."""
    if tag.label and not tag.reason and _KEYS.isdisjoint(request):
        came_with_it = dumps(request)[1:-1] + ", " if request else ""
        return f"{{{came_with_it}{_judged(tag)}}}"
    return dumps({**request, **_as_dict(tag, request)})


def _judged(tag: Tag) -> str:
    """What json.dumps makes of a tag that the words gave; put together by hand, which takes a third of its time."""
    evidence = ", ".join(
        [
            f'{{"start": {start}, "end": {end}, "word": {quoted(word)}, "weight": {_number(weight)}}}'
            for start, end, word, weight in tag.evidence
        ]
    )
    language = "null" if tag.language is None else quoted(tag.language)
    return (
        f'"label": "{tag.label}", "polarity": {_number(tag.polarity)}, '
        f'"subjectivity": {_number(tag.subjectivity)}, "confidence": {_number(tag.confidence)}, '
        f'"language": {language}, "evidence": [{evidence}], '
        f'"reason": null, "source": "words", "tagger": {quoted(tag.tagger)}, "version": {quoted(tag.version)}'
    )


def _number(value: float | None) -> str:
    """As JSON has it; the integer 1 equals the float 1.0 but is written differently, hence the look at the type."""
    return (_WRITTEN.get(value) if type(value) is float else None) or dumps(value)


# Numbers of three digits between -1 and 1, as taggers round them: looked up in a quarter of the time of writing them.
# Zero is left out, for -0.0 equals it.
_WRITTEN = {value: repr(value) for value in (n / 1000 for n in range(-1000, 1001)) if value}


def _as_dict(tag: Tag, request: Mapping[str, Any]) -> dict[str, Any]:
    """The same of any tag, in the same order."""
    found = tag.as_dict()
    found["source"] = "words" if tag.label and not tag.reason else None
    if tag.reason is Reason.LANGUAGE and (label := _label_of_rating(request)):
        found |= {"label": label, "source": "rating"}
    for key in ("tagger", "version"):  # its maker comes last
        found[key] = found.pop(key)
    return found


_KEYS = frozenset((*Tag._fields, "source"))


def _label_of_rating(request: Mapping[str, Any]) -> Label | None:
    """What the rating's band says; None where it is no rating of a metric that is known here."""
    key, rating, points = (request.get(name) for name in ("metric", "rating", "points"))
    if not isinstance(key, str) or type(rating) is not int or type(points) not in (int, NoneType):
        return None
    from feedback_app.scoring.metrics import (  # here, for most lines need none, and it takes its time to load
        RatingOffScale,
        UnknownMetric,
        metric,
    )

    try:
        return _LABEL_OF_TONE[metric(key, points).band_of(rating).tone]
    except (UnknownMetric, RatingOffScale):
        return None


_LABEL_OF_TONE: Mapping[str, Label] = {"bad": "negative", "middle": "neutral", "good": "positive"}
