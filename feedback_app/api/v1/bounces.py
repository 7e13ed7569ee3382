"""People whose mail came back."""

from feedback_app.api.v1.endpoints import READS, Call, endpoint
from feedback_app.api.v1.paging import Page
from feedback_app.api.v1.refused import LIST_FIELDS, page_of, shape_of
from feedback_app.api.v1.shapes import a_list_of
from feedback_app.people.models import SuppressionReason


@endpoint(
    "GET",
    "/bounces",
    summary="The people whose mail came back for good, oldest first",
    scope=READS,
    tag="Bounces",
    fields=LIST_FIELDS,
    answer=a_list_of(shape_of("bounced_at")),
)
def list_bounces(call: Call) -> Page:
    return page_of(call, SuppressionReason.BOUNCED, "bounced_at")
