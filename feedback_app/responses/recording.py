"""The statements that record an answer, built once.

An answer costs four: what was asked, the response (one for each invitation or open form, decided by its unique
index), the version that is appended to its history, and the invitation that is now answered.
"""

from functools import cache
from typing import Any, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    Update,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from feedback_app.db import UtcDateTime
from feedback_app.invitations.models import Invitation, InvitationState, LinkVisit
from feedback_app.responses.models import (
    RATED_COLUMNS,
    TAG_COLUMNS,
    Response,
    ResponseState,
    ResponseVersion,
)
from feedback_app.surveys.models import Survey

CONFIRMED, UNCONFIRMED, SUSPECT = ResponseState.CONFIRMED, ResponseState.UNCONFIRMED, ResponseState.SUSPECT

# An answer proves that the mail arrived. What was cancelled, bounced or complained about stays so.
ANSWERABLE = (
    InvitationState.SCHEDULED,
    InvitationState.SENDING,
    InvitationState.SENT,
    InvitationState.DELIVERED,
    InvitationState.UNCERTAIN,
)
MACHINES = 7_305_002  # any number, the same everywhere: the kind of lock by which machines take turns
MOST_VISITS = 10  # noted for one invitation

_RESPONSE: Any = Response.__table__
_VERSION: Any = ResponseVersion.__table__
_SURVEY_FACTS = (
    Survey.id.label("survey_id"),
    Survey.state.label("survey_state"),
    func.coalesce(Survey.closed_at, Survey.updated_at, type_=UtcDateTime()).label("closed_at"),
    Survey.metric_key,
    Survey.points,
    Survey.edit_hours,
    Survey.link_days,
)


def _versions(
    owner: ColumnElement[bool], *conditions: ColumnElement[bool], what: Any = None
) -> ScalarSelect[Any]:
    """How many versions (or how many different `what`) the answer has that meet the conditions."""
    counted = func.count() if what is None else func.count(what.distinct())
    return (
        select(counted)
        .select_from(ResponseVersion)
        .join(Response, Response.id == ResponseVersion.response_id)
        .where(owner, *conditions)
        .scalar_subquery()
    )


def _machine_signs(owner: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    """For what came without a human sign: its versions so far, and the other ratings of the last seconds."""
    lately = _versions(
        owner,
        ResponseVersion.state != CONFIRMED,
        ResponseVersion.at > bindparam("scanning_since", type_=UtcDateTime()),
        ResponseVersion.rating != bindparam("rating"),
        what=ResponseVersion.rating,
    )
    versions = _versions(owner, ResponseVersion.state != CONFIRMED)
    return versions.label("versions"), lately.label("other_ratings")


def _invited(*more: ColumnElement[Any]) -> Select[Any]:
    query: Any = (
        select(
            *_SURVEY_FACTS,
            Invitation.person_id,
            Invitation.properties,
            Invitation.sent_at.is_(None).label("is_unsent"),
            func.coalesce(
                Invitation.sent_at, Invitation.marked_at, Invitation.due_at, type_=UtcDateTime()
            ).label("sent_at"),
            *more,
        )
        .join(Survey, Survey.id == Invitation.survey_id)
        .where(Invitation.id == bindparam("owner"))
    )
    return cast(Select[Any], query)


_OF_INVITATION = Response.invitation_id == bindparam("owner")
_OF_FORM = Response.nonce == bindparam("nonce")

ASKED_PERSON = _invited(_versions(_OF_INVITATION, ResponseVersion.state == CONFIRMED).label("versions"))
ASKED_MACHINE = _invited(
    *_machine_signs(_OF_INVITATION),
    select(LinkVisit.id).where(LinkVisit.invitation_id == bindparam("owner")).exists().label("is_trapped"),
)
OPEN_PERSON = select(
    *_SURVEY_FACTS, _versions(_OF_FORM, ResponseVersion.state == CONFIRMED).label("versions")
).where(Survey.slug == bindparam("owner"))
OPEN_MACHINE = select(*_SURVEY_FACTS, *_machine_signs(_OF_FORM)).where(Survey.slug == bindparam("owner"))

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(:kind, :one)")
APPEND_VERSION = insert(_VERSION)

# A few visits say all: whoever repeats the request fills no table.
_VISITS = select(func.count()).select_from(LinkVisit).where(LinkVisit.invitation_id == bindparam("owner"))
APPEND_VISIT = insert(LinkVisit.__table__).from_select(  # type: ignore[arg-type]
    ["invitation_id", "at"],
    select(Invitation.id, bindparam("at", type_=UtcDateTime())).where(
        Invitation.id == bindparam("owner"), _VISITS.scalar_subquery() < MOST_VISITS
    ),
)

_NOW = bindparam("at", type_=UtcDateTime())
MARK_ANSWERED: Update = (
    update(Invitation.__table__)  # type: ignore[arg-type]
    .where(Invitation.id == bindparam("owner"), or_(*(Invitation.state == state for state in ANSWERABLE)))
    .values(state=InvitationState.ANSWERED, reason="", answered_at=_NOW, changed_at=_NOW)
)
# Apart, because naming the column would rewrite its indexes for every answer, changed or not.
MARK_SENT: Update = (
    update(Invitation.__table__)  # type: ignore[arg-type]
    .where(
        Invitation.id == bindparam("owner"),
        Invitation.state == InvitationState.ANSWERED,
        Invitation.sent_at.is_(None),  # the sender may have been quicker than we
    )
    .values(sent_at=func.coalesce(Invitation.marked_at, _NOW, type_=UtcDateTime()))
)


def take_turns(connection: Connection, invitation_id: int) -> None:
    """Let one machine after the other rate an invitation, so that each counts what the ones before it ticked.

    On PostgreSQL several would else look at once and see nothing of each other; SQLite has one writer. People take
    no part in it: they wait for nobody but the row, so no two wait for each other.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(_TAKE_TURNS, {"kind": MACHINES, "one": invitation_id})


@cache
def put_response(dialect: str, unique: str, *, with_comment: bool) -> Any:
    """INSERT the response, or bring the one that the unique column already has up to date; gives its id
    and when it was first confirmed.

    Gives no row, and changes nothing, where the rules forbid the change: an unconfirmed rating never touches a
    confirmed answer, and a confirmed one is changed only while its time (`editable_since`) runs.
    """
    statement = (postgresql if dialect == "postgresql" else sqlite).insert(_RESPONSE)
    new, old = statement.excluded, _RESPONSE.c
    is_first_confirmation = old.confirmed_at.is_(None) & new.confirmed_at.is_not(None)
    changes = {
        "rating": new.rating,
        "position": new.position,
        "state": case(((old.state == SUSPECT) & (new.state == UNCONFIRMED), SUSPECT), else_=new.state),
        "locale": new.locale,
        "updated_at": new.updated_at,
        "confirmed_at": func.coalesce(old.confirmed_at, new.confirmed_at),
        # The answer counts from when a person gave it, not from when something opened the link.
        "created_at": case((is_first_confirmation, new.created_at), else_=old.created_at),
        "answered_on": case((is_first_confirmation, new.answered_on), else_=old.answered_on),
        "fold_due": true(),
    }
    is_new_rating, is_new_comment = old.rating != new.rating, old.comment != new.comment
    changes |= {name: case((is_new_rating, null()), else_=old[name]) for name in RATED_COLUMNS}
    if with_comment:
        changes |= {
            name: case((is_new_comment, null()), else_=changes.get(name, old[name])) for name in TAG_COLUMNS
        }
        changes["tag_attempts"] = case((is_new_comment, 0), else_=old.tag_attempts)
        changes["comment"] = new.comment
    may_change = or_(
        old.state != CONFIRMED,
        (new.state == CONFIRMED) & (old.confirmed_at > bindparam("editable_since", type_=UtcDateTime())),
    )
    return statement.on_conflict_do_update(
        index_elements=[unique], set_=changes, where=may_change & (old.survey_id == new.survey_id)
    ).returning(old.id, old.confirmed_at)
