"""/accounts: customer companies and their people."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_security import current_user

from feedback_app.access import staff
from feedback_app.clock import now
from feedback_app.db import db
from feedback_app.directory import services
from feedback_app.directory.accounts import (
    AccountDetails,
    AccountFilter,
    account_details,
    accounts_page,
    is_any_account_known,
)
from feedback_app.directory.forms import AccountForm, AccountsForm
from feedback_app.directory.pages import row_id
from feedback_app.ledger.queries import LedgerFilter, ledger_page
from feedback_app.staff.models import Role
from feedback_app.staff.pages import reader_zone
from feedback_app.staff.queries import active_staff
from feedback_app.surveys.queries import all_surveys

bp = Blueprint("accounts", __name__)

ACCOUNT = "/accounts/<row:account_id>"
ASKED_SHOWN = 8


@bp.get("/accounts")
@staff(Role.VIEWER)
def index() -> str:
    form = AccountsForm(request.args)
    form.offer_staff(active_staff(db.session()))
    ignored = form.take_what_fits()
    page = accounts_page(
        db.session.connection(),
        {survey.id: survey for survey in all_surveys(db.session())},
        filter_of(form),
        form.order.data,
        after=request.args.get("after", type=row_id),
        before=request.args.get("before", type=row_id),
    )
    return render_template(
        "directory/accounts.html",
        form=form,
        ignored=ignored,
        page=page,
        query=form.query(),
        is_empty=not page.lines and not is_any_account_known(db.session()),
    )


@bp.get(ACCOUNT)
@staff(Role.VIEWER)
def show(account_id: int) -> str:
    details = account_details(db.session(), account_id)
    asked = ledger_page(db.session.connection(), LedgerFilter(account_id=account_id), size=ASKED_SHOWN)
    return render_template("directory/account.html", details=details, asked=asked, role=current_user.role)


@bp.get(f"{ACCOUNT}/edit")
@staff(Role.LEAD)
def edit(account_id: int) -> str:
    details = account_details(db.session(), account_id)
    return render_template("directory/edit_account.html", details=details, form=account_form(details))


@bp.post(f"{ACCOUNT}/edit")
@staff(Role.LEAD)
def save(account_id: int) -> ResponseReturnValue:
    details = account_details(db.session(), account_id)
    form = account_form(details)
    if not form.validate():
        return render_template("directory/edit_account.html", details=details, form=form), 422
    services.edit_account(
        db.session(),
        account_id,
        owner_id=int(form.owner.data) if form.owner.data else None,
        monthly_revenue=form.monthly_revenue.data,
        currency=form.currency.data or None,
        renews_on=form.renews_on.data,
        properties=form.properties.properties(),
        user_id=current_user.id,
        now=now(),
    )
    flash("The changes are saved.")
    return redirect(url_for("accounts.show", account_id=account_id), 303)


def filter_of(form: AccountsForm) -> AccountFilter:
    """By renewal, those are listed that renew from today on."""
    today = now().astimezone(reader_zone()).date()
    return AccountFilter(
        q=form.q.data or "",
        owner_id=int(form.owner.data) if form.owner.data else None,
        renews_from=today if form.order.data == "renewal" else None,
    )


def account_form(details: AccountDetails) -> AccountForm:
    """The form of what is known, or of what was sent."""
    account = details.account
    form = AccountForm(request.form, obj=account, data={"owner": str(account.owner_id or "")})
    staff = {user.id: user for user in active_staff(db.session())}
    if details.owner:  # also one who has left, or saving would take the account away
        staff[details.owner.id] = details.owner
    form.offer_staff(staff.values())
    form.properties.offer(account.properties)
    return form
