"""Which colours a mail shows its texts in, by day and by night, as far as a mail reader would work it out."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bs4 import BeautifulSoup, Comment, Doctype, NavigableString, Tag

from feedback_app.mail.colours import contrast

_NIGHT = re.compile(r"@media \(prefers-color-scheme: dark\)\s*\{(?P<rules>(?:[^{}]*\{[^{}]*\})*)\s*\}")
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
LIGHT_PAGE, DARK_PAGE = "#ffffff", "#000000"  # what a mail reader has below everything
BLACK, WHITE = "#000000", "#ffffff"


@dataclass(frozen=True)
class Shown:
    """A text with its colour and what is behind it."""

    text: str
    ink: str
    ground: str

    @property
    def contrast(self) -> float:
        return contrast(self.ink, self.ground)


def declared(style: str) -> dict[str, str]:
    """The declarations of a style attribute."""
    pairs = (part.partition(":") for part in style.split(";") if ":" in part)
    return {name.strip(): value.replace("!important", "").strip() for name, _, value in pairs}


def night_rules(page: BeautifulSoup) -> list[tuple[str, dict[str, str]]]:
    """Selectors and declarations of the dark mode."""
    css = "\n".join(style.string or "" for style in page.find_all("style"))
    return [
        (rule["selectors"].strip(), declared(rule["body"]))
        for block in _NIGHT.finditer(css)
        for rule in _RULE.finditer(block["rules"])
    ]


def shown_texts(page: BeautifulSoup, *, at_night: bool) -> Iterator[Shown]:
    """Every text that a person sees."""
    changed: dict[int, dict[str, str]] = {}
    for selectors, declarations in night_rules(page) if at_night else []:
        for tag in page.select(selectors):
            changed.setdefault(id(tag), {}).update(declarations)
    paper, ink = (DARK_PAGE, WHITE) if at_night else (LIGHT_PAGE, BLACK)
    for text in page.body.find_all(string=True):
        if isinstance(text, (Comment, Doctype)) or not text.strip() or is_hidden(text):
            continue
        styles = [style_of(tag, changed) for tag in text.parents if isinstance(tag, Tag)]
        yield Shown(
            text.strip(),
            first_colour(styles, ("color",)) or ink,
            first_colour(styles, ("background-color", "background")) or paper,
        )


def style_of(tag: Tag, changed: dict[int, dict[str, str]]) -> dict[str, str]:
    """The tag's own declarations; what the dark mode says of it goes before."""
    own = declared(str(tag.get("style", "")))
    if tag.get("bgcolor"):
        own.setdefault("background-color", str(tag["bgcolor"]))
    return own | changed.get(id(tag), {})


def first_colour(styles: list[dict[str, str]], names: tuple[str, ...]) -> str | None:
    """The nearest colour around the text."""
    for style in styles:
        for name in names:
            found = _HEX.search(style.get(name, ""))
            if found:
                return found.group()
    return None


def is_hidden(text: NavigableString) -> bool:
    """Whether the text stands in something that is not displayed, or in no text at all."""
    parents = [tag for tag in text.parents if isinstance(tag, Tag)]
    return any(
        tag.name in ("style", "title", "script")
        or "display:none" in str(tag.get("style", "")).replace(" ", "")
        for tag in parents
    )
