"""Surveys that are scheduled and not sent yet."""

from feedback_app.api.v1.endpoints import CHANGES, Call, endpoint
from feedback_app.api.v1.fields import Field, text
from feedback_app.api.v1.naming import seen, who
from feedback_app.api.v1.shapes import OK
from feedback_app.invitations.requests import cancel_pending


@endpoint(
    "DELETE",
    "/people/{email}/survey_requests/pending",
    summary="Cancel the surveys that are scheduled for a person",
    scope=CHANGES,
    tag="People",
    fields=(
        Field("email", text(320), {"type": "string"}, "The person's address.", where="path", required=True),
    ),
    answer=OK,
    example={"email": "sam@customer.example"},
)
def cancel_pending_surveys(call: Call) -> dict[str, bool]:
    """Also where nothing is pending; the person stays."""
    person = seen(call, who(f"email:{call['email']}"))
    cancel_pending(call.session, call.key.survey_id, person.id, now=call.now)
    return {"ok": True}
