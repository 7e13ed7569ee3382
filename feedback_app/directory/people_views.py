"""/people: who can be asked, what they were asked and what they said."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.directory import list_views, services, suppression_views
from feedback_app.directory.blueprint import bp, vault
from feedback_app.directory.forms import (
    REASON_WORDS,
    NameForm,
    NewPersonForm,
    PeopleForm,
    PersonForm,
    ReasonForm,
    UnsubscribeForm,
)
from feedback_app.directory.pages import Page, row_id
from feedback_app.directory.people import PersonLine, is_anybody_known, people_page
from feedback_app.directory.person import PersonDetails, person_details
from feedback_app.errors import Invalid
from feedback_app.ledger.queries import LedgerFilter, ledger_page
from feedback_app.people import lists
from feedback_app.people.filters import PeopleFilter, count_people, described
from feedback_app.people.lists import all_lists, all_saved_filters
from feedback_app.people.models import SavedFilter
from feedback_app.staff.models import Role
from feedback_app.staff.queries import active_staff
from feedback_app.staff.seeing import sees_people
from feedback_app.surveys.queries import all_surveys

assert list_views  # importing it adds its routes, as does the next one
assert suppression_views

PERSON = "/people/<row:person_id>"
ASKED_SHOWN = 8


@bp.get("/people")
@staff(Role.VIEWER)
def index() -> str:
    form, ignored = people_form()
    filter = form.filter()
    page = people_page(
        db.session.connection(),
        filter,
        form.order.data,
        vault=vault(),
        may_search_people=sees_people(),
        after=request.args.get("after", type=row_id),
        before=request.args.get("before", type=row_id),
    )
    saved = all_saved_filters(db.session())
    return render_template(
        "directory/people.html",
        form=form,
        ignored=ignored,
        page=page,
        query=form.query(),
        name_form=NameForm(),
        filtered=described(db.session(), filter) if filter.to_json() else "",
        count=count_of(page, filter),
        saved=[(kept, address_of(kept.filter)) for kept in saved],
        audience=audience_of(filter, saved),
        is_empty=not page.lines and not is_anybody_known(db.session()),
    )


@bp.post("/people/filters")
@staff(Role.LEAD)
def save_filter() -> ResponseReturnValue:
    """Keep the filter that stands in the address."""
    form, _ = people_form()
    name_form = NameForm(request.form)
    if not name_form.validate():
        raise Invalid(
            "A filter is kept under a name of 1 to 120 letters; nothing was saved. Go back and name it."
        )
    lists.save_filter(db.session(), name_form.name.data, form.filter(), user_id=current_user.id, now=now())
    flash(f"The filter is saved as “{name_form.name.data}”.")
    return redirect(url_for("people.index", **form.query()), 303)


@bp.post("/people/filters/<row:filter_id>/delete")
@staff(Role.LEAD)
def delete_filter(filter_id: int) -> ResponseReturnValue:
    lists.delete_filter(db.session(), filter_id, user_id=current_user.id, now=now())
    flash("The saved filter is deleted. Nobody was removed.")
    return redirect(url_for("people.index"), 303)


@bp.get("/people/new")
@staff(Role.LEAD)
def new() -> str:
    return render_template("directory/new_person.html", form=NewPersonForm())


@bp.post("/people/new")
@staff(Role.LEAD)
def add() -> ResponseReturnValue:
    form = NewPersonForm(request.form)
    if not form.validate():
        return render_template("directory/new_person.html", form=form), 422
    person_id = services.add_person(
        db.session(), **form.data, user_id=current_user.id, vault=vault(), now=now()
    )
    return redirect(url_for("people.show", person_id=person_id), 303)


@bp.get(PERSON)
@staff(Role.VIEWER)
def show(person_id: int) -> str:
    return person_page(person_details(db.session(), person_id, vault=vault()), unsubscribe_form())


@bp.get(f"{PERSON}/edit")
@staff(Role.LEAD)
def edit(person_id: int) -> str:
    details = person_details(db.session(), person_id, vault=vault())
    return render_template("directory/edit_person.html", details=details, form=person_form(details))


@bp.post(f"{PERSON}/edit")
@staff(Role.LEAD)
def save(person_id: int) -> ResponseReturnValue:
    details = person_details(db.session(), person_id, vault=vault())
    form = person_form(details)
    if not form.validate():
        return render_template("directory/edit_person.html", details=details, form=form), 422
    services.edit_person(
        db.session(),
        person_id,
        name=form.name.data,
        locale=form.locale.data,
        time_zone=form.time_zone.data,
        account=form.account.data,
        properties=form.properties.properties(),
        user_id=current_user.id,
        now=now(),
    )
    flash("The changes are saved.")
    return redirect(url_for("people.show", person_id=person_id), 303)


@bp.post(f"{PERSON}/unsubscribe")
@staff(Role.CSM)
def unsubscribe(person_id: int) -> ResponseReturnValue:
    details = person_details(db.session(), person_id, vault=vault())
    form = unsubscribe_form()
    if not details.person.email:
        raise Invalid("We have no address of this person, so nothing is sent to them anyway.")
    if not form.validate():
        return person_page(details, form), 422
    services.stop_mail(
        db.session(),
        details.person.email,
        reason=form.reason.data,
        survey_id=form.survey_id,
        user_id=current_user.id,
        vault=vault(),
        now=now(),
    )
    flash("Nothing more is sent to them, and what was scheduled is cancelled.")
    return redirect(url_for("people.show", person_id=person_id), 303)


def person_page(details: PersonDetails, form: UnsubscribeForm) -> str:
    asked = ledger_page(db.session.connection(), LedgerFilter(person_id=details.person.id), size=ASKED_SHOWN)
    return render_template(
        "directory/person.html",
        details=details,
        asked=asked,
        form=form,
        lift_form=ReasonForm(),
        reason_words=REASON_WORDS,
        role=current_user.role,
    )


def person_form(details: PersonDetails) -> PersonForm:
    """The form of what is known, or of what was sent."""
    account = details.account.name if details.account else ""
    form = PersonForm(request.form, obj=details.person, data={"account": account})
    form.offer_zones()
    form.properties.offer(details.person.properties)
    return form


def unsubscribe_form() -> UnsubscribeForm:
    form = UnsubscribeForm(request.form)
    form.offer_surveys(all_surveys(db.session()))
    return form


def people_form() -> tuple[PeopleForm, list[str]]:
    """The filters in the address, and the labels of those that were not understood."""
    form = PeopleForm(request.args)
    form.offer(all_lists(db.session()), active_staff(db.session()))
    return form, form.take_what_fits()


def count_of(page: Page[PersonLine], filter: PeopleFilter) -> int:
    """How many people fit; whoever looks for one of half a million waits for one search, not for two."""
    if page.before is None and page.after is None:
        return len(page.lines)
    return count_people(db.session(), filter, may_search_people=sees_people())


def audience_of(filter: PeopleFilter, saved: list[SavedFilter]) -> dict[str, int]:
    """How a campaign is told to ask the people who are shown; empty until their filter is saved."""
    if filter.list_id is not None and filter == PeopleFilter(list_id=filter.list_id):
        return {"list": filter.list_id}
    same = [kept.id for kept in saved if PeopleFilter.of_json(kept.filter) == filter]
    return {"filter": same[0]} if same else {}


def address_of(kept: dict[str, object]) -> dict[str, object]:
    """A kept filter as the page's address has it."""
    return {name.removesuffix("_id"): value for name, value in kept.items()}
