"""How a message is written: as an event (Delighted's envelope), for Slack's incoming webhooks, or for Teams'.

Slack's and Teams' follow what their makers document. What customers wrote stands in them as plain text: in Slack &, <
and > are escaped, so that nobody is mentioned and no link is disguised; in Teams it is a text run, without Markdown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from feedback_app.privacy.masking import masked
from feedback_app.responses.payload import masked_item
from feedback_app.webhooks.models import Shape

LONGEST_COMMENT = 300


@dataclass(frozen=True, slots=True)
class Story:
    """What is to be told: as data for programs, and in words for people."""

    kind: str
    event_id: str
    data: Mapping[str, Any]
    title: str
    text: str = ""  # what the customer wrote, or what it means
    about: tuple[str, ...] = field(default=())  # who and which survey
    link: str = ""
    names: tuple[str, ...] = field(default=())  # that its texts may speak of


def message(shape: Shape, story: Story) -> str:
    """The body to send, written once: every attempt sends the same bytes."""
    value = {Shape.EVENT: event, Shape.SLACK: slack, Shape.TEAMS: teams}[shape](story)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def without_personal_data(story: Story) -> Story:
    """The same with placeholders in what was written; who answered stays, for that is what it tells of."""
    data = dict(story.data)
    if "survey_response" in data:
        data["survey_response"] = masked_item(data["survey_response"], story.names)
    else:
        data = masked_item(data, story.names)
    return replace(story, text=masked(story.text, story.names), data=data)


def event(story: Story) -> dict[str, Any]:
    """Delighted's envelope; ours look the same."""
    return {"event_type": story.kind, "event_id": story.event_id, "event_data": dict(story.data)}


def slack(story: Story) -> dict[str, Any]:
    """A message of Slack's Block Kit; `text` is what notifications show."""
    said = [f"*{escaped(story.title)}*"]
    if story.text:
        said.append("\n".join(f"> {line}" for line in escaped(shortened(story.text)).splitlines()))
    if story.link:
        said.append(f"<{escaped(story.link)}|Open the response>")
    blocks: list[dict[str, Any]] = [{"type": "section", "text": _markdown("\n".join(said))}]
    if story.about:
        blocks.append({"type": "context", "elements": [_markdown(escaped(" · ".join(story.about)))]})
    return {"text": escaped(story.title), "blocks": blocks}


def teams(story: Story) -> dict[str, Any]:
    """An Adaptive Card in a message, as workflows and connectors of Teams take it."""
    body = [_run(story.title, weight="Bolder", size="Medium")]
    if story.text:
        body.append(_run(shortened(story.text)))
    if story.about:
        body.append(_run(" · ".join(story.about), isSubtle=True, size="Small"))
    card: dict[str, Any] = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
    }
    if story.link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": "Open the response", "url": story.link}]
    attachment = {
        "contentType": "application/vnd.microsoft.card.adaptive",
        "contentUrl": None,
        "content": card,
    }
    return {"type": "message", "attachments": [attachment]}


def shortened(text: str) -> str:
    """At most LONGEST_COMMENT characters, cut between words where there are any."""
    text = text.strip()
    if len(text) <= LONGEST_COMMENT:
        return text
    cut = text[: LONGEST_COMMENT - 1]
    whole_words, _, rest = cut.rpartition(" ")
    return (whole_words if whole_words and len(rest) < 40 else cut).rstrip() + "…"


def escaped(text: str) -> str:
    """As Slack wants its three signs written.

    >>> escaped("R&D <!channel>")
    'R&amp;D &lt;!channel&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _markdown(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _run(text: str, **look: Any) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": text, **look}]}
