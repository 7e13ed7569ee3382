"""One brand colour, made legible: on white, on dark, and as a calm tint behind a number."""

import re
from dataclasses import dataclass

WHITE = "#ffffff"
NIGHT = "#1b1e24"  # the card in dark mode
_ENOUGH_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
_HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True, slots=True)
class Palette:
    """An accent as a mail uses it in the light and in the dark: letters, tint and line of a button."""

    ink: str
    tint: str
    line: str
    night_ink: str
    night_tint: str
    night_line: str


def palette(accent: str) -> Palette:
    """The palette of a brand colour (#rrggbb); its letters are moved towards black or white until they can be read."""
    if not _HEX.fullmatch(accent):
        raise ValueError(f"The accent colour is {accent!r}; it must look like #3b5bdb.")
    tint, night_tint = mixed(accent, WHITE, 0.07), mixed(accent, NIGHT, 0.22)
    return Palette(
        ink=legible(accent, on=(tint, WHITE), towards="#000000"),
        tint=tint,
        line=mixed(accent, WHITE, 0.35),
        night_ink=legible(accent, on=(night_tint, NIGHT), towards=WHITE),
        night_tint=night_tint,
        night_line=mixed(accent, NIGHT, 0.55),
    )


def legible(colour: str, on: tuple[str, ...], towards: str) -> str:
    """The colour, or the nearest mix with `towards` that stands out from all these backgrounds."""
    for step in range(21):
        candidate = mixed(towards, colour, step / 20)
        if all(contrast(candidate, background) >= _ENOUGH_CONTRAST for background in on):
            return candidate
    return towards


def mixed(colour: str, other: str, share: float) -> str:
    """`share` of the one colour in the other.

    >>> mixed("#ff0000", "#ffffff", 0.5)
    '#ff8080'
    """
    parts = (share * one + (1 - share) * two for one, two in zip(_rgb(colour), _rgb(other), strict=True))
    return "#" + "".join(f"{round(part):02x}" for part in parts)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2, from 1 (the same) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
