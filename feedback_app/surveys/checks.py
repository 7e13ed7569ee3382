"""What a survey may be told: each check gives the value as it is kept, or raises Invalid with what to change."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

from feedback_app.errors import Invalid
from feedback_app.mail.colours import palette
from feedback_app.surveys.wording import ABOUT, LANGUAGES, TONES, changeable, placeholders_of

LONGEST_TEXT = 2_000
LONGEST_URL = 2_000
LONGEST_LINK_LABEL = 80
LONGEST_SENDER_NAME = 120
LONGEST_POSTAL_ADDRESS = 300
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{1,62}[a-z0-9]")
_BRACED = re.compile(r"\{\{?\s*(\w+)\s*(?:\|[^{}|]*)?\}?\}")
_HOST = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)


def checked_slug(slug: str) -> str:
    """Small letters, digits and hyphens: what can be read aloud and printed."""
    if not _SLUG.fullmatch(slug):
        raise Invalid(
            f"'{slug[:80]}' cannot be the address of a survey, so nothing was saved. "
            "Use 3 to 64 small letters, digits and hyphens, for example support-survey."
        )
    return slug


def checked_line(name: str, text: str, longest: int) -> str:
    """A text of one line; it may go into a mail header."""
    text = text.strip()
    if len(text) > longest or any(unicodedata.category(letter) in ("Cc", "Co") for letter in text):
        raise Invalid(f"The {name} must be one line of at most {longest} characters; nothing was saved.")
    return text


def checked_address(name: str, address: str) -> str:
    """An e-mail address, or nothing."""
    address = address.strip()
    if not address:
        return ""
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise Invalid(
            f"The {name} '{address[:80]}' is not an e-mail address, so nothing was saved. "
            "It must look like surveys@example.org."
        ) from error


def checked_accent(accent: str) -> str:
    try:
        palette(accent)
    except ValueError as error:
        raise Invalid(f"{error} Nothing was saved.") from error
    return accent.lower()


def checked_language(language: str) -> str:
    if language not in LANGUAGES:
        raise Invalid(
            f"There is no wording in '{language[:12]}', so nothing was saved. Choose {', '.join(LANGUAGES)}."
        )
    return language


def checked_postal_address(text: str) -> str:
    """A few lines at most."""
    text = text.replace("\0", "").replace("\r\n", "\n").strip()
    if len(text) > LONGEST_POSTAL_ADDRESS:
        raise Invalid(
            f"The postal address is longer than {LONGEST_POSTAL_ADDRESS} characters; nothing was saved."
        )
    return text


def checked_about(about: str) -> str:
    if about not in ABOUT:
        raise Invalid(
            f"A survey is about {' or '.join(ABOUT)}, not about '{about[:12]}', so nothing was saved."
        )
    return about


def checked_text(name: str, text: str) -> str:
    """One text of the wording: not too long, and with no {placeholder} that nothing would ever fill in."""
    if name == "sender_name":
        return checked_line("sender's name", text, LONGEST_SENDER_NAME)
    if len(text) > LONGEST_TEXT:
        raise Invalid(f"The text '{name}' is longer than {LONGEST_TEXT} characters; nothing was saved.")
    allowed = placeholders_of(name)
    for found in _BRACED.findall(text):
        if found not in allowed:
            raise Invalid(
                f"The text '{name}' has {{{found[:40]}}}, which nothing fills in there, so nothing was saved. "
                f"It may have {', '.join(f'{{{known}}}' for known in allowed)}."
            )
    return text.replace("\0", "").replace("\r\n", "\n").strip()


def checked_wording(
    metric_key: str, points: int, wording: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Texts by language and name; an empty one is left out, so that the standard wording holds."""
    names = changeable(metric_key, points)
    kept: dict[str, dict[str, str]] = {}
    for language, texts in wording.items():
        checked_language(language)
        for name in texts:
            if name not in names:
                raise Invalid(f"No text is called '{name[:40]}', so nothing was saved.")
        checked = {name: checked_text(name, text) for name, text in texts.items()}
        kept[language] = {name: text for name, text in checked.items() if text}
    return {language: texts for language, texts in kept.items() if texts}


def checked_thanks_links(links: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Per tone a web address and its label. Checked here, so that no page ever links to what a visitor chose."""
    kept: dict[str, dict[str, str]] = {}
    for tone, link in links.items():
        if tone not in TONES or set(link) != {"url", "label"}:
            raise Invalid(
                "A link for the thank-you page needs a tone (bad, middle, good), a url and a label."
            )
        label = checked_line("label of the link", link["label"], LONGEST_LINK_LABEL)
        if not label:
            raise Invalid("The link on the thank-you page needs a label that says where it leads.")
        kept[tone] = {"url": checked_url(link["url"]), "label": label}
    return kept


def checked_url(url: str) -> str:
    """A plain web address: https, a host, no credentials, no backslash, nothing invisible."""
    url = url.strip()
    invisible = any(unicodedata.category(character)[0] in "CZ" for character in url)
    try:
        parts = urlsplit(url)
        plain = parts.scheme == "https" and "@" not in parts.netloc and parts.port != 0
        host = (parts.hostname or "").encode("idna").decode() if plain else ""
    except (ValueError, UnicodeError):
        plain, host = False, ""
    if not plain or invisible or "\\" in url or len(url) > LONGEST_URL or not _HOST.fullmatch(host):
        raise Invalid(
            f"'{url[:80]}' cannot be linked, so nothing was saved. "
            "It must be a web address that begins with https://, such as https://www.example.org/reviews."
        )
    return url
