"""What comments are about: the themes of the installation, to name them in filters and to read them in answers."""

from typing import Any

from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.shapes import ID, TEXT, TIME, a_list_of, nullable, object_of, unix
from feedback_app.themes.models import Theme
from feedback_app.themes.queries import all_themes

THEME = object_of(
    id=ID,
    name=TEXT,
    colour=TEXT,
    active={"type": "boolean", "description": "Whether it is looked for in comments."},
    patterns=a_list_of(TEXT) | {"description": "The words that tell of it."},
    merged_into=nullable(ID | {"description": "The theme that this one became."}),
    created_at=TIME,
    updated_at=TIME,
)


@endpoint(
    "GET",
    "/themes",
    summary="The themes of comments by name, those that are switched off last",
    scope=READS,
    tag="Themes",
    answer=a_list_of(THEME),
    example={},
)
def list_themes(call: Call) -> list[dict[str, Any]]:
    """They are the installation's, as accounts are."""
    return [theme_item(theme) for theme in all_themes(call.session)]


def theme_item(theme: Theme) -> dict[str, Any]:
    return {
        "id": str(theme.id),
        "name": theme.name,
        "colour": theme.colour,
        "active": theme.active,
        "patterns": theme.patterns.splitlines(),
        "merged_into": None if theme.merged_into_id is None else str(theme.merged_into_id),
        "created_at": unix(theme.created_at),
        "updated_at": unix(theme.changed_at),
    }
