"""Emoji and emoticons, and how far each leans; this table is ours, made by hand."""

import re
from collections.abc import Iterator

Mark = tuple[int, int, float]  # from, to, and how far it leans, -1 to +1

_EMOJI_BY_LEANING = {
    0.9: "❤😍🥰😻💖💕💗💓💞💘💝💯🤩🥳🎉🎊🏆🌟⭐🥇😘",
    0.7: "👍👑😀😃😄😁😆😊☺😸😺👏🙌💪🔥👌😎🤗😇✅✔☑💙💚💛💜🧡🤍🖤🤎♥✨🌈🌞☀🍀🚀🤝💐🌹🌸🎈",
    0.4: "🙂😉😋😌😂🤣😅🙏✌😜😛😏🤓🙃👋🤞💡🆗🥹🌻",
    0.0: "😐😶🤔🤷😮😯😲🤨🧐❓❔❗💬🕐⏰",
    -0.4: "😕🙁☹😟😬😒😑🥱😴😪🙄🤦😵🥴😳⏳⌛🐌😓😰😧😦😨😱🚫⚠🤡",
    -0.7: "😞😔😢😭😥😣😖😩😫😿💔❌✖🤕🤒😷😠😾🙅⛔",
    -0.9: "👎😡🤬🤮🤢💩😤👿😈🖕🗑☠💀🤥👹👺",
}
_LEANING = {emoji: leaning for leaning, row in _EMOJI_BY_LEANING.items() for emoji in row}

_GOOD_MOUTHS, _BAD_MOUTHS, _FLAT_MOUTHS = ")D]}3*pP", "([{@", "|/\\"
_EMOTICON = re.compile(
    r"(?P<heart></?3+)"
    r"|(?P<cross>>)?[:;=][´'\"]?[-o^]?(?P<mouth>[)(DPp\]\[}{|/\\*@3])(?![^\W_])"
    r"|(?P<mirrored>[)(\]\[])[-o^]?[:=](?![^\W_])"
    r"|(?P<whole>\^_*\^|-_+-|>_+<|\bT_+T\b|\b[xX]D\b)"
)
_SIGNS = re.compile(f"(?P<emoji>[{''.join(_LEANING)}])|(?:{_EMOTICON.pattern})")
_BY_FIRST_CHARACTER = {"^": 0.6, "-": -0.4, ">": -0.6, "T": -0.7, "x": 0.6, "X": 0.6}


def signs(text: str) -> Iterator[Mark]:
    """The emoji and emoticons that the table knows, in order."""
    for found in _SIGNS.finditer(text):
        yield *found.span(), _leaning(found)


def without_signs(text: str) -> str:
    """The text with a blank for each sign."""
    return _SIGNS.sub(" ", text)


def _leaning(found: re.Match[str]) -> float:
    groups = found.groupdict()
    if groups["emoji"]:
        return _LEANING[groups["emoji"]]
    if groups["heart"]:
        return -0.7 if "/" in groups["heart"] else 0.9
    if groups["whole"]:
        return _BY_FIRST_CHARACTER[groups["whole"][0]]
    if groups["mirrored"]:
        return 0.6 if groups["mirrored"] in "([" else -0.6
    return _of_mouth(groups["mouth"], is_cross=bool(groups["cross"]))


def _of_mouth(mouth: str, *, is_cross: bool) -> float:
    if is_cross:
        return -0.8
    if mouth in _FLAT_MOUTHS:
        return -0.4
    return 0.6 if mouth in _GOOD_MOUTHS else -0.6
