"""The mail templates, and MJML made into HTML that mail readers understand."""

from functools import cache
from pathlib import Path
from typing import Any

import mrml
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

# Unless told otherwise, MJML makes mail readers load Roboto from Google wherever a font list names it.
_OPTIONS = mrml.RenderOptions(fonts={})


def rendered_template(name: str, **values: Any) -> str:
    """The template under `templates/email/` with the values in it; escaped if it is MJML, raw if it is text."""
    return _environment().get_template(name).render(values)


def html_of(mjml: str) -> str:
    """The HTML of an MJML document: nothing in it is fetched from elsewhere, and its lines are short.

    MJML puts it on one line; a line break inside a tag changes nothing, and mail can then carry it as it is.
    """
    html = str(mrml.to_html(mjml, render_options=_OPTIONS).content)
    return html.replace('" style="', '"\nstyle="')


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_folder()),
        autoescape=select_autoescape(["mjml"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _folder() -> Path:
    """`templates/email` of a checkout, or where the wheel puts it."""
    package = Path(__file__).resolve().parent.parent
    in_wheel = package / "_templates" / "email"
    return in_wheel if in_wheel.is_dir() else package.parent / "templates" / "email"
