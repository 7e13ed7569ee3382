"""The last published Python client, unchanged, against a server on a port: its README, and where it is particular."""

import importlib
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from types import ModuleType

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from feedback_app.people.models import Person
from feedback_app.responses.models import Response
from feedback_app.surveys.models import Survey
from tests.api.clients.conftest import Served, answered


@pytest.fixture
def delighted(served: Served) -> Iterator[ModuleType]:
    """The package, told nothing but where we are and the key."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says on import that the service has closed
        module = importlib.import_module("delighted")
    module.api_key = served.key
    module.api_base_url = served.base_url
    module.shared_client = None
    yield module
    module.shared_client = None


def test_everything_about_people_in_its_readme(delighted: ModuleType, session: Session) -> None:
    person1 = delighted.Person.create(email="foo+test1@delighted.com")
    assert person1.survey_scheduled_at
    person2 = delighted.Person.create(email="foo+test2@delighted.com", delay=60)
    assert person2.survey_scheduled_at - person1.survey_scheduled_at >= 60
    person3 = delighted.Person.create(email="foo+test3@delighted.com", send=False)
    assert person3.survey_scheduled_at is None
    properties = {"customer_id": 123, "country": "USA", "question_product_name": "The London Trench"}
    person4 = delighted.Person.create(
        email="foo+test4@delighted.com", name="Joe Bloggs", properties=properties, delay=30
    )
    assert (person4.name, person4.properties["customer_id"]) == ("Joe Bloggs", "123")
    again = delighted.Person.create(email="foo+test1@delighted.com", name="James Scott", send=False)
    assert (again.id, again.name) == (person1.id, "James Scott")
    delighted.Unsubscribe.create(person_email="foo+test1@delighted.com")
    people = delighted.Person.list(auto_handle_rate_limits=True)
    assert [one.id for one in people.auto_paging_iter()] == [person1.id, person2.id, person3.id, person4.id]
    assert [one.email for one in delighted.Unsubscribe.all()] == ["foo+test1@delighted.com"]
    assert delighted.Unsubscribe.all(page=2) == []
    assert delighted.Bounce.all() == delighted.Bounce.all(page=2) == []
    delighted.SurveyRequest.delete_pending(person_email="foo+test2@delighted.com")
    delighted.Person.delete(id=int(person2.id))
    delighted.Person.delete(email="foo+test3@delighted.com")
    delighted.Person.create(phone_number="+14155551212", send=False)
    delighted.Person.delete(phone_number="+14155551212")
    session.rollback()  # and look anew
    left = session.scalars(select(Person.email).order_by(Person.id)).all()
    assert left == ["foo+test1@delighted.com", "foo+test4@delighted.com"]


def test_everything_about_responses_in_its_readme(delighted: ModuleType) -> None:
    person1 = delighted.Person.create(email="foo+test1@delighted.com", send=False)
    person2 = delighted.Person.create(email="foo+test2@delighted.com", send=False)
    first = delighted.SurveyResponse.create(person=person1.id, score=10)
    assert (first.score, first.comment, first.survey_type) == (10, None, "nps")
    second = delighted.SurveyResponse.create(person=person1.id, score=5, comment="Really nice.")
    assert delighted.SurveyResponse.retrieve(first.id).score == 10
    changed = delighted.SurveyResponse.retrieve(second.id)
    changed.score = 10
    assert changed.save().score == 10
    changed.person_properties = {"segment": "Online"}
    assert changed.save().person_properties == {"segment": "Online"}
    changed.person = person2.id
    assert changed.save().person == person2.id
    assert changed.save().comment == "Really nice."
    every = delighted.SurveyResponse.all()
    assert [one.id for one in every] == [first.id, second.id]
    assert delighted.SurveyResponse.all(page=2) == []
    expanded = delighted.SurveyResponse.all(expand=["person"])
    assert isinstance(expanded[0].person, delighted.Person)
    assert expanded[0].person.email == "foo+test1@delighted.com"
    assert delighted.SurveyResponse.all(trend="123") == []
    assert [one.id for one in delighted.SurveyResponse.all(order="desc")] == [second.id, first.id]
    spring = {"since": datetime(2014, 3, 1, tzinfo=UTC), "until": datetime(2014, 4, 30, tzinfo=UTC)}
    assert delighted.SurveyResponse.all(page=5, per_page=100, **spring) == []
    metrics = delighted.Metrics.retrieve()
    assert (metrics.nps, metrics.promoter_count, metrics.response_count) == (100, 2, 2)
    assert delighted.Metrics.retrieve(trend="123").response_count == 0
    assert delighted.Metrics.retrieve(**spring).nps is None


@pytest.mark.usefixtures("recurring")
def test_everything_about_autopilot_in_its_readme(delighted: ModuleType) -> None:
    assert delighted.AutopilotConfiguration.retrieve("email").platform_id == "email"
    email, sms = delighted.AutopilotMembership.forEmail(), delighted.AutopilotMembership.forSms()
    properties = {"customer_id": 123, "country": "USA", "question_product_name": "The London Trench"}
    added = email.create(person_email="test@example.com", properties=properties)
    assert (added.person["email"], added.properties["customer_id"]) == ("test@example.com", "123")
    members = email.list(auto_handle_rate_limits=True)
    assert [one.person["email"] for one in members.auto_paging_iter()] == ["test@example.com"]
    email.delete(person_email="test@example.com")
    again = email.create(person_email="test@example.com")
    email.delete(person_id=int(again.person["id"]))
    assert list(email.list().auto_paging_iter()) == []
    assert list(sms.list().auto_paging_iter()) == []
    with pytest.raises(delighted.errors.GeneralAPIError) as refused:  # nothing goes out by SMS here
        sms.create(person_phone_number="+14155551212", properties=properties)
    assert refused.value.response.status_code == 403


def test_a_response_with_its_person_expanded_can_be_saved(delighted: ModuleType) -> None:
    person = delighted.Person.create(email="jo@example.com", send=False)
    given = delighted.SurveyResponse.create(person=person.id, score=3, comment="Slow")
    expanded = delighted.SurveyResponse.retrieve(given.id, expand=["person"])
    expanded.score = 8
    saved = expanded.save()
    assert (saved.score, saved.comment, saved.id) == (8, "Slow", given.id)


def test_a_list_of_people_is_followed_to_its_end(
    delighted: ModuleType, session: Session, survey: Survey
) -> None:
    answered(session, survey, 7)
    ids = [one.id for one in delighted.Person.list(per_page=3).auto_paging_iter()]
    assert ids == [str(one) for one in session.scalars(select(Person.id).order_by(Person.id))]
    assert len(ids) == 7


def test_each_refusal_is_the_error_that_its_documentation_names(
    delighted: ModuleType, limited_key: str, busy: Callable[[], None]
) -> None:
    errors = delighted.errors
    with pytest.raises(errors.ResourceValidationError) as invalid:
        delighted.Person.create(email="not an address")
    assert b'"email"' in encoded(invalid.value.response.body)
    with pytest.raises(errors.GeneralAPIError) as unknown:
        delighted.SurveyResponse.retrieve("123456789")
    assert unknown.value.response.status_code == 404
    delighted.shared_client = delighted.Client(api_key="wrong", api_base_url=delighted.api_base_url)
    with pytest.raises(errors.AuthenticationError):
        delighted.Metrics.retrieve()
    delighted.shared_client = delighted.Client(api_key=limited_key, api_base_url=delighted.api_base_url)
    delighted.Metrics.retrieve()
    with pytest.raises(errors.TooManyRequestsError) as limited:
        delighted.Metrics.retrieve()
    assert 1 <= limited.value.retry_after <= 60
    busy()
    with pytest.raises(errors.ServiceUnavailableError):
        delighted.Metrics.retrieve()


def encoded(body: str | bytes) -> bytes:
    return body.encode() if isinstance(body, str) else body


def test_what_it_stored_is_an_answer_like_any_other(
    delighted: ModuleType, session: Session, survey: Survey
) -> None:
    person = delighted.Person.create(email="jo@example.com", send=False)
    delighted.SurveyResponse.create(person=person.id, score=0, comment="Never again")
    session.rollback()  # and look anew
    stored = session.scalars(select(Response)).one()
    assert (stored.survey_id, stored.rating, stored.comment, stored.channel) == (
        survey.id,
        0,
        "Never again",
        "api",
    )
    assert stored.state == "confirmed"
