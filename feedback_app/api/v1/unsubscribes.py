"""People who want no more mail of the survey."""

from flask import current_app

from feedback_app.api.v1.endpoints import INGESTS, READS, Call, endpoint
from feedback_app.api.v1.fields import Field, email
from feedback_app.api.v1.naming import EMAIL
from feedback_app.api.v1.paging import Page
from feedback_app.api.v1.refused import LIST_FIELDS, page_of, shape_of
from feedback_app.api.v1.shapes import OK, a_list_of
from feedback_app.invitations.unsubscribing import unsubscribe_address
from feedback_app.people.models import SuppressionReason


@endpoint(
    "POST",
    "/unsubscribes",
    summary="Unsubscribe a person from the survey",
    scope=INGESTS,
    tag="Unsubscribes",
    fields=(
        Field(
            "person_email", email, EMAIL, "Need not be anybody's whom we know.", where="body", required=True
        ),
    ),
    answer=OK,
    example={"person_email": "leslie@customer.example"},
)
def unsubscribe_person(call: Call) -> dict[str, bool]:
    """Again is as once; the first time stays."""
    vault = current_app.extensions["feedback_vault"]
    unsubscribe_address(call.session, call.key.survey_id, call["person_email"], vault=vault, now=call.now)
    return {"ok": True}


@endpoint(
    "GET",
    "/unsubscribes",
    summary="The people who unsubscribed, oldest first",
    scope=READS,
    tag="Unsubscribes",
    fields=LIST_FIELDS,
    answer=a_list_of(shape_of("unsubscribed_at")),
)
def list_unsubscribes(call: Call) -> Page:
    return page_of(call, SuppressionReason.UNSUBSCRIBED, "unsubscribed_at")
