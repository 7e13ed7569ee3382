"""How staff connect a helpdesk, as data: the page about triggers and the how-to pages say the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class SettingsField:
    """A list of texts in the settings of a source that this kind of helpdesk needs, or may have."""

    name: str
    label: str
    help: str
    default: tuple[str, ...] = ()

    def chosen(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """What the source has chosen, else the default."""
        given = settings.get(self.name)
        texts = [str(one).strip() for one in given] if isinstance(given, list | tuple) else []
        return tuple(text for text in texts if text) or self.default


@dataclass(frozen=True, slots=True)
class Setup:
    """What staff do at the helpdesk. `{url}` and `{secret}` in a text to paste stand for the hook's own."""

    steps: tuple[str, ...]
    paste: tuple[tuple[str, str], ...]  # label, exact text
    makes_its_own_secret: bool
    settings_fields: tuple[SettingsField, ...] = ()

    def pasted(self, url: str, secret: str) -> list[tuple[str, str]]:
        """The texts to paste for one hook, with their labels."""
        return [(label, text.replace("{url}", url).replace("{secret}", secret)) for label, text in self.paste]
