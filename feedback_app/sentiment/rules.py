"""What is decided before the model looks: non-answers, emoji alone, "no complaints", and plain questions.

Only what is nearly certain is decided here; each pattern takes time in proportion to the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from feedback_app.sentiment.pieces import Piece, pieces_of
from feedback_app.sentiment.signs import Mark, signs, without_signs
from feedback_app.sentiment.tagger import Label, Reason
from feedback_app.sentiment.text import Cleaned, has_words, is_non_answer


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict that needs no model."""

    label: Label
    polarity: float  # -1 to +1
    confidence: float  # 0 to 1
    evidence: tuple[Mark, ...] = ()  # in the cleaned text; sorted by place, never overlapping
    reason: Reason | None = None


NOTHING_SAID = Decision("neutral", 0.0, 1.0, reason=Reason.NO_CONTENT)

_LONGEST_PHRASE = 120  # characters of a comment that is looked at as a whole
_MOST_WORDS = 16  # of it
_FIRM = 0.9  # confidence in a verdict of these rules: about one in ten was wrong on the development data
_CONTENT_POLARITY = 0.6  # of "no complaints": glad, and not overjoyed
_LEAN = 0.15  # the mean of emoji that is no longer neutral


def decided(cleaned: Cleaned, pieces: Sequence[Piece] | None = None) -> Decision | None:
    """The verdict on a comment that is plain without a model, or None for the others; `pieces` of it, if known."""
    text = cleaned.text
    if not _LETTER_OF_A_WORD.search(text) and not has_words(without_signs(text)):
        return _by_signs(text) or _by_fraction(text) or NOTHING_SAID
    if len(text) > _LONGEST_PHRASE:
        return None
    if pieces is None:
        pieces = pieces_of(text.split())
    words = list(chain.from_iterable([spoken for spoken, _ in pieces]))
    return _by_phrase(text, words) if len(words) <= _MOST_WORDS else None


def _by_phrase(text: str, words: list[str]) -> Decision | None:
    """What a handful of words says as a whole."""
    phrase = " ".join(words)  # with one blank between the words, "can't" being "cant"
    may_be_mashed = len(words) == 1 or words[0] in _TRIED_OUT
    if is_non_answer(text) or (may_be_mashed and _MASHED.fullmatch(phrase)):
        return NOTHING_SAID
    if not _MAY_BE_CONTENT.isdisjoint(words) and _CONTENT.fullmatch(phrase):
        start, end = len(text) - len(text.lstrip()), len(text.rstrip())
        return Decision("positive", _CONTENT_POLARITY, _FIRM, ((start, end, _CONTENT_POLARITY),))
    if words[0] in _MAY_ASK and _is_plain_question(text, phrase):
        return Decision("neutral", 0.0, _FIRM)
    return None


def _by_signs(text: str) -> Decision | None:
    """The mean of the emoji and emoticons; None where there are none that the table knows."""
    marks = tuple(signs(text))
    if not marks:
        return None
    polarity = round(sum(weight for *_, weight in marks) / len(marks), 4) + 0.0
    leaning = tuple(mark for mark in marks if mark[2])
    return Decision(_label(polarity), polarity, _FIRM, leaning)


def _by_fraction(text: str) -> Decision | None:
    """What "10/10" or "2/5" says, where it is all there is."""
    found = _FRACTION.fullmatch(text)
    if not found or int(found["got"]) > int(found["of"]):
        return None
    share = int(found["got"]) / int(found["of"])
    label: Label = "positive" if share >= 0.8 else "negative" if share <= 0.5 else "neutral"
    polarity = round(2 * share - 1, 4)
    return Decision(label, polarity, _FIRM, ((*found.span(1), polarity),) if polarity else ())


def _label(polarity: float) -> Label:
    if abs(polarity) < _LEAN:
        return "neutral"
    return "positive" if polarity > 0 else "negative"


def _is_plain_question(text: str, phrase: str) -> bool:
    """Whether it asks for a fact and nothing else; a complaint may come as a question too."""
    return bool(
        _QUESTION.match(phrase) and _ONE_SENTENCE.fullmatch(text) and not _SIGN_OF_TROUBLE.search(phrase)
    )


_LETTER_OF_A_WORD = re.compile(r"[^\W\d_DPTXpx]")  # those others also stand in emoticons
_FRACTION = re.compile(r"\s*((?P<got>\d{1,3})\s?/\s?(?P<of>5|10|100))\s*[.!]*\s*")
_ONE_SENTENCE = re.compile(r"[^.!?]*\?\s*")

_TRIED_OUT = frozenset(["test", "tests", "testing", "tst", "bla", "blah", "blabla", "foo", "lorem", "ipsum"])
_MASHED = re.compile(
    r"(\w)\1+"  # "xxxxx"
    r"|(?:asdf|sdfg|dfgh|fghj|ghjk|hjkl|jklö|qwer|qwert|zxcv|yxcv|lkjh|fdsa)\w*"
    rf"|(?:(?:{'|'.join(sorted(_TRIED_OUT))})(?: |$))+"
)

# Said of everything: at the start, and at the end.
_SUBJECT = (
    r"(?:(?:no|none|nope|nothing|honestly|really|so|as of now|at the moment|currently|overall) )?"
    r"(?:(?:i|we|ive|weve|id|theres|there (?:is|are|were|was|really is)|its|it|you|they) )?"
    r"(?:(?:have|had|has|got|really|honestly|absolutely|literally|currently|personally|just) ){0,3}"
)
_END = (
    r"(?: (?:at all|whatsoever|so far|here|really|yet|to date|to report|ever|honestly|thanks|thank you|"
    r"at the moment|for now|currently|from (?:me|us|my side|our side|my end)|on (?:my|our) (?:side|part|end)|"
    r"to speak of|up to now|until now|with (?:it|them|you|this|that|anything)))*"
    r"(?: (?:with|about|regarding|concerning|for)(?: (?:the|your|my|our|this|their))?(?: (?!not |but )\w+){1,2})?"
)
_NO_COMPLAINT = (
    r"(?:no|zero|not a single|not one|never (?:had )?(?:a|any|a single|one)|havent had (?:a|any)|"
    r"have not had (?:a|any)|didnt have (?:a|any)|did not have (?:a|any)|without (?:a|any))"
    r" (?:(?:real|major|big|serious|particular|single) )?"
    r"(?:complaints?|problems?|issues?|trouble|troubles|worries|concerns|regrets|difficulties|hiccups)"
)
_NOTHING = (
    r"(?:nothing|not a thing|not much|not anything|no need|"
    r"(?:cant|cannot|couldnt|could not) (?:think of|find) (?:anything|a thing))"
)
_TO_IMPROVE = (
    r"(?:(?: (?:i|we|you|that|could|can|should|would|id|need|needs|to|be|really|even|it))+"
    r" (?:improve|change|fix|criticise|criticize|complain about|fault|dislike|do differently|do better|better|"
    r"worry about)"
    r"|(?: (?:that|which))? (?:has to|have to|needs to|needed to|to|should|must|could) be"
    r" (?:improved|changed|fixed|done better|done differently)"
    r"| needs (?:improving|changing|fixing|improvement|change))"
    r"(?: (?:a thing|anything|about it|with it|on it))?"
)
_NOTHING_TO_IMPROVE = (
    rf"(?:{_NOTHING}{_TO_IMPROVE}|nothing (?:wrong|bad|negative)(?: to say)?|nothing to complain"
    r"|(?:wouldnt|would not) (?:really )?(?:change|improve)(?: (?:a thing|anything|it))?"
    r"|(?:dont|do not) change(?: (?:a thing|anything|it))?"
    r"|cant think of (?:anything|a thing|any improvements?))"
)
_BETTER = (
    r"(?:better|happier|easier|nicer|simpler|smoother|quicker|faster|kinder|friendlier|"
    r"(?:more|any more) (?:satisfied|pleased|helpful|happy|impressed|grateful|friendly|professional|pleasant|"
    r"convenient|accommodating))"
)
_COULD_NOT = (
    rf"(?:\w+ ){{0,3}}?(?:couldnt|could not|cant|cannot)(?: (?:really|honestly|possibly))?"
    rf" (?:complain|(?:be|have been|get|feel)(?: any)? {_BETTER}|"
    r"(?:ask|have asked|wish|have wished) for (?:more|anything more|better|anything better)|"
    r"fault (?:it|them|you|her|him|(?:the|your|this) \w+))"
)
_CARRY_ON = (
    r"(?:please )?(?:just )?(?:keep it up|keep up (?:the|your) (?:\w+ )?(?:work|job|service)|keep going|"
    r"keep (?:it|things) (?:that way|this way|like (?:this|that)|as (?:it is|they are))|"
    r"carry on(?: like (?:this|that))?|keep doing what (?:youre|you are|you) do(?:ing)?|stay (?:as|the way) you are)"
)
_GOOD = r"(?:good|great|perfect|excellent|awesome|amazing|(?<=all )(?:fine|well)|(?<=doing )(?:fine|well))"
_ALL_GOOD = (
    r"(?:its |it is |it was |everything is |everything was |everythings |everything |you are |youre |all )"
    rf"(?:(?:all|already|doing|very|really|just|perfectly|so) ){{0,2}}{_GOOD}"
)
_VERY_GOOD = rf"(?:(?:very|really|just|perfectly|so) ){{0,2}}{_GOOD}"
_NOT_BAD = r"(?:its |it is |it was |thats |its really |really )?not (?:too |so )?bad(?: at all| really)?"
_CONTENT = re.compile(
    rf"(?:(?:{_SUBJECT}(?:{_NO_COMPLAINT}|{_NOTHING_TO_IMPROVE})"
    rf"|{_COULD_NOT}|{_NOT_BAD}|{_VERY_GOOD}"
    rf"|(?:no |none |nothing |nope |na |n a |yes )?(?:{_ALL_GOOD}|{_CARRY_ON})){_END})"
)

# Without one of these there is no need to look; most comments have none.
_MAY_BE_CONTENT = frozenset(
    "no not nothing none zero never without wouldnt would dont do cant cannot couldnt could havent didnt "  # noqa: SIM905
    "keep carry stay fine well good great perfect excellent awesome amazing".split()
)
_MAY_ASK = frozenset(
    "hi hello and so how where can could may do does is are what which when will should who".split()  # noqa: SIM905
)
_QUESTION = re.compile(
    r"(?:hi |hello |and |so )?(?:how (?:do|can|could|would|should|long|much|many|often) |"
    r"where (?:do|can|could) (?:i|we) |can (?:i|we|you) |could (?:i|we|you) |may i |do (?:you|i|we) |"
    r"does (?:it|this|the) |is (?:there|it) |are (?:there|you) |what (?:is|are|time|does|do) |"
    r"which |when (?:do|does|will|is|are) |will (?:there|you|it) |should (?:i|we) |who (?:is|do) )"
)
_SIGN_OF_TROUBLE = re.compile(
    r"\b(?:not|no|never|(?:do|does|did|is|are|was|were|ca|could|wo|would|should|has|have|had)nt|nobody|none|why|still|again|even|ever|really|seriously|actually|finally|wrong|"
    r"broken?|crash\w*|error\w*|bugs?|fail\w*|problem\w*|issue\w*|refund\w*|money|wait\w*|missing|lost|late|"
    r"delay\w*|slow\w*|bad|hard|difficult|without|lose\w*|stars?|stop|fix\w*|too|so|complain\w*|charged?|supposed|expect\w*|"
    r"people|someone|somebody|anyone|anybody|human|hell|worst|terrible|horrible|rude|stuck|times|happen\w*|"
    r"normal|fair|kidding|joking|serious|crazy|insane|mad|alive|answer\w*|"
    r"hours|weeks|months|days|better|best|worse|love|great|good|nice)\b"
)
