"""Where a comment's words contradict the rating beside it, and why that may be. The rating is never altered."""

import re
from enum import StrEnum
from typing import Literal

from feedback_app.sentiment.tagger import Tag
from feedback_app.sentiment.text import LIMIT

Tone = Literal["bad", "middle", "good"]  # of the rating, as scoring/bands.py has it

# How far the words lean before they count as contradicting: 1.4 % of 5,000 app reviews with stars, and of 30 of those
# that were read 26 were right to be looked at twice.
CLEARLY_GOOD = 0.8
CLEARLY_BAD = -0.85
HEARD_AS_BAD = -0.25  # where the comment begins like praise, too

_APOSTROPHES = str.maketrans("‘’ʼ´`“”„", "'''''\"\"\"")
_PRAISE = (
    r"(?:great|good|nice|lovely|wonderful|fantastic|brilliant|awesome|excellent|amazing|perfect|outstanding"
    r"|superb|helpful|genius)"
)


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


_BEST_MARK = _any_of(
    r"\b(?:10|ten) ?(?:/|out of) ?(?:10|ten)\b",
    r"\b(?:5|five) ?(?:/|out of) ?(?:5|five)\b",
    r"(?<![\d/])(?<!/ )\b(?:5|five|10|ten)[- ]stars?\b",
    r"\b(?:top|full|highest) (?:marks|points|score|rating)\b",
    r"\bperfect (?:10|ten|5|five|score)\b",
    r"★★★★★|⭐⭐⭐⭐⭐|⭐️⭐️⭐️⭐️⭐️",
)
_WORST_MARK = _any_of(
    r"\b(?:0|zero|1|one) ?(?:/|out of) ?(?:5|five|10|ten)\b",
    r"(?<![\d.])\b(?:0|zero|no|1|one)[- ]stars?\b",
    r"\blowest (?:marks?|score|rating)\b",
)
# Stars that there are not, or no longer: "I'd give five stars if", "I rated it 5 stars before".
_NOT_NOW = re.compile(
    r"(?:\b(?:will|would|could|should|used to)|'ll|'d) (?:have )?(?:give|given|rate|rated|be|been|get|deserve|go)\b"
    r"|\b(?:rated|gave|was|were|if|until|unless|when|once|before)\b",
    re.IGNORECASE,
)
_AROUND = 40  # characters
_AS = r" ?(?:=|is|being|means|as) ?(?:the )?"
_UPSIDE_DOWN = _any_of(
    rf"\b(?:1|0|(?:one|zero)(?= (?:being|means))){_AS}(?:best|highest|top|excellent|very (?:good|easy|satisfied))\b",
    rf"\b(?:10|ten|5|five|7|seven){_AS}(?:worst|lowest|very (?:bad|difficult))\b",
    r"\b(?:misread|mixed up|misunderstood) the (?:scale|numbers|rating)\b",
    r"\b(?:clicked|tapped|pressed|chose|hit|gave) (?:on )?(?:the )?wrong (?:number|score|button|rating|one)\b",
)
_TICKED = r"(?:clicked|tapped|pressed|chose|hit|gave|selected|picked|rated)(?: \w+){0,2}?"
_TICK = r"(?:click|tap|press|choose|hit|give|select|pick|rate)(?: \w+){0,2}?"
_A_MARK = (  # and not the number of something: "I meant to select two nights"
    r"(?:\d{1,2}|zero|one|two|three|four|five|six|seven|eight|nine|ten|rating|score"
    r"|(?:top|best|highest|lowest) (?:score|mark|rating|number))"
    r"(?: (?:stars?|points?|instead))?(?! (?!not|and|but|by|in|out|as|because|for|accidentally)\w)"
)
# Whatever was ticked, it was not what was meant.
_SLIPPED = _any_of(
    rf"(?:^|[.!?,;] ?|\bi ){_TICKED} {_A_MARK} (?:by (?:mistake|accident)|accidentally|in error)\b",
    rf"(?:^|[.!?,;] ?|\bi )(?:accidentally|mistakenly|by (?:mistake|accident)) {_TICKED} {_A_MARK}",
    rf"\bmeant to {_TICK} {_A_MARK}",
)
_YOU = r"(?:you|this company|anyone|anybody|your (?:company|support|service|product|team|firm))\b"
_WRONG_PERSON = _any_of(
    r"\bwrong (?:person|customer|recipient|survey|company)\b",
    r"(?:^|[.!?;,\n] ?)(?:sorry,? ?|i think )?(?:this|that|it)(?: is not| was not|'s not| isn't| wasn't)"
    r" (?:me|for me|my (?:account|order|ticket|request|case))\b",
    r"\bi(?: am|'m)(?: not| no longer) (?:a|your|the) (?:customer|client|user)\b",
    r"\bi(?: have|'ve)? never (?:even )?(?:contacted|called|e-?mailed|wrote to|written to|heard of|dealt with|used"
    rf"|talked to|spoken? (?:to|with)|spoke (?:to|with)|(?:bought|ordered) anything from) {_YOU}",
    rf"\bi (?:did not|didn't) (?:contact|call|e-?mail|write to|speak (?:to|with)|talk to) {_YOU}",
    r"\bi (?:did not|didn't) (?:open|submit|raise|create) (?:a|any|this) (?:ticket|request|case)\b",
    r"\bi(?: have|'ve)? never (?:opened|submitted|raised|created) (?:a|any|this) (?:ticket|request|case)\b",
    r"\b(?:sent|sending) (?:me )?(?:this|the (?:survey|e-?mail))(?: (?:survey|e-?mail|mail|message|link))?"
    r" to the wrong\b",
    r"\b(?:survey|e-?mail|mail|message) (?:is|was|must be|must have been) (?:probably )?(?:meant|intended) for"
    r" (?:my|someone|somebody|another|a different|the previous)\b",
    r"\b(?:mistaken|mistook) me for\b|\bconfus(?:ed|ing) me with (?:someone|somebody|another|a different)\b",
    r"\bi(?: no longer| don't| do not) work (?:there|here|for (?:them|this company|that company))\b",
    r"\bi(?:'ve| have)? left (?:the|that|this) company\b",
    r"\b(?:no idea|don't know|do not know) (?:who you are|what this is about|why i (?:got|received) this)\b",
)
_SPOILING = (
    r"(?:breaking|ruining|losing|deleting|ignoring|messing|killing|wasting|removing|destroying|charging"
    r"|making (?:it|everything|things) (?:worse|harder|unusable))\b"
)
_MOCKERY = _any_of(
    rf"\bthank(?:s|s? you)(?: a lot| so much| very much)? for (?:nothing\b|{_SPOILING})",
    rf"\b{_PRAISE} (?:job|work|idea|move),? (?:of |at |on |with )?{_SPOILING}",
    rf"\b(?:congratulations|congrats|well done|bravo|kudos)\b[^.!?\n]{{0,40}}\b{_SPOILING}",
    r"\bway to go\b|\bslow clap\b|\byeah,? right\b|\bso[- ]called\b|\bjust what i (?:needed|wanted)\b",
    rf"\boh,? (?:how )?{_PRAISE}\b|\bhow (?:nice|lovely|kind|thoughtful|convenient) of (?:you|them)\b",
    rf"[\"'](?:very |really |so )?{_PRAISE}(?: service| support| help| update)?[\"']",
    rf"\b{_PRAISE},? (?:if you (?:like|love|enjoy)|when it works|except that nothing)\b",
    r"\bgreat,? just great\b",
    r"(?:^|\s)/s\s*$|🙄",
)

# Beside a good rating "oh great" is mostly meant. Thanks for harm done to oneself are not: in 36,000 labelled comments
# these patterns find nine, all unhappy, where those above find ten happy ones.
_HARM = (
    r"(?:(?:losing|ruining|breaking|destroying|ignoring|wasting|messing up|deleting (?=all|half|every))"
    r"(?: (?:all|half|most)(?: of)?| every (?:one|bit) of)? (?:my|our|me|us|everything)"
    r"|making (?:it|everything|things) (?:worse|harder|unusable))\b"
)
_THANKS_FOR_HARM = _any_of(
    rf"\bthank(?:s|s? you)(?: a lot| so much| very much)? for (?:nothing\b(?! (?:but|less|short))|{_HARM})",
    rf"\b{_PRAISE} (?:job|work|idea|move),? (?:of |at |on |with )?{_HARM}",
    rf"\b(?:congratulations|congrats|well done|bravo|kudos)\b"
    rf"(?:(?!\b(?:not|never|without)\b)[^.!?\n]){{0,40}}\b{_HARM}",
)

# Nor is praise for a beginning, where the tagger heard a complaint in the rest: "Bravo, the third wrong invoice".
_MOCKING_START = _any_of(
    rf"^\W*(?:(?:oh|well|wow|how|so|just),? )?(?:{_PRAISE}|well done|bravo|congratulations|congrats|kudos)"
    r"(?: job| work)? ?[,.!:;…-]",
    r"\bslow clap\b|\byeah,? right\b|\bjust what i (?:needed|wanted)\b|\bway to go\b|🙄",
    rf"\boh,? (?:how )?{_PRAISE}\b",
)

# Who weighs one thing against another contradicts nothing, whichever side the tagger heard.
_TWO_SIDES = _any_of(
    r"\b(?:but|however|although|though|while|except|unfortunately|yet|still|used to|otherwise|not bad)\b"
)


class Clash(StrEnum):
    """Why a comment is worth a second look."""

    SCALE_MISREAD = "scale-misread"  # a bad rating beside "10/10" or "1 = best", or the other way round
    WRONG_PERSON = "wrong-person"  # whoever answered says that they should not have been asked
    SARCASM = "sarcasm"  # happy words, and a sign that they are not meant
    WORDS_BETTER = "words-better"  # a bad rating and happy words
    WORDS_WORSE = "words-worse"  # a good rating and unhappy words


def clash(tag: Tag, tone: Tone, text: str) -> Clash | None:
    """Why the words do not go with a rating of this tone; None where they do, or where nothing was read."""
    if tag.label is None or tag.polarity is None:
        return None
    words = text[:LIMIT].translate(_APOSTROPHES)
    if _WRONG_PERSON.search(words):
        return Clash.WRONG_PERSON
    if _SLIPPED.search(words):
        return Clash.SCALE_MISREAD
    if tone == "bad":
        return _too_good(tag.label, tag.polarity, words)
    if tone == "good":
        return _too_bad(tag.label, tag.polarity, words)
    return None


def _too_good(label: str, polarity: float, words: str) -> Clash | None:
    """Why words beside a bad rating are happy."""
    if _UPSIDE_DOWN.search(words):
        return Clash.SCALE_MISREAD
    if label != "positive":
        return None
    if _MOCKERY.search(words):
        return Clash.SARCASM
    if _has_mark(_BEST_MARK, words):
        return Clash.SCALE_MISREAD
    return Clash.WORDS_BETTER if polarity > CLEARLY_GOOD and not _TWO_SIDES.search(words) else None


def _too_bad(label: str, polarity: float, words: str) -> Clash | None:
    """Why words beside a good rating are unhappy, or mock."""
    if _THANKS_FOR_HARM.search(words):  # whatever the tagger heard: mockery is made of happy words
        return Clash.SARCASM
    if label != "negative":
        return None
    if _UPSIDE_DOWN.search(words) or _has_mark(_WORST_MARK, words):
        return Clash.SCALE_MISREAD
    if _TWO_SIDES.search(words):
        return None
    if polarity < HEARD_AS_BAD and _MOCKING_START.search(words):
        return Clash.SARCASM
    return Clash.WORDS_WORSE if polarity < CLEARLY_BAD else None


def _has_mark(marks: re.Pattern[str], words: str) -> bool:
    """Whether the words give such a mark, here and now."""
    return any(
        not _NOT_NOW.search(words, max(found.start() - _AROUND, 0), found.end() + _AROUND)
        for found in marks.finditer(words)
    )
