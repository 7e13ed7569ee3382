"""From what happened to one delivery for each endpoint that wants to hear of it, in one transaction.

The event's id is drawn from the happening, so that a run that is repeated makes no second delivery. What is told is how
things are now: an answer that was changed a moment later is told as changed already.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session

from feedback_app.db import insert_into, transaction
from feedback_app.happenings import Happening, Kind
from feedback_app.links import Links
from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.responses.payload import (
    PERSON_COLUMNS,
    RESPONSE_COLUMNS,
    person_brief,
    response_item,
    unix,
)
from feedback_app.reviews.models import Note
from feedback_app.scoring.bands import Band
from feedback_app.scoring.metrics import metric
from feedback_app.staff.models import StaffUser
from feedback_app.surveys.models import Survey
from feedback_app.themes.queries import ThemeOf, themes_of
from feedback_app.webhooks.models import DeliveryState, Endpoint, Shape, WebhookDelivery
from feedback_app.webhooks.shapes import Story, message, without_personal_data

BATCH = 100
_OF_RESPONSES = (
    Kind.RESPONSE_CREATED,
    Kind.RESPONSE_UPDATED,
    Kind.RESPONSE_TAGGED,
    Kind.STATUS_CHANGED,
)
_HEADLINES = {
    Kind.RESPONSE_CREATED: "New response",
    Kind.RESPONSE_UPDATED: "Changed response",
    Kind.RESPONSE_TAGGED: "Tagged response",
    Kind.UNSUBSCRIBED: "Somebody unsubscribed",
    Kind.BOUNCED: "A mail came back",
}


@dataclass(frozen=True, slots=True)
class Facts:
    """The rows behind a batch of happenings, by their ids."""

    responses: Mapping[int, Row[Any]]
    people: Mapping[int, Row[Any]]
    surveys: Mapping[int, Row[Any]]
    notes: Mapping[int, Sequence[Mapping[str, Any]]]
    themes: Mapping[int, Sequence[ThemeOf]]
    links: Links


def tell_batch(session: Session, links: Links, *, now: datetime, limit: int = BATCH) -> int:
    """Make deliveries of the oldest happenings, at most so many; how many happenings there were."""
    with transaction(session):
        happened = session.scalars(
            select(Happening).order_by(Happening.id).limit(limit).with_for_update(skip_locked=True)
        ).all()
        if not happened:
            return 0
        endpoints = session.scalars(select(Endpoint).where(Endpoint.active.is_(True))).all()
        facts = facts_of(session, happened, links)
        rows = [row for one in happened for row in deliveries_of(one, endpoints, facts, now)]
        if rows:
            session.connection().execute(insert_into(session, WebhookDelivery).on_conflict_do_nothing(), rows)
        session.execute(delete(Happening).where(Happening.id.in_([one.id for one in happened])))
        return len(happened)


def deliveries_of(
    happening: Happening, endpoints: Iterable[Endpoint], facts: Facts, now: datetime
) -> list[dict[str, Any]]:
    """A row for each endpoint that wants to hear of it; none if what it is about is gone."""
    wanting = [endpoint for endpoint in endpoints if wants(endpoint, happening, facts)]
    story = story_of(happening, facts) if wanting else None
    if story is None:
        return []
    told = {True: without_personal_data(story), False: story}
    wanted = {(one.shape, one.masks_comments) for one in wanting}
    written = {(shape, masks): message(Shape(shape), told[masks]) for shape, masks in wanted}
    return [
        {
            "endpoint_id": endpoint.id,
            "event_id": story.event_id,
            "kind": happening.kind,
            "person_id": happening.person_id,
            "payload": written[endpoint.shape, endpoint.masks_comments],
            "state": DeliveryState.WAITING,
            "attempts": 0,
            "created_at": now,
            "next_attempt_at": now,
            "answers": [],
        }
        for endpoint in wanting
    ]


def wants(endpoint: Endpoint, happening: Happening, facts: Facts) -> bool:
    """Whether the endpoint's kinds and filter let it pass. Bands and themes are asked of responses alone."""
    chosen = endpoint.filter
    if happening.kind not in endpoint.kinds:
        return False
    if chosen.get("survey_id") not in (None, happening.survey_id):
        return False
    response = facts.responses.get(happening.response_id or 0)
    if response is None:
        return True
    if chosen.get("bands") and band_of(response).tone not in chosen["bands"]:
        return False
    wanted = {name.casefold() for name in chosen.get("themes", ())}
    names = {theme.name for theme in facts.themes.get(response.id, ())} | set(response.tags)
    return not wanted or any(name.casefold() in wanted for name in names)


def story_of(happening: Happening, facts: Facts) -> Story | None:
    """What is told about it; None if the response or person is gone."""
    if happening.kind in _OF_RESPONSES:
        return _response_story(happening, facts)
    if happening.kind == Kind.SCORE_FELL:
        return _score_story(happening, facts)
    return _person_story(happening, facts)


def event_id_of(happening: Happening) -> str:
    """64 hex digits that stand for the event, however often it is told. A day's fall of a score is one event."""
    if happening.kind == Kind.SCORE_FELL:
        about = f"{happening.kind} {happening.survey_id} {happening.detail['until']}"
    else:
        about = f"{happening.kind} {happening.id} {happening.at.isoformat()}"
    return sha256(about.encode()).hexdigest()


def band_of(response: Row[Any]) -> Band:
    return metric(response.metric_key, response.points).band_of(response.rating)


def _response_story(happening: Happening, facts: Facts) -> Story | None:
    row = facts.responses.get(happening.response_id or 0)
    if row is None:
        return None
    person = facts.people.get(row.person_id)
    brief = person_brief(person) if person is not None else None
    item = response_item(row, facts.links, notes=facts.notes.get(row.id, ()), person=brief)
    band = band_of(row).key.replace("_", " ")
    high = metric(row.metric_key, row.points).scale.high
    title = f"{_headline(happening)}: {band}, {row.rating} of {high}"
    return Story(
        happening.kind,
        event_id_of(happening),
        _more_of(happening, item, row, facts.themes.get(row.id, ())),
        title,
        row.comment,
        _about(person, facts.surveys.get(row.survey_id)),
        item["permalink"],
        (person.name, person.email or "") if person is not None else (),
    )


def _headline(happening: Happening) -> str:
    if happening.kind == Kind.STATUS_CHANGED:
        return f"Now {happening.detail['to']}"
    return _HEADLINES[Kind(happening.kind)]


def _more_of(
    happening: Happening, item: dict[str, Any], row: Row[Any], themes: Sequence[ThemeOf]
) -> dict[str, Any]:
    """Delighted's events hold the response alone; ours say what is new as well."""
    if happening.kind == Kind.RESPONSE_TAGGED:
        read = {
            "sentiment": row.sentiment,
            "sentiment_source": row.sentiment_source,
            "polarity": row.polarity,
        }
        return item | read | {"themes": [{"name": one.name, "sentiment": one.sentiment} for one in themes]}
    if happening.kind == Kind.STATUS_CHANGED:
        status = {"status": happening.detail["to"], "previous_status": happening.detail["from"]}
        return {"survey_response": item, **status, "changed_at": unix(happening.at)}
    return item


def _person_story(happening: Happening, facts: Facts) -> Story | None:
    person = facts.people.get(happening.person_id or 0)
    if person is None:
        return None
    survey = facts.surveys.get(happening.survey_id or 0)
    moment = "unsubscribed_at" if happening.kind == Kind.UNSUBSCRIBED else "bounced_at"
    data = {
        "person": person_brief(person),
        moment: unix(happening.at),
        "survey": survey.slug if survey is not None else None,
        **happening.detail,
    }
    return Story(
        happening.kind,
        event_id_of(happening),
        data,
        _headline(happening),
        about=_about(person, survey),
    )


def _score_story(happening: Happening, facts: Facts) -> Story | None:
    survey = facts.surveys.get(happening.survey_id or 0)
    if survey is None:
        return None
    now, before = happening.detail["score"], happening.detail["previous_score"]
    title = f"The score of {survey.name} fell from {before:.0f} to {now:.0f}"
    said = (
        f"{happening.detail['n']} answers from {happening.detail['since']} to {happening.detail['until']}, "
        f"{happening.detail['previous_n']} in the thirty days before; the difference is significant."
    )
    data = {"survey": survey.slug, **happening.detail}
    return Story(happening.kind, event_id_of(happening), data, title, said, (survey.name,))


def _about(person: Row[Any] | None, survey: Row[Any] | None) -> tuple[str, ...]:
    who = (person.name or person.email or person.phone_number or "") if person is not None else ""
    return tuple(one for one in (who, survey.name if survey is not None else "") if one)


def facts_of(session: Session, happened: Sequence[Happening], links: Links) -> Facts:
    """The rows behind these happenings: five SELECTs for all of them."""
    responses = _responses(session, {one.response_id for one in happened if one.response_id})
    people = {one.person_id for one in happened} | {row.person_id for row in responses.values()}
    surveys = {one.survey_id for one in happened} | {row.survey_id for row in responses.values()}
    return Facts(
        responses=responses,
        people=_by_id(session, people, *PERSON_COLUMNS, of=Person),
        surveys=_by_id(session, surveys, Survey.id, Survey.slug, Survey.name, of=Survey),
        notes=_notes(session, responses.keys()),
        themes=themes_of(session.connection(), responses.keys()),
        links=links,
    )


def _responses(session: Session, ids: Collection[int]) -> dict[int, Row[Any]]:
    columns = (
        *RESPONSE_COLUMNS,
        Response.survey_id,
        Response.sentiment,
        Response.sentiment_source,
        Response.polarity,
    )
    query = (
        select(*columns)
        .join_from(Response, Survey, Survey.id == Response.survey_id)
        .where(Response.id.in_(ids))
    )
    return {row.id: row for row in session.execute(query)}


def _by_id(session: Session, ids: Collection[int | None], *columns: Any, of: Any) -> dict[int, Row[Any]]:
    wanted = [one for one in ids if one is not None]
    return {row.id: row for row in session.execute(select(*columns).where(of.id.in_(wanted)))}


def _notes(session: Session, ids: Collection[int]) -> Mapping[int, Sequence[Mapping[str, Any]]]:
    found: defaultdict[int, list[Mapping[str, Any]]] = defaultdict(list)
    query = (
        select(Note.id, Note.response_id, Note.text, StaffUser.email, Note.created_at)
        .outerjoin(StaffUser, StaffUser.id == Note.author_id)
        .where(Note.response_id.in_(ids))
        .order_by(Note.id)
    )
    for row in session.execute(query):
        note = {
            "id": str(row.id),
            "text": row.text,
            "user_email": row.email,
            "created_at": unix(row.created_at),
        }
        found[row.response_id].append(note)
    return found
